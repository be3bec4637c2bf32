"""Who sits at each side of a call is said by whoever sits there (U30, VID-09)."""

from typing import Any

import pytest

from consult.cases.model import Case
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Actor
from consult.people.organisations.model import Tier
from consult.rooms import records
from consult.rooms import service as rooms
from consult.rooms.errors import NotAdmittedError, RoomNotOpenError
from consult.rooms.present import service
from consult.rooms.present.errors import PresentFullError
from consult.rooms.present.model import (
    MOST_PRESENT,
    IdentityBy,
    NewPresent,
    Present,
    PresentAs,
)
from tests.makers.consortium import Consortium
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, let_in, room_book, talks

PATIENT = NewPresent(PresentAs.PATIENT, "", IdentityBy.DOCUMENT)
NURSE = NewPresent(PresentAs.NURSE, "李护士", None)


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case in whose call are the physician who asked and an expert."""
    made = make_read_case(world)
    call(world, made, world.physician)
    let_in(world, made, world.expert, host=world.physician)
    return made


def do(world: Consortium, who: Actor, step: Any, case: Case, **more: Any) -> Any:
    return world.clinic.do(who, step, case_id=case.id, talks=talks(), **more)


def say(world: Consortium, who: Actor, case: Case, new: NewPresent) -> str:
    said: str = do(world, who, service.say_present, case, new=new)
    return said


def there(world: Consortium, case: Case) -> list[Present]:
    found: list[Present] = world.clinic.system(lambda work: service.list_there(work, case))
    return found


def test_each_side_names_who_sits_there_and_the_patient_with_how_she_is_known(
    world: Consortium, case: Case
) -> None:
    patient = say(world, world.physician, case, PATIENT)
    nurse = say(world, world.physician, case, NURSE)
    fellow = say(world, world.expert, case, NewPresent(PresentAs.PHYSICIAN, "进修医师 孙", None))
    assert [(each.id, each.said_by) for each in there(world, case)] == [
        (patient, world.physician.person),
        (nurse, world.physician.person),
        (fellow, world.expert.person),
    ]
    assert do(world, world.physician, service.say_gone, case, present_id=nurse)
    assert not do(world, world.physician, service.say_gone, case, present_id=nurse)
    assert [each.id for each in there(world, case)] == [patient, fellow]
    do(world, world.physician, rooms.end_room, case)
    assert there(world, case) == []
    [kept] = world.clinic.system(lambda work: records.list_calls(work, case))
    assert [(each.name, each.gone_at is None) for each in kept.present] == [
        ("", True),
        ("李护士", False),
        ("进修医师 孙", True),
    ]
    lines = [each for each in world.clinic.lines() if each.kind.startswith("room.present_")]
    assert [each.kind for each in lines] == [*["room.present_said"] * 3, "room.present_gone"]
    assert (lines[0].codes["who"], lines[0].codes["identity"]) == ("patient", "document")
    assert "李护士" not in str([each.codes for each in lines])


def test_the_patient_sits_at_the_clinic_once_and_somebody_says_how_she_is_known(
    world: Consortium, case: Case
) -> None:
    for who, wrong in (
        (world.expert, PATIENT),
        (world.physician, NewPresent(PresentAs.PATIENT, "", None)),
        (world.physician, NewPresent(PresentAs.NURSE, "", None)),
        (world.physician, NewPresent(PresentAs.NURSE, "李护士", IdentityBy.ASKED)),
    ):
        with pytest.raises(RefusedError):
            say(world, who, case, wrong)
    first = say(world, world.physician, case, PATIENT)
    with pytest.raises(RefusedError):
        say(world, world.physician, case, PATIENT)
    do(world, world.physician, service.say_gone, case, present_id=first)
    say(world, world.physician, case, PATIENT)  # she has come back


def test_only_who_is_in_the_call_says_it_and_only_of_her_own_side(
    world: Consortium, case: Case
) -> None:
    nurse = say(world, world.physician, case, NURSE)
    for outside in (world.colleague, world.leader):
        with pytest.raises(NotAdmittedError):
            say(world, outside, case, NURSE)
    with pytest.raises(NotFoundError):
        say(world, world.stranger, case, NURSE)
    for wrong in (nurse, "0" * 32):
        with pytest.raises(NotFoundError):
            do(world, world.expert, service.say_gone, case, present_id=wrong)
    assert [each.id for each in there(world, case)] == [nurse]
    for _ in range(MOST_PRESENT - 1):
        say(world, world.physician, case, NURSE)
    with pytest.raises(PresentFullError):
        say(world, world.physician, case, NURSE)
    do(world, world.physician, rooms.end_room, case)
    with pytest.raises(RoomNotOpenError):
        say(world, world.physician, case, NURSE)


def test_at_a_community_site_an_assistant_physician_counts_and_at_a_hospital_not() -> None:
    rules = room_book().inviting
    for tier, counts in ((Tier.COMMUNITY, True), (Tier.PRIMARY, True), (Tier.TERTIARY, False)):
        assert ("assistant_physician" in rules.allowed_at(tier)) is counts
        assert "physician" in rules.allowed_at(tier)
        assert "" not in rules.allowed_at(tier)
