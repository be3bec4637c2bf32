"""Pictures of a wrong eye or a wrong patient, corrected after the submission: both states stay."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from consult.cases.corrections import service as corrections
from consult.cases.corrections.errors import (
    NotAnotherPatientError,
    NotCorrectedHereError,
    NothingCorrectedError,
)
from consult.cases.corrections.model import CorrectionKind
from consult.cases.errors import CaseChangedError
from consult.cases.images import service_confirm, service_move
from consult.cases.images.errors import (
    ImageNotFoundError,
    ImageSentError,
    SameBytesBothEyesError,
)
from consult.cases.model import Case, CaseStatus
from consult.cases.protocol import FieldCode
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.reports import rereads, service_looks, service_sign
from consult.reports import service as reports
from consult.reports.errors import ShownChangedError
from consult.reports.rereads import Reread
from consult.reports.seal import Seal, load_seal
from consult.reports.versions import Report
from consult.studies import service as studies
from consult.studies.errors import InstanceChangedError, InstanceWithdrawnError
from consult.studies.model import Instance, Origin
from consult.studies.tables import InstanceRow
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.corrections import OTHERS, WHY, correct_eye, correct_patient, now_of, shown
from tests.makers.images import make_arrival, take_in
from tests.makers.reports import (
    amend,
    claim,
    look_at_all,
    make_read_case,
    prepare,
    problems_of,
    report_rules,
    retract,
    show,
    sign,
)
from tests.makers.returns import send_back

R, L = Eye.RIGHT, Eye.LEFT


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return load_seal(tmp_path)


@pytest.fixture
def signed(world: Consortium, seal: Seal) -> Case:
    """A case whose report is signed."""
    case = make_read_case(world)
    shown_first = prepare(world, case, by=world.expert)
    sign(world, case, by=world.expert, shown=shown_first, seal=seal)
    return case


@pytest.fixture
def other(world: Consortium) -> Case:
    """The open draft of another patient of the same centre."""
    patient = make_patient(world, name="王秀英", document_number=citizen_number(40))
    return make_draft(world, patient)


def later(world: Consortium, minutes: int = 5) -> Consortium:
    return replace(world, clinic=world.clinic.later(minutes=minutes))


def versions(world: Consortium, case: Case) -> list[Report]:
    return world.clinic.do(world.expert, reports.list_reports, case_id=case.id)


def reread(world: Consortium, case: Case) -> Reread | None:
    return world.clinic.do(
        world.expert,
        rereads.find_reread,
        case=now_of(world, case),
        versions=versions(world, case),
    )


def make_foreign(world: Consortium, case: Case) -> None:
    """As if the pictures had come as DICOM objects of a camera's own."""

    def step(work: Work) -> None:
        ids = [image.instance.id for image in shown_ids]
        work.session.execute(
            update(InstanceRow).where(InstanceRow.id.in_(ids)).values(origin=Origin.DICOM)
        )

    shown_ids = shown(world, case)
    world.clinic.system(step)


def test_a_corrected_eye_is_a_new_object_and_the_old_one_stays_addressable(
    world: Consortium, signed: Case
) -> None:
    world = later(world)
    before = shown(world, signed)[0]
    made = correct_eye(world, signed, before, before.eye.other if before.eye else L)
    after = next(image for image in shown(world, signed) if image.id == before.id)
    assert (made.kind, made.eye_before, made.eye_after) == (
        CorrectionKind.WRONG_EYE,
        before.eye,
        after.eye,
    )
    assert after.eye is not before.eye
    assert after.instance.uids.sop_instance_uid != before.instance.uids.sop_instance_uid
    assert after.instance.study_id == before.instance.study_id
    assert after.instance.description.laterality == (after.eye.laterality if after.eye else None)
    old = world.clinic.do(world.expert, studies.get_instance, instance_id=before.instance.id)
    assert (old.original, old.successor_id) == (before.instance.original, after.instance.id)
    line = next(line for line in world.clinic.lines() if line.kind == corrections.KIND)
    assert (line.words["reason"], line.codes["eye_after"]) == (WHY, after.eye)
    assert line.practitioner_id == world.physician.person


def test_a_foreign_object_keeps_its_bytes_and_identity(world: Consortium, signed: Case) -> None:
    make_foreign(world, signed)
    world = later(world)
    before = shown(world, signed)[0]
    correct_eye(world, signed, before, before.eye, field=FieldCode.OTHER)
    after = next(image for image in shown(world, signed) if image.id == before.id)
    assert after.instance == before.instance
    assert (after.eye, after.field) == (before.eye, FieldCode.OTHER)
    found = reread(world, signed)
    assert found is not None
    assert found.corrections[0].is_in_place
    correct_eye(later(world), signed, after, before.eye, field=before.field)
    assert reread(world, signed) is None  # it is again what was signed


