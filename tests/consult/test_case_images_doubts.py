"""A folder of nameless photographs must not put one patient's eyes under another's name (U1)."""

import dataclasses
from datetime import timedelta

import pytest

from consult.cases.images import service as images
from consult.cases.images import service_move
from consult.cases.images.errors import MoveTargetError, QuestionAnsweredError
from consult.cases.images.model import QuestionKind
from consult.cases.images.service_move import Move
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.studies.model import Origin
from consult.studies.service import Refiled
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.clinic import MORNING
from tests.makers.consortium import Consortium
from tests.makers.images import RULES, make_arrival, make_blob, take_in


def open_at(world: Consortium, case: Case, minute: int) -> None:
    """The draft is on somebody's screen at this minute of the morning."""
    clinic = world.clinic.later(minutes=minute)
    clinic.do(world.photographer, images.note_opening, case=case)


def set_of(world: Consortium, case: Case) -> images.ImageSet:
    return world.clinic.do(world.physician, images.get_set, case_id=case.id, protocol=None)


def two_drafts(world: Consortium) -> tuple[Case, Case]:
    zhang = make_patient(world)
    wang = make_patient(world, name="王秀英", document_number=citizen_number(4))
    first = make_draft(world, zhang)
    later = dataclasses.replace(world, clinic=world.clinic.later(minutes=10))
    return first, make_draft(later, wang)


def test_swapped_folders_are_caught_and_block_until_somebody_answers(world: Consortium) -> None:
    zhang, wang = two_drafts(world)
    open_at(world, zhang, 0)
    open_at(world, wang, 10)
    eight = [
        make_arrival(world, f"IMG_{number:04}.JPG", at=MORNING + timedelta(minutes=number + 1))
        for number in range(8)
    ]
    take_in(world, wang, *eight)
    found = set_of(world, wang)
    assert [(each.kind, each.image_count) for each in found.questions] == [
        (QuestionKind.OTHER_WINDOW, 8)
    ]
    question = found.questions[0]
    assert (question.named_name, question.banner_name) == ("张桂英", "王秀英")
    blocked = world.clinic.do(world.physician, images.blockers, case=wang, protocol=None)
    assert "image-questions-open" in {each.code for each in blocked}
    answer = {"case_id": wang.id, "question_id": question.id, "note": "相机时钟慢 10 分钟"}
    world.clinic.do(world.photographer, images.answer_question, **answer)
    assert not set_of(world, wang).questions[0].is_open
    with pytest.raises(QuestionAnsweredError):
        world.clinic.do(world.photographer, images.answer_question, **answer)
    line = next(line for line in world.clinic.lines() if line.kind == "image.question_answered")
    assert line.words == {"banner": "王秀英", "named": "张桂英", "note": "相机时钟慢 10 分钟"}
    assert "张桂英" not in str(dict(line.codes))


def test_photographs_of_the_visit_raise_nothing(world: Consortium) -> None:
    zhang, wang = two_drafts(world)
    open_at(world, zhang, 0)
    open_at(world, wang, 10)
    take_in(world, zhang, make_arrival(world, "a.jpg", at=MORNING + timedelta(minutes=5)))
    take_in(world, wang, make_arrival(world, "b.jpg", at=MORNING + timedelta(minutes=15)))
    assert set_of(world, zhang).questions == []
    assert set_of(world, wang).questions == []


