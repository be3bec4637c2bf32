"""Whoever came by a link is asked as everybody is: nothing is recorded that she refused."""

from typing import Any

import pytest

from consult.cases.model import Case
from consult.kernel.errors import ConsultError
from consult.kernel.work import Actor
from consult.rooms import service as rooms
from consult.rooms.errors import NotAdmittedError
from consult.rooms.links import service as links
from consult.rooms.links import service_guest
from consult.rooms.links.errors import GuestUnknownError
from consult.rooms.links.model import Link, LinkFor, Said
from consult.rooms.model import Room, Seen
from consult.rooms.recordings import service, settling
from consult.rooms.recordings import service_guest as guest
from consult.rooms.recordings.errors import (
    NotRecordingError,
    RecordingRefusedError,
    TooManyAnswersError,
)
from consult.rooms.recordings.model import (
    HELD_FOR,
    MOST_AGREEMENTS,
    Consent,
    Plan,
    RecordingEnd,
    Wish,
)
from tests.makers.consortium import Consortium
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, come_in, room_book, talks

RULES = room_book().links
TOKEN, BROWSER = "a" * 64, "b" * 64


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


@pytest.fixture
def room(world: Consortium, case: Case) -> Room:
    """The physician has called, and is in the call."""
    opened = call(world, case, world.physician)
    come_in(world, case, world.physician)
    return opened


@pytest.fixture
def link(world: Consortium, case: Case, room: Room) -> Link:
    """A colleague used a link into that room, and was let in; her line is not there yet."""
    made = invite(world, case)
    assert made.room_id == room.id
    told = {"case_id": case.id, "person_id": made.person_id, "admitted": True}
    world.clinic.do(world.physician, rooms.answer_knock, talks=talks(), **told)
    return made


def invite(world: Consortium, case: Case, for_whom: LinkFor = LinkFor.COLLEAGUE) -> Link:
    made: Link = world.clinic.do(
        world.physician,
        links.make_link,
        case_id=case.id,
        for_whom=for_whom,
        lasts=RULES.guest_for,
        token_hash=TOKEN,
        talks=talks(),
    )
    world.clinic.system(service_guest.use, token_hash=TOKEN, session_hash=BROWSER)
    said = Said("钱医生", "", "")
    world.clinic.system(service_guest.identify, session_hash=BROWSER, said=said, rules=RULES)
    world.clinic.system(service_guest.knock, session_hash=BROWSER, rules=RULES)
    return made


def do(world: Consortium, who: Actor, step: Any, case: Case, **more: Any) -> Any:
    return world.clinic.do(who, step, case_id=case.id, talks=talks(), **more)


def says(world: Consortium, *, agreed: bool) -> str:
    room_id: str = world.clinic.system(guest.answer, session_hash=BROWSER, agreed=agreed)
    return room_id


def comes(world: Consortium) -> str:
    seen: Seen = world.clinic.system(service_guest.come_in, session_hash=BROWSER)
    return seen.stay_id


def plan(world: Consortium, room: Room, **later: float) -> Plan:
    found = world.clinic.later(**later).system(settling.find_plan, room_id=room.id)
    assert found is not None
    return found


def test_nothing_is_recorded_before_she_has_agreed_and_the_journal_names_her(
    world: Consortium, case: Case, room: Room, link: Link
) -> None:
    comes(world)
    do(world, world.physician, service.ask_recording, case)
    waiting = plan(world, room)
    assert (waiting.wish, waiting.awaited) == (Wish.WAIT, (link.person_id,))
    assert says(world, agreed=True) == room.id
    ready = plan(world, room)
    assert ready.wish is Wish.RECORD
    assert link.person_id in ready.agreed
    seen = world.clinic.system(guest.show, session_hash=BROWSER)
    assert (seen.may_lead, {each.consent for each in seen.answers}) == (False, {Consent.AGREED})
    own = [each for each in world.clinic.lines() if each.kind == "room.recording_agreed"][-1]
    assert own.codes["person"] == link.person_id
    assert own.codes["institution"] == link.institution_id
    assert "钱医生" not in f"{own.codes} {own.words}"


def test_her_refusal_prevents_it_for_the_call_until_she_changes_her_mind(
    world: Consortium, case: Case, room: Room, link: Link
) -> None:
    comes(world)
    do(world, world.physician, service.ask_recording, case)
    says(world, agreed=False)
    found = plan(world, room)
    assert (found.wish, found.refused) == (Wish.STOP, (link.person_id,))
    world.clinic.system(settling.note_ended, recording_id=found.recording.id)
    with pytest.raises(RecordingRefusedError):
        do(world, world.physician, service.ask_recording, case)
    says(world, agreed=True)
    do(world, world.physician, service.ask_recording, case)
    assert plan(world, room).wish is Wish.RECORD


