"""The same bytes are one instance; the same number with other bytes is for a person to settle."""

import dataclasses

import pytest

from consult.cases import service_draft
from consult.cases.images import service as images
from consult.cases.images import service_move, service_take
from consult.cases.images.errors import CaseNotOpenForImagesError
from consult.cases.model import Case, ServiceType
from consult.kernel.errors import NotFoundError
from consult.people.organisations import agreements
from consult.studies import service as studies
from consult.studies.errors import ConflictSettledError, InstanceRacedError
from consult.studies.model import Instance, Origin, Uids
from consult.studies.uploads.model import FileVerdict
from tests.makers.cases import case_rules, citizen_number, make_draft, make_patient
from tests.makers.consortium import Consortium, agreed_terms
from tests.makers.images import RULES, make_arrival, take_in


def only_instance(world: Consortium, case_id: str) -> Instance:
    (image,) = world.clinic.do(world.physician, images.list_case_images, case_id=case_id)
    return image.instance


def test_the_same_bytes_again_are_the_same_instance(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    first = take_in(world, case, make_arrival(world, "a.jpg", data=b"eye"))
    again = take_in(world, case, make_arrival(world, "a.jpg", data=b"eye"))
    assert [each.verdict for each in first + again] == [FileVerdict.STORED, FileVerdict.KNOWN]
    assert first[0].image_id == again[0].image_id
    assert only_instance(world, case.id).uids.study_instance_uid == "2.25.1"
    assert world.clinic.kinds().count("image.stored") == 1


def test_fifty_parallel_uploads_of_one_file_make_one_instance(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))

    raced = [
        world.clinic.start(
            world.photographer,
            service_take.take_in_images,
            case_id=case.id,
            received=[make_arrival(world, "a.jpg", data=b"eye")],
            rules=RULES,
        )
        for _ in range(50)
    ]
    verdicts = []
    for future in raced:
        try:
            verdicts.append(future.result(timeout=20)[0].verdict)
        except InstanceRacedError:
            verdicts.append(take_in(world, case, make_arrival(world, data=b"eye"))[0].verdict)
    assert verdicts.count(FileVerdict.STORED) == 1
    assert len(world.clinic.do(world.physician, images.list_case_images, case_id=case.id)) == 1


def test_one_number_with_other_bytes_is_kept_for_a_person_and_overwrites_nothing(
    world: Consortium,
) -> None:
    case = make_draft(world, make_patient(world))
    dicom = {"origin": Origin.DICOM, "uid": "1.2.3"}
    take_in(world, case, make_arrival(world, "a.dcm", data=b"one", **dicom))
    before = only_instance(world, case.id)
    for _ in range(2):
        (answer,) = take_in(world, case, make_arrival(world, "b.dcm", data=b"two", **dicom))
        assert answer.verdict is FileVerdict.CONFLICT
    assert only_instance(world, case.id) == before
    told = world.clinic.do(world.physician, images.get_set, case_id=case.id, protocol=None)
    assert len(told.conflicts) == 1
    problems = world.clinic.do(world.physician, images.blockers, case=case, protocol=None)
    assert "image-conflicts-open" in {problem.code for problem in problems}
    settle = {"case_id": case.id, "conflict_id": told.conflicts[0].id, "reason": "重复导出"}
    world.clinic.do(world.physician, images.settle, **settle)
    with pytest.raises(ConflictSettledError):
        world.clinic.do(world.physician, images.settle, **settle)
    told = world.clinic.do(world.physician, images.get_set, case_id=case.id, protocol=None)
    assert told.conflicts == []


def test_another_institution_may_hold_the_same_number(world: Consortium) -> None:
    own = make_draft(world, make_patient(world))
    other = dataclasses.replace(world, centre_id=world.other_id, photographer=world.stranger)
    dicom = {"origin": Origin.DICOM, "uid": "1.2.3"}
    take_in(world, own, make_arrival(world, data=b"one", **dicom))
    before = only_instance(world, own.id)
    patient = make_patient(
        world, by=world.stranger, name="王秀英", document_number=citizen_number(4)
    )
    foreign = _draft_elsewhere(world, patient.id)
    (answer,) = take_in(other, foreign, make_arrival(other, data=b"two", **dicom))
    assert answer.verdict is FileVerdict.STORED
    assert only_instance(world, own.id) == before
    uids = Uids("2.25.1", "2.25.2", "1.2.3")
    find = studies.get_by_uid
    for reader, holder in ((world.physician, world.centre_id), (world.stranger, world.other_id)):
        found = world.clinic.do(reader, find, institution_id=holder, uids=uids)
        assert found.institution_id == holder
        stranger = world.stranger if reader is world.physician else world.physician
        with pytest.raises(NotFoundError):
            world.clinic.do(stranger, find, institution_id=holder, uids=uids)


