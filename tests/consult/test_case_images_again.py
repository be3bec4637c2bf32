"""A picture that was taken out and is uploaded again: a new act, journalled and asked anew (U1)."""

from datetime import timedelta

import pytest

from consult.cases.images import service as images
from consult.cases.images import service_confirm, service_move
from consult.cases.images.errors import ImageSentError
from consult.cases.images.model import CaseImage
from consult.cases.images.service_confirm import Said
from consult.cases.images.service_move import Move
from consult.cases.model import Case
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.studies.model import Origin
from consult.studies.uploads.model import FileResult, FileVerdict
from tests.makers.cases import citizen_number, make_draft, make_patient, submit
from tests.makers.clinic import MORNING, Clinic
from tests.makers.consortium import Consortium, case_rules, make_consortium
from tests.makers.images import RULES, make_arrival, take_in
from tests.makers.reports import claim, make_read_case
from tests.makers.returns import LEFT_MACULA, later, photograph, send_back

FOREIGN = {
    "uid": "1.2.3",
    "origin": Origin.DICOM,
    "named_name": "Li^Si",
    "at": MORNING - timedelta(days=300),
}


@pytest.fixture
def world(clinic: Clinic) -> Consortium:
    return make_consortium(clinic)


def set_of(world: Consortium, case: Case) -> images.ImageSet:
    return world.clinic.do(world.physician, images.get_set, case_id=case.id, protocol=None)


def image_of(world: Consortium, case: Case, name: str) -> CaseImage:
    return next(each for each in set_of(world, case).images if each.row.file_name == name)


def confirm(world: Consortium, case: Case, image: CaseImage, eye: Eye, field: FieldCode) -> None:
    world.clinic.do(
        world.physician,
        service_confirm.confirm_alone,
        case_id=case.id,
        said=[Said(image.id, eye, field)],
        relabelled=[],
        protocol=case_rules().protocol_of(case.service_type),
    )


def answer_all(world: Consortium, case: Case) -> None:
    for question in set_of(world, case).questions:
        world.clinic.do(
            world.physician,
            images.answer_question,
            case_id=case.id,
            question_id=question.id,
            note="问过本人",
        )


def doubtful(world: Consortium, case: Case, name: str = "f.dcm") -> FileResult:
    """A file that names somebody else, and was taken long before the visit."""
    (result,) = take_in(world, case, make_arrival(world, name, data=b"foreign", **FOREIGN))
    return result


def remove(world: Consortium, case: Case, image: CaseImage) -> None:
    world.clinic.do(
        world.physician,
        service_move.remove_images,
        case_id=case.id,
        image_ids=[image.id],
        reason="放错",
    )


@pytest.fixture
def returned(world: Consortium) -> tuple[Consortium, Case]:
    """A case that was sent with a doubtful picture, was sent back, and has lost that picture."""
    case = claim(world, make_read_case(world), by=world.expert)
    case = send_back(world, case)
    again = later(world, minutes=5)
    photograph(again, case, LEFT_MACULA)
    doubtful(again, case)
    answer_all(again, case)
    confirm(again, case, image_of(again, case, "f.dcm"), Eye.LEFT, FieldCode.DISC_CENTRED)
    case = claim(again, submit(again, case), by=world.expert)
    last = later(world, minutes=10)
    case = send_back(last, case)
    remove(last, case, image_of(last, case, "f.dcm"))
    return later(world, minutes=15), case


def test_a_removed_picture_comes_back_as_a_new_act(returned: tuple[Consortium, Case]) -> None:
    world, case = returned
    before = len(world.clinic.lines())
    assert doubtful(world, case, "g.dcm").verdict is FileVerdict.STORED
    lines = [line for line in world.clinic.lines()[before:] if line.case_id == case.id]
    assert [line.kind for line in lines] == [
        "image.question_raised",
        "image.question_raised",
        "image.added",
    ]
    assert lines[-1].words == {"file_name": "g.dcm"}
    assert (lines[-1].codes["questions"], lines[-1].codes["again"]) == (2, True)


def test_it_is_asked_about_and_confirmed_anew(returned: tuple[Consortium, Case]) -> None:
    world, case = returned
    assert set_of(world, case).questions == []
    doubtful(world, case)
    found = set_of(world, case)
    assert [question.is_open for question in found.questions] == [True, True]
    image = image_of(world, case, "f.dcm")
    assert image.needs_confirming
    assert (image.eye, image.field) == (Eye.LEFT, FieldCode.DISC_CENTRED)
    blocked = world.clinic.do(world.physician, images.blockers, case=case, protocol=None)
    assert {"eyes-unconfirmed", "image-questions-open"} <= {each.code for each in blocked}
    answer_all(world, case)
    confirm(world, case, image, Eye.LEFT, FieldCode.DISC_CENTRED)
    assert image_of(world, case, "f.dcm").is_confirmed


def test_what_was_sent_stays_as_it_was_sent(returned: tuple[Consortium, Case]) -> None:
    world, case = returned
    doubtful(world, case)
    image = image_of(world, case, "f.dcm")
    with pytest.raises(ImageSentError):
        confirm(world, case, image, Eye.RIGHT, FieldCode.DISC_CENTRED)
    wang = make_patient(world, name="王秀英", document_number=citizen_number(4))
    move = Move(case.id, make_draft(world, wang).id, (image.id,), "王秀英的")
    with pytest.raises(ImageSentError):
        world.clinic.do(
            world.physician, service_move.move_images, move=move, refiled={}, rules=RULES
        )
    remove(world, case, image)
    assert doubtful(world, case).image_id == image.id


def test_an_answer_goes_with_the_pictures_that_it_was_given_for(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    doubtful(world, case)
    answer_all(world, case)
    remove(world, case, image_of(world, case, "f.dcm"))
    doubtful(world, case)
    assert [question.is_open for question in set_of(world, case).questions] == [True, True]


def test_a_picture_that_stands_is_only_known(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    doubtful(world, case)
    answer_all(world, case)
    before = len(world.clinic.lines())
    assert doubtful(world, case).verdict is FileVerdict.KNOWN
    assert len(world.clinic.lines()) == before
    assert not any(question.is_open for question in set_of(world, case).questions)