def test_she_takes_her_consent_back_and_it_ends(
    world: Consortium, case: Case, room: Room, link: Link
) -> None:
    comes(world)
    do(world, world.physician, service.ask_recording, case)
    says(world, agreed=True)
    recording = plan(world, room).recording
    world.clinic.system(settling.note_began, recording_id=recording.id, agreed=())
    says(world, agreed=False)
    says(world, agreed=False)
    assert plan(world, room).wish is Wish.STOP
    told = [each for each in world.clinic.lines() if each.kind == "room.recording_withdrawn"]
    assert [each.codes["person"] for each in told] == [link.person_id]
    world.clinic.system(settling.note_ended, recording_id=recording.id)
    seen = do(world, world.physician, service.show, case)
    assert seen.last.why is RecordingEnd.REFUSED


def test_who_comes_while_it_is_recorded_holds_it_until_she_has_answered(
    world: Consortium, case: Case, room: Room, link: Link
) -> None:
    do(world, world.physician, service.ask_recording, case)
    assert plan(world, room).wish is Wish.RECORD
    who = {"room_id": room.id, "person_id": link.person_id}
    recording = plan(world, room).recording
    world.clinic.system(settling.note_began, recording_id=recording.id, agreed=())
    assert world.clinic.system(service.hold_for, **who) is True
    assert plan(world, room).wish is Wish.PAUSE
    comes(world)
    past = HELD_FOR.total_seconds() + 1
    assert plan(world, room, seconds=past).awaited == (link.person_id,)
    says(world, agreed=True)
    assert plan(world, room, seconds=past).wish is Wish.RECORD
    assert world.clinic.system(service.hold_for, **who) is False


def test_she_pauses_for_privacy_and_leads_nothing(
    world: Consortium, case: Case, room: Room, link: Link
) -> None:
    comes(world)
    with pytest.raises(NotRecordingError):
        world.clinic.system(guest.pause, session_hash=BROWSER)
    with pytest.raises(NotRecordingError):
        says(world, agreed=True)
    do(world, world.physician, service.ask_recording, case)
    says(world, agreed=True)
    recording = plan(world, room).recording
    world.clinic.system(settling.note_began, recording_id=recording.id, agreed=())
    world.clinic.system(guest.pause, session_hash=BROWSER)
    assert plan(world, room).wish is Wish.PAUSE
    told = [each for each in world.clinic.lines() if each.kind == "room.recording_paused"]
    assert [each.codes["person"] for each in told] == [link.person_id]


@pytest.mark.usefixtures("room")
def test_nobody_answers_who_is_not_in_the_call(world: Consortium, case: Case) -> None:
    do(world, world.physician, service.ask_recording, case)
    with pytest.raises(GuestUnknownError):
        says(world, agreed=True)
    invite(world, case)
    for step in (guest.show, guest.pause):
        with pytest.raises(NotAdmittedError):
            world.clinic.system(step, session_hash=BROWSER)
    with pytest.raises(NotAdmittedError):
        says(world, agreed=True)


@pytest.mark.usefixtures("room")
def test_the_telephone_of_a_doctor_answers_for_nobody(world: Consortium, case: Case) -> None:
    world.clinic.do(
        world.physician,
        links.make_companion,
        case_id=case.id,
        lasts=RULES.companion_for,
        token_hash=TOKEN,
        talks=talks(),
    )
    world.clinic.system(service_guest.use, token_hash=TOKEN, session_hash=BROWSER)
    do(world, world.physician, service.ask_recording, case)
    for step in (guest.show, guest.pause):
        with pytest.raises(GuestUnknownError):
            world.clinic.system(step, session_hash=BROWSER)


def test_agreeing_is_bounded_and_a_refusal_is_always_heard(
    world: Consortium, case: Case, room: Room, link: Link
) -> None:
    comes(world)
    do(world, world.physician, service.ask_recording, case)
    for _ in range(MOST_AGREEMENTS):
        says(world, agreed=True)
        says(world, agreed=False)
    with pytest.raises(ConsultError) as refused:
        says(world, agreed=True)
    assert isinstance(refused.value, TooManyAnswersError)
    assert plan(world, room).wish is Wish.STOP
    assert plan(world, room).refused == (link.person_id,)