def test_the_same_bytes_under_another_patient_wait_for_a_reason(world: Consortium) -> None:
    zhang, wang = (
        make_patient(world),
        make_patient(world, name="王秀英", document_number=citizen_number(4)),
    )
    first, second = make_draft(world, zhang), make_draft(world, wang)
    take_in(world, first, make_arrival(world, data=b"eye"))
    (asked,) = take_in(world, second, make_arrival(world, data=b"eye", uid="2.25.77"))
    assert asked.verdict is FileVerdict.ASKED
    assert asked.facts == {"own": second.number, "other": first.number}
    assert world.clinic.do(world.physician, images.list_case_images, case_id=second.id) == []
    (kept,) = take_in(
        world,
        second,
        make_arrival(world, data=b"eye", uid="2.25.77"),
        reason="两人同名，照片属此患者",
    )
    assert kept.verdict is FileVerdict.STORED
    line = next(line for line in world.clinic.lines() if line.kind == "image.same_bytes_kept")
    assert line.words["reason"].startswith("两人同名")
    assert line.codes["other_case"] == first.id


def test_one_dicom_object_under_two_patients_stays_two_rows_of_one_address(
    world: Consortium,
) -> None:
    zhang, wang = (
        make_patient(world),
        make_patient(world, name="王秀英", document_number=citizen_number(4)),
    )
    first, second = make_draft(world, zhang), make_draft(world, wang)
    dicom = {"origin": Origin.DICOM, "uid": "1.2.3"}
    take_in(world, first, make_arrival(world, data=b"eye", **dicom))
    (kept,) = take_in(world, second, make_arrival(world, data=b"eye", **dicom), reason="已核对")
    assert kept.verdict is FileVerdict.STORED
    assert only_instance(world, first.id).patient_id == zhang.id
    assert only_instance(world, second.id).patient_id == wang.id


def test_an_image_taken_out_of_a_draft_leaves_nothing_and_may_come_again(
    world: Consortium,
) -> None:
    zhang, wang = (
        make_patient(world),
        make_patient(world, name="王秀英", document_number=citizen_number(4)),
    )
    first, second = make_draft(world, zhang), make_draft(world, wang)
    (taken,) = take_in(world, first, make_arrival(world, data=b"eye"))
    world.clinic.do(
        world.photographer,
        service_move.remove_images,
        case_id=first.id,
        image_ids=[taken.image_id],
        reason="",
    )
    assert world.clinic.do(world.physician, images.list_case_images, case_id=first.id) == []
    (free,) = take_in(world, second, make_arrival(world, data=b"eye"))
    assert free.verdict is FileVerdict.STORED


def test_images_reach_only_own_open_cases(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    with pytest.raises(NotFoundError):
        take_in(world, case, make_arrival(world), by=world.stranger)
    with pytest.raises(NotFoundError):
        world.clinic.do(world.stranger, images.list_case_images, case_id=case.id)

    world.clinic.do(
        world.physician,
        service_draft.cancel_case,
        case_id=case.id,
        revision=case.revision,
        reason="误开",
    )
    with pytest.raises(CaseNotOpenForImagesError):
        take_in(world, case, make_arrival(world))


def _draft_elsewhere(world: Consortium, patient_id: str) -> Case:
    """A case of the other centre, written as its own service would."""
    world.clinic.system(
        agreements.add_agreement,
        consortium_id=world.id,
        inviting_id=world.other_id,
        invited_id=world.lead_id,
        terms=agreed_terms(world.clinic, frozenset(ServiceType)),
    )
    return world.clinic.do(
        world.stranger,
        service_draft.open_case,
        patient_id=patient_id,
        service_type=ServiceType.SCREENING_READ,
        panel_id=world.panel_id,
        rules=case_rules(),
    )