def test_a_time_long_before_the_visit_is_asked_about_once_a_set(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    old = MORNING - timedelta(days=300)
    take_in(world, case, make_arrival(world, "a.jpg", at=old), make_arrival(world, "b.jpg", at=old))
    (question,) = set_of(world, case).questions
    assert (question.kind, question.image_count) == (QuestionKind.OWN_WINDOW, 2)
    assert question.captured_at == old


def test_a_dicom_file_that_names_another_patient_is_asked_about_once_and_stays_as_it_is(
    world: Consortium,
) -> None:
    case = make_draft(world, make_patient(world))
    arrivals = [
        make_arrival(
            world, f"{number}.dcm", uid=f"1.2.{number}", origin=Origin.DICOM, named_name="Li^Si"
        )
        for number in (1, 2)
    ]
    take_in(world, case, *arrivals)
    (question,) = set_of(world, case).questions
    assert (question.kind, question.named_name) == (QuestionKind.OTHER_NAME, "Li^Si")
    world.clinic.do(
        world.photographer,
        images.answer_question,
        case_id=case.id,
        question_id=question.id,
        note="",
    )
    third = make_arrival(world, "3.dcm", uid="1.2.3", origin=Origin.DICOM, named_name="Li^Si")
    take_in(world, case, third)
    assert [each.is_open for each in set_of(world, case).questions] == [False]
    image = set_of(world, case).images[0]
    assert image.instance.patient_id == case.patient_id
    assert image.instance.original.sha256 == image.instance.source_sha256


def test_a_question_goes_with_the_images_that_raised_it(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    take_in(world, case, make_arrival(world, "a.jpg", at=MORNING - timedelta(days=3)))
    (image,) = set_of(world, case).images
    world.clinic.do(
        world.photographer,
        service_move.remove_images,
        case_id=case.id,
        image_ids=[image.id],
        reason="放错",
    )
    assert set_of(world, case).questions == []
    assert world.clinic.kinds().count("image.removed") == 1


def test_a_set_moves_to_the_right_patient_with_its_study(world: Consortium) -> None:
    zhang, wang = two_drafts(world)
    take_in(
        world,
        zhang,
        make_arrival(world, "a.jpg"),
        make_arrival(world, "b.dcm", uid="1.2.3", origin=Origin.DICOM, named_name="王^秀英"),
    )
    assert len(set_of(world, zhang).questions) == 1
    targets = world.clinic.do(world.photographer, service_move.list_targets, case_id=zhang.id)
    assert [target.case.id for target in targets] == [wang.id]
    photograph = next(
        image.instance
        for image in set_of(world, zhang).images
        if image.instance.description.origin is Origin.PHOTOGRAPH
    )
    made = make_blob(world.centre_id, b"labelled anew")
    uids = type(photograph.uids)("2.25.8", "2.25.9", "2.25.10")
    change = Refiled(photograph.id, uids, photograph.original.key, made)
    moved = world.clinic.do(
        world.photographer,
        service_move.move_images,
        move=Move(zhang.id, wang.id, (), "照片拍的是王秀英"),
        refiled={photograph.id: change},
        rules=RULES,
    )
    assert moved == 2
    assert set_of(world, zhang).images == []
    assert set_of(world, zhang).questions == []
    after = set_of(world, wang)
    assert {image.instance.patient_id for image in after.images} == {wang.patient_id}
    assert after.questions == []
    assert not any(image.is_confirmed for image in after.images)
    by_name = {image.row.file_name: image.instance for image in after.images}
    assert (by_name["a.jpg"].uids, by_name["a.jpg"].original) == (uids, made)
    assert by_name["b.dcm"].uids.sop_instance_uid == "1.2.3"
    cases = {line.case_id for line in world.clinic.lines() if line.kind == "image.moved"}
    assert cases == {zhang.id, wang.id}


def test_a_set_moves_only_into_an_own_open_draft(world: Consortium) -> None:
    zhang, _ = two_drafts(world)
    (taken,) = take_in(world, zhang, make_arrival(world, "a.jpg"))
    for target in (zhang.id, "0" * 32):
        with pytest.raises(MoveTargetError):
            world.clinic.do(
                world.photographer,
                service_move.move_images,
                move=Move(zhang.id, target, (taken.image_id,), ""),
                refiled={},
                rules=RULES,
            )
    with pytest.raises(NotFoundError):
        world.clinic.do(world.stranger, service_move.list_targets, case_id=zhang.id)
