"""Eye and field cost one act, are never guessed in silence, and a doubt blocks one image alone."""

from datetime import timedelta

import pytest

from consult.cases.images import service_confirm
from consult.cases.images.errors import (
    EyeMissingError,
    EyesChangedError,
    ImageConflictedError,
    ImageNotFoundError,
)
from consult.cases.images.model import Source
from consult.cases.images.service_confirm import Said
from consult.cases.model import Case
from consult.cases.protocol import (
    FieldCode,
)
from consult.kernel.errors import NotFoundError
from consult.studies.model import Likeness
from consult.studies.uploads.model import FileVerdict
from tests.consult.photographs import (
    DISC,
    MAC,
    L,
    R,
    as_said,
    codes,
    confirm,
    four,
    shown,
)
from tests.makers.cases import make_draft, make_patient
from tests.makers.clinic import MORNING
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival, take_in


@pytest.fixture
def case(world: Consortium) -> Case:
    return make_draft(world, make_patient(world))


def test_four_nameless_photographs_are_proposed_in_capture_order_and_confirmed_by_one_act(
    world: Consortium, case: Case
) -> None:
    four(world, case)
    found = shown(world, case)
    assert [image.position for image in found] == [1, 2, 3, 4]
    assert [image.eye for image in found] == [R, R, L, L]
    assert [image.field for image in found] == [MAC, DISC, MAC, DISC]
    assert {image.proposal.eye_source for image in found} == {Source.CAPTURE_ORDER}
    assert codes(world, case) == {"eyes-unconfirmed"}
    assert confirm(world, case, as_said(found)) == 4
    assert codes(world, case) == set()
    lines = [line for line in world.clinic.lines() if line.kind == "image.confirmed"]
    assert [line.codes["proposed_by"] for line in lines] == ["capture_order"] * 4
    assert {line.practitioner_id for line in lines} == {world.photographer.person}


def test_the_sources_are_asked_in_their_order(world: Consortium, case: Case) -> None:
    every = {Source.TAG: R, Source.FILE_NAME: R, Source.DISC_POSITION: R}
    for number, source in enumerate((Source.TAG, Source.FILE_NAME, Source.DISC_POSITION)):
        take_in(world, case, make_arrival(world, f"{number}.jpg", says=dict(every)))
        del every[source]
    found = {image.row.file_name: image.proposal.eye_source for image in shown(world, case)}
    assert found == {
        "0.jpg": Source.TAG,
        "1.jpg": Source.FILE_NAME,
        "2.jpg": Source.DISC_POSITION,
    }


def test_the_order_follows_what_is_known_and_is_silent_where_that_contradicts_it(
    world: Consortium, case: Case
) -> None:
    four(world, case, n1=L)
    assert [image.eye for image in shown(world, case)] == [L, L, R, R]
    mark(world, case, [2], eye=R)
    assert [image.eye for image in shown(world, case)] == [L, R, None, None]


def test_an_odd_number_of_photographs_is_not_divided(world: Consortium, case: Case) -> None:
    take_in(world, case, *(make_arrival(world, f"{number}.jpg") for number in range(3)))
    assert {image.eye for image in shown(world, case)} == {None}


def test_a_disc_on_the_other_side_blocks_that_image_alone(world: Consortium, case: Case) -> None:
    four(world, case, n1=R, n2=R, n3=L)
    says = {Source.FILE_NAME: L, Source.DISC_POSITION: R}
    take_in(
        world, case, make_arrival(world, "OS_5.jpg", at=MORNING + timedelta(minutes=5), says=says)
    )
    mark(world, case, [4], eye=L, field=DISC)
    mark(world, case, [3, 5], field=MAC)
    found = shown(world, case)
    assert [image.is_conflicted for image in found] == [False, False, False, False, True]
    with pytest.raises(ImageConflictedError):
        confirm(world, case, as_said(found))
    assert confirm(world, case, as_said(found[:4])) == 4
    assert codes(world, case) == {"eyes-unconfirmed"}
    alone = [Said(found[4].id, R, MAC)]
    assert confirm(world, case, alone, step=service_confirm.confirm_alone) == 1
    line = [line for line in world.clinic.lines() if line.kind == "image.confirmed"][-1]
    assert line.codes["said_by_file_name"] == "left"
    assert line.codes["said_by_disc_position"] == "right"
    assert line.codes["eye"] == "right"
    assert codes(world, case) == set()


def mark(world: Consortium, case: Case, positions: list[int], **chosen: object) -> None:
    ids = [image.id for image in shown(world, case) if image.position in positions]
    world.clinic.do(
        world.photographer,
        service_confirm.mark_images,
        case_id=case.id,
        image_ids=ids,
        **{"eye": None, "field": None, **chosen},
    )


def test_a_person_against_the_tag_is_a_conflict_too(world: Consortium, case: Case) -> None:
    take_in(world, case, make_arrival(world, "a.jpg", says={Source.TAG: L}))
    mark(world, case, [1], eye=R, field=MAC)
    (image,) = shown(world, case)
    assert image.is_conflicted
    assert not image.is_confirmed


def test_what_was_not_on_the_page_is_not_confirmed(world: Consortium, case: Case) -> None:
    four(world, case)
    seen = as_said(shown(world, case))
    take_in(world, case, make_arrival(world, "IMG_0.JPG", at=MORNING))
    with pytest.raises(EyesChangedError):
        confirm(world, case, seen)
    assert codes(world, case) >= {"eyes-unconfirmed"}


def test_marking_again_takes_the_confirmation_back(world: Consortium, case: Case) -> None:
    four(world, case)
    confirm(world, case, as_said(shown(world, case)))
    mark(world, case, [1], field=FieldCode.OTHER)
    assert "eyes-unconfirmed" in codes(world, case)


def test_only_external_and_other_pictures_need_no_eye(world: Consortium, case: Case) -> None:
    take_in(world, case, make_arrival(world, "x.jpg", likeness=Likeness.NOT_FUNDUS))
    (image,) = shown(world, case)
    assert (image.eye, image.field, image.proposal.field_source) == (
        None,
        FieldCode.OTHER,
        Source.CONTENT,
    )
    with pytest.raises(EyeMissingError):
        confirm(world, case, [Said(image.id, None, MAC)], step=service_confirm.confirm_alone)
    assert confirm(world, case, as_said([image])) == 1


def test_one_picture_is_never_both_eyes(world: Consortium, case: Case) -> None:
    take_in(world, case, make_arrival(world, "OD.jpg", data=b"e", says={Source.FILE_NAME: R}))
    (answer,) = take_in(
        world, case, make_arrival(world, "OS.jpg", data=b"e", says={Source.FILE_NAME: L})
    )
    assert (answer.verdict, answer.code) == (FileVerdict.REFUSED, "same-bytes-other-eye")
    assert [image.eye for image in shown(world, case)] == [R]


def test_nobody_marks_images_of_another_institution(world: Consortium, case: Case) -> None:
    four(world, case)
    found = shown(world, case)
    with pytest.raises(NotFoundError):
        world.clinic.do(
            world.stranger,
            service_confirm.mark_images,
            case_id=case.id,
            image_ids=[found[0].id],
            eye=R,
            field=None,
        )
    with pytest.raises(ImageNotFoundError):
        world.clinic.do(
            world.photographer,
            service_confirm.mark_images,
            case_id=case.id,
            image_ids=["0" * 32],
            eye=R,
            field=None,
        )
