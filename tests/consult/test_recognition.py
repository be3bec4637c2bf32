"""Mutual recognition (IMG-12): an earlier exam is shown, used, or repeated with a reason."""

from dataclasses import replace

import pytest

from consult.access.model import ObjectType
from consult.cases import service_draft, service_end
from consult.cases.consent_rules import ConsentItem
from consult.cases.consents import service as consents
from consult.cases.corrections.errors import TakenElsewhereError
from consult.cases.images import service_confirm, service_move
from consult.cases.images.errors import ImageNotFoundError
from consult.cases.model import Case
from consult.cases.recognition import service as recognition
from consult.cases.recognition.errors import ExamInUseError, ExamNotOfferedError
from consult.dossiers import service as dossiers
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.eyes import Eye
from consult.people.organisations import consortia
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.reports import rereads
from consult.reports.seal import SystemSeal
from consult.reports.verify import content_of
from tests.makers import exams
from tests.makers.cases import citizen_number, give_consent, make_patient, sees, submit
from tests.makers.consortium import Consortium
from tests.makers.corrections import correct_eye, correct_patient, now_of, shown
from tests.makers.exams import ask, days_after, neighbour_of, offered, pictures, repeat, use
from tests.makers.marks import lesions
from tests.makers.readings import ungradable
from tests.makers.reports import (
    add_photographs,
    full_body,
    make_read_case,
    prepare,
    sign,
)

_OTHER = citizen_number(40)


@pytest.fixture
def near(world: Consortium) -> Consortium:
    """The centre whose patient comes ten days after an exam at the other one."""
    return days_after(world, 10)


@pytest.fixture
def far(world: Consortium) -> Consortium:
    """The other centre, on the day of its exam."""
    return neighbour_of(world)


def _patient_of(world: Consortium, patient_id: str) -> Patient:
    return world.clinic.do(world.physician, patients.get_patient, patient_id=patient_id)


def _use_again(world: Consortium, case: Case) -> None:
    world.clinic.do(
        world.physician,
        recognition.use_exam,
        case_id=case.id,
        recognition_id=exams.lines(world, case)[0].id,
        book=exams.book(),
    )


