"""What a confirmation leaves behind: the header, the journal, the gaps, the habit of the site."""

import pytest

from consult.cases.images import service as images
from consult.cases.images import service_confirm
from consult.cases.images.errors import EyeAbsentInPartError
from consult.cases.images.model import Source
from consult.cases.images.service_confirm import Said
from consult.cases.model import Case
from consult.cases.protocol import (
    CaptureException,
    FieldCode,
    NoImageReason,
)
from consult.kernel.errors import NotFoundError
from consult.studies.errors import InstanceChangedError
from consult.studies.service import Relabelled
from tests.consult.photographs import (
    DISC,
    MAC,
    TWO_FIELDS,
    L,
    R,
    as_said,
    codes,
    confirm,
    four,
    shown,
)
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival, make_blob, take_in


@pytest.fixture
def case(world: Consortium) -> Case:
    return make_draft(world, make_patient(world))


def mark(world: Consortium, case: Case, positions: list[int], **chosen: object) -> None:
    ids = [image.id for image in shown(world, case) if image.position in positions]
    world.clinic.do(
        world.photographer,
        service_confirm.mark_images,
        case_id=case.id,
        image_ids=ids,
        **{"eye": None, "field": None, **chosen},
    )


def test_confirming_puts_the_eye_into_the_wrapped_object_and_both_hashes_into_the_journal(
    world: Consortium, case: Case
) -> None:
    take_in(world, case, make_arrival(world, "OD.jpg", says={Source.FILE_NAME: R}))
    mark(world, case, [1], field=MAC)
    (image,) = shown(world, case)
    said = as_said([image])
    plan = world.clinic.do(
        world.photographer,
        service_confirm.plan_confirming,
        case_id=case.id,
        said=said,
        protocol=TWO_FIELDS,
    )
    assert [instance.id for _, instance in plan] == [image.instance.id]
    blob = make_blob(world.centre_id, b"with an eye")
    change = Relabelled(image.instance.id, image.instance.original.key, blob, "R")
    confirm(world, case, said, relabelled=[change])
    (after,) = shown(world, case)
    assert after.instance.original == blob
    assert after.instance.uids == image.instance.uids
    assert after.instance.description.laterality == "R"
    line = next(line for line in world.clinic.lines() if line.kind == "image.relabelled")
    assert line.codes["before_sha256"] == image.instance.original.sha256
    assert line.codes["after_sha256"] == blob.sha256
    with pytest.raises(InstanceChangedError):
        confirm(world, case, said, relabelled=[change])


def test_what_is_missing_is_named_by_eye_and_field_until_a_reason_is_given(
    world: Consortium, case: Case
) -> None:
    assert codes(world, case) == {"images-none", "image-missing"}
    four(world, case)
    said = as_said(shown(world, case))[:3]
    confirm(world, case, said)
    last = shown(world, case)[3]
    mark(world, case, [4], field=FieldCode.OTHER)
    confirm(world, case, [Said(last.id, L, FieldCode.OTHER)])
    missing = world.clinic.do(world.physician, images.blockers, case=case, protocol=TWO_FIELDS)
    assert [(each.field, each.code) for each in missing] == [
        ("images.left.disc_centred", "image-missing")
    ]
    excuse = CaptureException(L, DISC, NoImageReason.SMALL_PUPIL)
    world.clinic.do(world.photographer, images.excuse_field, case_id=case.id, excuse=excuse)
    assert codes(world, case) == set()
    world.clinic.do(world.photographer, images.drop_excuse, case_id=case.id, eye=L, field=DISC)
    assert codes(world, case) == {"image-missing"}


def _excuse(world: Consortium, case: Case, **told: object) -> None:
    excuse = CaptureException(
        told.get("eye", L), told.get("field"), told.get("reason", NoImageReason.EYE_ABSENT)
    )
    world.clinic.do(world.photographer, images.excuse_field, case_id=case.id, excuse=excuse)


def test_a_patient_with_one_eye_is_complete_with_the_photographs_of_that_eye(
    world: Consortium, case: Case
) -> None:
    four(world, case)
    mark(world, case, [1, 2, 3, 4], eye=R)
    mark(world, case, [1, 3], field=MAC)
    mark(world, case, [2, 4], field=DISC)
    confirm(world, case, as_said(shown(world, case)))
    assert codes(world, case) == {"image-missing"}
    _excuse(world, case)
    assert codes(world, case) == set()
    with pytest.raises(EyeAbsentInPartError):
        _excuse(world, case, field=MAC)


def test_an_absent_eye_is_not_photographed(world: Consortium, case: Case) -> None:
    four(world, case)
    confirm(world, case, as_said(shown(world, case)))
    assert codes(world, case) == set()
    _excuse(world, case)
    assert codes(world, case) == {"absent-eye-photographed"}
    world.clinic.do(world.photographer, images.drop_excuse, case_id=case.id, eye=L, field=None)
    assert codes(world, case) == set()


def test_a_reader_is_told_what_could_not_be_photographed_and_nobody_else(
    world: Consortium, case: Case
) -> None:
    _excuse(world, case, eye=R, reason=NoImageReason.MEDIA_OPACITY)
    told = world.clinic.do(world.physician, images.get_readers_set, case=case).excuses
    assert [(each.eye, each.reason) for each in told] == [(R, NoImageReason.MEDIA_OPACITY)]
    for outsider in (world.expert, world.stranger):
        with pytest.raises(NotFoundError):
            world.clinic.do(outsider, images.list_excuses, case_id=case.id)


def test_the_site_s_habit_is_remembered(world: Consortium, case: Case) -> None:
    four(world, case)
    mark(world, case, [1, 2], eye=L)
    mark(world, case, [3, 4], eye=R)
    mark(world, case, [1, 3], field=MAC)
    mark(world, case, [2, 4], field=DISC)
    confirm(world, case, as_said(shown(world, case)))
    wang = make_patient(world, name="王秀英", document_number=citizen_number(4))
    later = make_draft(world, wang)
    four(world, later, "DSC")
    assert [image.eye for image in shown(world, later)] == [L, L, R, R]
