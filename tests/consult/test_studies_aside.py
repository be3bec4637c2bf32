"""A study that was sent in error is put aside with a reason, and taken back by the same page."""

import pytest

from consult.cases.images import service_assign
from consult.kernel.work import Actor
from consult.studies import ingest
from consult.studies.model import Origin
from consult.studies.waiting import service as waiting
from consult.studies.waiting.errors import StudyTakenError
from tests.makers.cases import make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.images import RULES, make_arrival


@pytest.fixture
def study_id(world: Consortium) -> str:
    """A study that a camera has sent to the centre."""
    received = make_arrival(world, data=b"eye", uid="2.25.6", origin=Origin.DICOM).received
    filed = world.clinic.system(
        ingest.receive,
        received=received,
        institution_id=world.centre_id,
        way="dimse",
        source="CAMERA",
    )
    return filed.instance.study_id


def _put_aside(world: Consortium, study_id: str, by: Actor | None = None) -> None:
    actor = by or world.photographer
    world.clinic.do(actor, waiting.put_aside, study_id=study_id, reason="试拍")


def test_what_was_put_aside_waits_no_more_and_enters_no_case(
    world: Consortium, study_id: str
) -> None:
    case = make_draft(world, make_patient(world))
    do = world.clinic.do
    _put_aside(world, study_id)
    assert do(world.physician, waiting.list_waiting) == ([], False)
    (aside,) = do(world.physician, waiting.list_aside)
    assert (aside.study.id, aside.reason, aside.put_by, aside.study.count) == (
        study_id,
        "试拍",
        world.photographer.person,
        1,
    )
    with pytest.raises(StudyTakenError):
        do(
            world.photographer,
            service_assign.assign_study,
            case_id=case.id,
            study_id=study_id,
            rules=RULES,
        )
    line = world.clinic.lines()[-1]
    assert (line.kind, line.object_id, line.words) == (
        "study.put_aside",
        study_id,
        {"reason": "试拍"},
    )


def test_it_is_taken_back_once_and_then_waits_again(world: Consortium, study_id: str) -> None:
    do = world.clinic.do
    _put_aside(world, study_id)
    with pytest.raises(StudyTakenError):
        _put_aside(world, study_id)
    do(world.physician, waiting.take_back, study_id=study_id)
    with pytest.raises(StudyTakenError):
        do(world.physician, waiting.take_back, study_id=study_id)
    assert do(world.physician, waiting.list_aside) == []
    assert [each.id for each in do(world.physician, waiting.list_waiting)[0]] == [study_id]
    assert world.clinic.kinds()[-2:] == ["study.put_aside", "study.taken_back"]


def test_another_institution_puts_nothing_aside(world: Consortium, study_id: str) -> None:
    with pytest.raises(StudyTakenError):
        _put_aside(world, study_id, by=world.stranger)
    assert world.clinic.do(world.stranger, waiting.list_aside) == []