def test_an_exam_of_ten_days_ago_at_another_centre_is_shown_and_can_be_used(
    near: Consortium, far: Consortium
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    found = offered(near, case)
    assert [(e.kind, e.source.case_id, len(e.pictures)) for e in found] == [
        (exams.FUNDUS, earlier.id, 4)
    ]
    study = found[0].pictures[0].study_id
    assert not sees(near, near.physician, ObjectType.STUDY, study)
    use(near, case)
    assert sees(near, near.physician, ObjectType.STUDY, study)
    assert not sees(near, near.physician, ObjectType.CASE, earlier.id)
    assert exams.problems_of(near, case) == {}
    sent = submit(near, case)
    held = pictures(near, sent)
    assert {each.instance.institution_id for each in held} == {near.other_id}
    assert {(each.eye, each.field) for each in held} == {
        (each.eye, each.field) for each in shown(far, earlier)
    }
    assert sees(near, near.expert, ObjectType.STUDY, study)
    kinds = near.clinic.kinds()
    assert [kind for kind in kinds if kind.startswith("recognition.")] == [
        "recognition.offered",
        "recognition.used",
        "recognition.lent",
    ]


def test_taking_the_same_again_needs_a_reason(near: Consortium, far: Consortium) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    add_photographs(near, case)
    with pytest.raises(FormRefusedError) as refused:
        submit(near, case)
    assert {each.field: each.code for each in refused.value.problems} == {
        f"recognition.{exams.FUNDUS}": "repeat-needs-reason"
    }
    for reason, note, field in (("", "", "reason"), ("whim", "", "reason"), ("other", " ", "note")):
        with pytest.raises(RefusedError) as malformed:
            repeat(near, case, reason, note)
        assert [each.field for each in malformed.value.problems] == [field]
    assert repeat(near, case, "other", "镜头有污渍").note == "镜头有污渍"
    repeat(near, case, "condition_changed")
    submit(near, case)
    said = near.clinic.system(recognition.list_repeats, case_id=case.id)
    assert [(each.reason, each.note, each.counted_at) for each in said] == [
        ("condition_changed", "", near.clinic.now)
    ]


def test_a_reason_counts_only_where_the_exam_was_really_taken_again(
    near: Consortium, far: Consortium
) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    repeat(near, case)
    use(near, case)
    submit(near, case)
    said = near.clinic.system(recognition.list_repeats, case_id=case.id)
    assert [each.counted_at for each in said] == [None]


def test_own_exams_of_an_earlier_case_are_shown_as_well(world: Consortium) -> None:
    earlier = make_read_case(world, service_type=exams.SCREENING)
    later = days_after(world, 10)
    patient = _patient_of(later, earlier.patient_id)
    case = ask(later, patient)
    assert [each.source.case_id for each in offered(later, case)] == [earlier.id]
    use(later, case)
    submit(later, case)
    too_late = days_after(world, 101)
    assert offered(too_late, ask(too_late, patient, agreed=False)) == []


def test_nothing_of_another_centre_is_told_before_the_patient_agrees_to_sharing(
    near: Consortium, far: Consortium
) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    case = ask(near, agreed=False)
    assert offered(near, case) == []
    patient = _patient_of(near, case.patient_id)
    give_consent(near, patient, items=frozenset({ConsentItem.TELEMEDICINE}))
    assert offered(near, case) == []
    assert exams.lines(near, case) == []
    give_consent(near, patient)
    assert len(offered(near, case)) == 1


def test_an_exam_whose_consent_was_withdrawn_is_never_offered_and_its_use_ends(
    near: Consortium, far: Consortium
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    case, other = ask(near), ask(near, make_patient(near, document_number=_OTHER))
    study = offered(near, case)[0].pictures[0].study_id
    use(near, case)
    given = far.clinic.do(far.physician, consents.list_consents, patient_id=earlier.patient_id)[0]
    withdrawal = {"consent_id": given.id, "reason": "不再同意"}
    days_after(far, 10).clinic.do(far.physician, consents.withdraw_consent, **withdrawal)
    assert not sees(near, near.physician, ObjectType.STUDY, study)
    assert pictures(near, case) == []
    assert offered(near, case) == []
    assert [each.ended_why for each in exams.lines(near, case)] == ["source_closed"]
    with pytest.raises(ExamNotOfferedError):
        _use_again(near, case)
    assert offered(near, other) == []


def test_a_sent_case_keeps_on_record_what_the_withdrawal_closes(
    near: Consortium, far: Consortium, seal: SystemSeal
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    use(near, case)
    sent = submit(near, case)
    study = pictures(near, sent)[0].instance.study_id
    given = far.clinic.do(far.physician, consents.list_consents, patient_id=earlier.patient_id)[0]
    days_after(far, 11).clinic.do(
        far.physician, consents.withdraw_consent, consent_id=given.id, reason="不再同意"
    )
    for person in (near.physician, near.expert):
        assert not sees(days_after(near, 2), person, ObjectType.STUDY, study)
    after = days_after(near, 2)
    held = pictures(after, sent)
    assert len(held) == 4
    told = {"case_id": sent.id, "image_id": held[0].id}
    with pytest.raises(NotFoundError):
        after.clinic.do(near.physician, dossiers.find_original, **told)
    asked = {"case_id": sent.id, "seal": seal, "lesions": lesions()}
    dossier = after.clinic.do(near.physician, dossiers.gather_dossier, **asked)
    assert dossier.images == []
    assert dossier.files["manifest.json"].count(b'"not_shared"') == 4


@pytest.mark.parametrize("end", ["cancelled", "withdrawn", "consent"])
def test_what_a_case_used_closes_to_its_institution_when_it_ends(
    near: Consortium, far: Consortium, end: str
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    use(near, case)
    study = pictures(near, case)[0].instance.study_id
    told = {"case_id": case.id, "revision": case.revision, "reason": "不需要了"}
    if end == "cancelled":
        near.clinic.do(near.physician, service_draft.cancel_case, **told)
    elif end == "withdrawn":
        sent = submit(near, case)
        told["revision"] = sent.revision
        near.clinic.do(near.physician, service_end.withdraw_case, **told)
    else:
        given = near.clinic.do(near.physician, consents.list_consents, patient_id=case.patient_id)[
            0
        ]
        near.clinic.do(
            near.physician, consents.withdraw_consent, consent_id=given.id, reason="不再同意"
        )
    after = days_after(near, 1)
    assert not sees(after, near.physician, ObjectType.STUDY, study)
    assert sees(after, far.physician, ObjectType.STUDY, study)
    assert sees(after, near.expert, ObjectType.STUDY, study)  # by the case for which it was taken
    assert [each.is_used for each in exams.lines(near, case)] == [False]
    assert exams.lines(near, case)[0].source_case_id == earlier.id


def test_an_exam_can_be_given_up_and_used_again(near: Consortium, far: Consortium) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    line = use(near, case)
    study = pictures(near, case)[0].instance.study_id
    with pytest.raises(ExamInUseError):
        _use_again(near, case)
    give_up = {"case_id": case.id, "recognition_id": line.id}
    near.clinic.do(near.physician, recognition.give_up_exam, **give_up)
    assert pictures(near, case) == []
    assert not sees(near, near.physician, ObjectType.STUDY, study)
    with pytest.raises(ExamNotOfferedError):
        near.clinic.do(near.physician, recognition.give_up_exam, **give_up)
    _use_again(near, case)
    assert len(pictures(near, case)) == 4


def test_an_eye_that_the_reader_could_not_grade_is_no_valid_exam(
    near: Consortium, far: Consortium, seal: SystemSeal
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    body = full_body(left=ungradable())
    sign(
        far,
        earlier,
        by=far.expert,
        shown=prepare(far, earlier, by=far.expert, body=body),
        seal=seal,
    )
    found = offered(near, ask(near))
    assert {picture.eye for picture in found[0].pictures} == {Eye.RIGHT}
    assert found[0].reading is not None


def test_another_consortiums_exams_are_never_offered(near: Consortium, far: Consortium) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    assert offered(near, case)
    far.clinic.system(consortia.end_membership, consortium_id=far.id, institution_id=far.centre_id)
    assert offered(near, case) == []


def test_a_withdrawn_case_and_pictures_of_another_patient_are_never_offered(
    near: Consortium, far: Consortium
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    correct_patient(far, earlier, shown(far, earlier)[:3], None)
    assert [len(each.pictures) for each in offered(near, case)] == [1]
    now = now_of(far, earlier)
    withdrawal = {"case_id": earlier.id, "revision": now.revision, "reason": "不需要了"}
    far.clinic.do(far.physician, service_end.withdraw_case, **withdrawal)
    assert offered(near, case) == []


def test_somebody_elses_exam_and_one_without_a_document_are_never_offered(
    near: Consortium, far: Consortium
) -> None:
    make_read_case(far, service_type=exams.SCREENING, document_number=_OTHER)
    assert offered(near, ask(near)) == []


def test_a_wrong_patient_there_is_struck_out_here_and_a_wrong_eye_corrected(
    near: Consortium, far: Consortium, seal: SystemSeal
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    use(near, case)
    sent = submit(near, case)
    signed = sign(near, sent, by=near.expert, shown=prepare(near, sent, by=near.expert), seal=seal)
    told = [each["recognised_from"]["id"] for each in content_of(signed)["materials"]]
    assert told == [far.centre_id] * 4
    first, second = shown(far, earlier)[:2]
    later = days_after(far, 11)
    correct_patient(later, earlier, [first], None)
    correct_eye(later, earlier, second, (second.eye or Eye.RIGHT).other)
    here = pictures(near, sent)
    assert len(here) == 3
    assert first.instance.id not in {each.instance.id for each in here}
    sha256 = second.instance.source_sha256
    changed = next(each for each in here if each.instance.source_sha256 == sha256)
    assert changed.eye is (second.eye or Eye.RIGHT).other
    lines = [line for line in near.clinic.lines() if line.kind == "case.corrected"]
    assert [bool(line.words) for line in lines if line.case_id == sent.id] == [False, False]
    again = near.clinic.do(near.expert, rereads.pending_of, report=signed, versions=[signed])
    assert len(again) == 2


def test_a_recognised_picture_is_changed_where_it_was_taken_only(
    near: Consortium, far: Consortium
) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    use(near, case)
    image = pictures(near, case)[0]
    do, by = near.clinic.do, near.physician
    one = {"case_id": case.id, "image_ids": [image.id]}
    with pytest.raises(ImageNotFoundError):
        do(by, service_confirm.mark_images, **one, eye=Eye.LEFT, field=None)
    with pytest.raises(ImageNotFoundError):
        do(by, service_move.remove_images, **one, reason="误传")
    said = [service_confirm.Said(image.id, Eye.LEFT, image.field)]
    with pytest.raises(ImageNotFoundError):
        do(by, service_confirm.plan_confirming, case_id=case.id, said=said, protocol=None)
    sent = submit(near, case)
    with pytest.raises(TakenElsewhereError):
        correct_eye(near, sent, image, Eye.LEFT)


def test_nobody_uses_an_exam_in_anothers_case(near: Consortium, far: Consortium) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    case = ask(near)
    offered(near, case)
    told = {"case_id": case.id, "recognition_id": exams.lines(near, case)[0].id}
    for person in (near.stranger, near.expert):
        with pytest.raises(NotFoundError):
            near.clinic.do(person, recognition.use_exam, **told, book=exams.book())
    there = replace(far, clinic=near.clinic)
    patient = make_patient(there, document_number=_OTHER, by=far.physician)
    told["case_id"] = ask(there, patient).id
    with pytest.raises(ExamNotOfferedError):
        near.clinic.do(far.physician, recognition.use_exam, **told, book=exams.book())