def test_nobody_corrects_what_is_not_theirs_not_sent_or_not_wrong(
    world: Consortium, signed: Case, other: Case
) -> None:
    image = shown(world, signed)[0]
    opposite = image.eye.other if image.eye else L
    for who in (world.stranger, world.expert):
        with pytest.raises(NotFoundError):
            correct_eye(world, signed, image, opposite, by=who)
    with pytest.raises(NothingCorrectedError):
        correct_eye(world, signed, image, image.eye)
    with pytest.raises(RefusedError):
        correct_eye(world, signed, image, opposite, reason="  ")
    with pytest.raises(CaseChangedError):
        correct_eye(world, signed, image, opposite, revision=1)
    with pytest.raises(ImageNotFoundError):
        correct_eye(world, signed, image, opposite, image_id="0" * 32)
    with pytest.raises(NotCorrectedHereError):
        correct_eye(world, other, image, opposite)
    assert corrections.KIND not in world.clinic.kinds()


def test_a_correction_prepared_twice_is_made_once(world: Consortium, signed: Case) -> None:
    image = shown(world, signed)[0]
    opposite = image.eye.other if image.eye else L
    revision = now_of(world, signed).revision
    correct_eye(world, signed, image, opposite, revision=revision)
    with pytest.raises(CaseChangedError):
        correct_eye(world, signed, image, opposite, revision=revision)
    assert world.clinic.kinds().count(corrections.KIND) == 1


def test_the_case_stays_with_whom_it_stood(world: Consortium, signed: Case, other: Case) -> None:
    before = now_of(world, signed)
    correct_patient(world, signed, shown(world, signed), other)
    after = now_of(world, signed)
    assert (after.status, after.owner_id) == (before.status, before.owner_id)
    assert after.revision == before.revision + 1


def test_pictures_of_another_patient_are_copied_and_struck_out(
    world: Consortium, signed: Case, other: Case
) -> None:
    world = later(world)
    mine = shown(world, signed)[:2]
    correct_patient(world, signed, mine, other)
    assert {image.id for image in shown(world, signed)}.isdisjoint(image.id for image in mine)
    copied = shown(world, other)
    assert [image.is_confirmed for image in copied] == [False, False]
    assert {image.instance.patient_id for image in copied} == {other.patient_id}
    assert {image.instance.source_sha256 for image in copied} == {
        image.instance.source_sha256 for image in mine
    }
    for image in mine:
        for who in (world.physician, world.expert):
            with pytest.raises(InstanceWithdrawnError):
                world.clinic.do(who, studies.get_instance, instance_id=image.instance.id)
        kept = world.clinic.system(_stored, instance_id=image.instance.id)
        assert kept.original == image.instance.original
    lines = [line for line in world.clinic.lines() if line.kind == "image.brought"]
    assert {(line.case_id, line.words["reason"]) for line in lines} == {(other.id, OTHERS)}


def test_what_was_corrected_before_is_struck_out_with_it(
    world: Consortium, signed: Case, other: Case
) -> None:
    first = shown(world, signed)[0]
    correct_eye(world, signed, first, first.eye, field=FieldCode.OTHER)
    second = next(image for image in shown(world, signed) if image.id == first.id)
    world = later(world)
    correct_patient(world, signed, [second], other)
    for image in (first, second):
        with pytest.raises(InstanceWithdrawnError):
            world.clinic.do(world.expert, studies.get_instance, instance_id=image.instance.id)
        gone = world.clinic.system(_stored, instance_id=image.instance.id)
        found = world.clinic.do(
            world.physician, studies.find_successor, instance_id=gone.successor_id
        )
        assert found is not None
        assert found.patient_id == other.patient_id


def test_only_whoever_may_see_the_copy_is_told_of_it(
    world: Consortium, signed: Case, other: Case
) -> None:
    (image,) = shown(world, signed)[:1]
    (made,) = correct_patient(world, signed, [image], other)
    told = {
        who: world.clinic.do(who, studies.find_successor, instance_id=made.new_instance_id)
        for who in (world.physician, world.expert, world.stranger)
    }
    assert [found is not None for found in told.values()] == [True, False, False]


