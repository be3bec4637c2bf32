"""A photograph that the automatic check doubts stays for a reason, and blocks no submission."""

from collections.abc import Mapping

import pytest

from consult.cases.images import service as images
from consult.cases.images.errors import ImageNotFoundError, NothingToKeepError
from consult.cases.images.model import CaseImage, KeepReason
from consult.cases.images.service_keep import keep_image
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.studies.quality import QualityCheck, check_quality, parse_quality_rules
from tests.consult.photographs import shown
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival, take_in
from tests.makers.rulebooks import read_config

RULES = parse_quality_rules(read_config("quality.toml"))


def checked(**measures: float) -> QualityCheck:
    return check_quality(measures, RULES, is_fundus=True)


@pytest.fixture
def case(world: Consortium) -> Case:
    return make_draft(world, make_patient(world))


def entry_of(world: Consortium, kind: str) -> Mapping[str, object]:
    return next(line for line in world.clinic.lines() if line.kind == kind).codes


def keep(world: Consortium, case: Case, image: CaseImage, reason: KeepReason | None) -> None:
    world.clinic.do(
        world.photographer, keep_image, case_id=case.id, image_id=image.id, reason=reason
    )


def test_the_check_is_kept_with_the_image_and_told_when_it_has_come(
    world: Consortium, case: Case
) -> None:
    check = checked(focus=0.3)
    (told,) = take_in(world, case, make_arrival(world, "a.jpg", quality=check))
    assert told.code == "blurred"
    (image,) = shown(world, case)
    assert image.instance.description.quality == check
    assert image.needs_another
    entry = entry_of(world, "image.added")
    assert (entry["quality"], entry["quality_rules"]) == ("retake", RULES.version)


def test_a_good_one_says_nothing_and_cannot_be_kept_against_advice(
    world: Consortium, case: Case
) -> None:
    (told,) = take_in(world, case, make_arrival(world, "a.jpg", quality=checked(focus=1.2)))
    assert told.code == ""
    (image,) = shown(world, case)
    assert not image.needs_another
    with pytest.raises(NothingToKeepError):
        keep(world, case, image, KeepReason.READABLE)


def test_a_reason_is_kept_with_the_image_journalled_and_taken_back(
    world: Consortium, case: Case
) -> None:
    take_in(world, case, make_arrival(world, "a.jpg", quality=checked(focus=0.3)))
    (image,) = shown(world, case)
    keep(world, case, image, KeepReason.SMALL_PUPIL)
    (image,) = shown(world, case)
    assert image.row.kept_for is KeepReason.SMALL_PUPIL
    entry = entry_of(world, "image.quality_kept")
    assert (entry["reason"], entry["faults"]) == ("small_pupil", "blurred")
    assert entry["rules"] == RULES.version
    keep(world, case, image, None)
    (image,) = shown(world, case)
    assert image.row.kept_for is None
    assert entry_of(world, "image.quality_kept_dropped")["image"] == image.id


def test_a_doubted_photograph_blocks_nothing(world: Consortium, case: Case) -> None:
    def blockers() -> list[str]:
        problems = world.clinic.do(world.photographer, images.blockers, case=case, protocol=None)
        return [problem.code for problem in problems]

    take_in(world, case, make_arrival(world, "a.jpg", quality=checked(focus=1.2)))
    good = blockers()
    take_in(world, case, make_arrival(world, "b.jpg", quality=checked(focus=0.3)))
    assert blockers() == good == ["eyes-unconfirmed"]


def test_an_image_of_another_case_or_house_is_not_found(world: Consortium, case: Case) -> None:
    take_in(world, case, make_arrival(world, "a.jpg", quality=checked(focus=0.3)))
    (image,) = shown(world, case)
    wang = make_patient(world, name="王秀英", document_number=citizen_number(4))
    other = make_draft(world, wang)
    with pytest.raises(ImageNotFoundError):
        keep(world, other, image, KeepReason.READABLE)
    with pytest.raises(NotFoundError):
        world.clinic.do(
            world.expert, keep_image, case_id=case.id, image_id=image.id, reason=KeepReason.READABLE
        )