def test_a_picture_may_be_nobodys_yet_and_only_an_open_draft_of_another_takes_it(
    world: Consortium, signed: Case
) -> None:
    first, second = shown(world, signed)[:2]
    own = make_draft(world, world.clinic.system(_patient, case=signed))
    for target in (signed, own):
        with pytest.raises(NotAnotherPatientError):
            correct_patient(world, signed, [second], target)
    (made,) = correct_patient(world, signed, [first], None)
    assert (made.to_case_id, made.new_instance_id) == (None, None)
    with pytest.raises(InstanceWithdrawnError):
        world.clinic.do(world.expert, studies.get_instance, instance_id=first.instance.id)
    assert second.id in {image.id for image in shown(world, signed)}


def test_struck_out_bytes_do_not_come_back_by_another_upload(
    world: Consortium, signed: Case
) -> None:
    draft = make_draft(world, world.clinic.system(_patient, case=signed))
    arrival = make_arrival(world, "foreign.dcm", origin=Origin.DICOM, uid="2.25.77")
    take_in(world, draft, arrival)
    (image,) = shown(world, draft)
    world.clinic.system(_withdraw, instance=image.instance)
    again = make_arrival(world, "foreign.dcm", origin=Origin.DICOM, uid="2.25.77")
    (result,) = take_in(world, draft, again)
    assert (result.verdict, result.code) == ("refused", "image-other-patient")


def test_a_report_on_a_corrected_picture_is_flagged_until_it_is_amended(
    world: Consortium, signed: Case, seal: Seal
) -> None:
    assert reread(world, signed) is None
    world = later(world)
    image = shown(world, signed)[0]
    correct_eye(world, signed, image, image.eye, field=FieldCode.OTHER)
    found = reread(world, signed)
    assert found is not None
    assert (found.report.version, found.reader_id) == (1, world.expert.person)
    (line,) = world.clinic.do(world.expert, rereads.list_rereads)
    assert (line.case.id, line.reader_id) == (signed.id, world.expert.person)
    assert world.clinic.do(world.stranger, rereads.list_rereads) == []

    world = later(world)
    with pytest.raises(FormRefusedError) as refusal:
        amend(world, versions(world, signed)[0], seal=seal)
    assert set(problems_of(refusal).values()) == {"image-unseen"}
    look_at_all(world, signed, by=world.expert)
    _finish_amendment(world, signed, seal)

    assert reread(world, signed) is None
    assert world.clinic.do(world.expert, rereads.list_rereads) == []
    new, old = versions(world, signed)
    assert world.clinic.do(world.expert, rereads.pending_of, report=old, versions=[new, old]) == ()


def test_a_report_on_another_patients_pictures_is_flagged_until_it_is_retracted(
    world: Consortium, signed: Case, other: Case, seal: Seal
) -> None:
    world = later(world)
    correct_patient(world, signed, shown(world, signed), other)
    assert reread(world, signed) is not None
    retract(later(world), versions(world, signed)[0], seal=seal)
    assert reread(later(world), signed) is None


def test_a_version_signed_before_the_correction_settles_nothing(
    world: Consortium, signed: Case, other: Case, seal: Seal
) -> None:
    world = later(world)
    amend(world, versions(world, signed)[0], seal=seal, advice="1 周内就诊")
    world = later(world)
    correct_patient(world, signed, shown(world, signed)[:1], other)
    new, old = versions(world, signed)
    for report in (new, old):
        assert world.clinic.do(world.expert, rereads.pending_of, report=report, versions=[new, old])


def test_a_report_that_left_the_picture_out_is_not_flagged(
    world: Consortium, seal: Seal, other: Case
) -> None:
    case = make_read_case(world)
    prepare(world, case, by=world.expert)
    image = shown(world, case)[0]
    world.clinic.do(
        world.expert,
        service_looks.leave_out,
        case_id=case.id,
        instance_id=image.instance.id,
        reason="过曝",
    )
    sign(world, case, by=world.expert, shown=show(world, case, by=world.expert), seal=seal)
    world = later(world)
    correct_patient(world, case, [image], other)
    assert reread(world, case) is None


def test_what_was_shown_before_a_correction_cannot_be_signed(world: Consortium, seal: Seal) -> None:
    case = make_read_case(world)
    stale = prepare(world, case, by=world.expert)
    world = later(world)
    image = shown(world, case)[0]
    correct_eye(world, case, image, image.eye, field=FieldCode.OTHER)
    with pytest.raises(FormRefusedError) as refusal:
        sign(world, case, by=world.expert, shown=stale, seal=seal)
    assert set(problems_of(refusal).values()) == {"image-unseen"}
    draft = world.clinic.do(world.expert, reports.get_draft, case_id=case.id)
    assert draft is not None
    look_at_all(world, case, by=world.expert)
    with pytest.raises(ShownChangedError):
        sign(world, case, by=world.expert, shown=stale, seal=seal)
    fresh = show(world, case, by=world.expert)
    report = sign(world, case, by=world.expert, shown=fresh, seal=seal)
    assert report.version == 1
    assert reread(world, case) is None


def test_a_foreign_object_can_be_seen_anew_too(world: Consortium, seal: Seal) -> None:
    case = make_read_case(world)
    make_foreign(world, case)
    stale = prepare(world, case, by=world.expert)
    world = later(world)
    image = shown(world, case)[0]
    correct_eye(world, case, image, image.eye, field=FieldCode.OTHER)
    with pytest.raises(FormRefusedError):
        sign(world, case, by=world.expert, shown=stale, seal=seal)
    world = later(world)
    look_at_all(world, case, by=world.expert)
    fresh = world.clinic.do(
        world.expert,
        service_sign.preview,
        case_id=case.id,
        rules=report_rules(case.service_type),
    )
    assert fresh.shown_sha256 != stale.shown_sha256


def test_in_a_returned_case_what_was_sent_is_corrected_and_not_changed(
    world: Consortium, other: Case
) -> None:
    case = make_read_case(world)
    image = shown(world, case)[0]
    claim(world, case, by=world.expert)
    send_back(world, case)
    with pytest.raises(ImageSentError):
        world.clinic.do(
            world.physician,
            service_confirm.mark_images,
            case_id=case.id,
            image_ids=[image.id],
            eye=L,
            field=None,
        )
    with pytest.raises(ImageSentError):
        world.clinic.do(
            world.physician,
            service_confirm.confirm_alone,
            case_id=case.id,
            said=[service_confirm.Said(image.id, image.eye, FieldCode.OTHER)],
            relabelled=[],
            protocol=None,
        )
    with pytest.raises(ImageSentError):
        world.clinic.do(
            world.physician,
            service_move.plan_move,
            move=service_move.Move(case.id, other.id, (image.id,), OTHERS),
            names=None,
        )
    correct_eye(world, case, image, image.eye, field=FieldCode.OTHER)
    assert now_of(world, case).status is CaseStatus.RETURNED


def test_one_picture_never_becomes_both_eyes(world: Consortium) -> None:
    case = make_read_case(world)
    first, second = [image for image in shown(world, case) if image.eye is R]
    world.clinic.system(_same_bytes, ids=[first.instance.id, second.instance.id])
    with pytest.raises(SameBytesBothEyesError):
        correct_eye(world, case, first, L)


def test_bytes_that_changed_since_they_were_read_are_refused(
    world: Consortium, signed: Case
) -> None:
    image = shown(world, signed)[0]
    with pytest.raises(InstanceChangedError):
        world.clinic.do(
            world.physician,
            _correct_without_bytes,
            case_id=signed.id,
            image=image,
            revision=now_of(world, signed).revision,
        )


def _correct_without_bytes(work: Work, *, case_id: str, image: object, revision: int) -> None:
    from consult.cases.corrections.model import EyeWish  # noqa: PLC0415
    from consult.cases.corrections.service_eye import correct_eye as step  # noqa: PLC0415

    wish = EyeWish(case_id, image.id, revision, None, FieldCode.OTHER, WHY)  # type: ignore[attr-defined]
    step(work, wish, made={})


def _finish_amendment(world: Consortium, case: Case, seal: Seal) -> None:
    fresh = show(world, case, by=world.expert)
    sign(world, case, by=world.expert, shown=fresh, seal=seal)


def _stored(work: Work, *, instance_id: str) -> Instance:
    return studies.list_instances(work, [instance_id])[instance_id]


def _withdraw(work: Work, *, instance: Instance) -> None:
    from consult.studies.corrections import withdraw_instance  # noqa: PLC0415

    withdraw_instance(work, instance.id, None)


def _patient(work: Work, *, case: Case) -> object:
    from consult.people.patients.service import get_patient  # noqa: PLC0415

    return get_patient(work, case.patient_id)


def _same_bytes(work: Work, *, ids: list[str]) -> None:
    work.session.execute(
        update(InstanceRow).where(InstanceRow.id.in_(ids)).values(source_sha256="5" * 64)
    )
