"""Video rooms of cases, for tests: through the service."""

from functools import partial
from typing import Any

from consult.cases.model import Case
from consult.discussion.rights import may_read_discussion
from consult.kernel.ids import new_id
from consult.kernel.work import Actor
from consult.reports.second.matters import SecondRules
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.model import NewRoom, Room, RoomDevice, Seen
from consult.rooms.rights import Talks
from consult.rooms.ringing import service as ringing
from consult.rooms.ringing.model import RingRules, parse_ring_rules
from consult.rooms.service import RoomView
from server.rules.rooms import RoomBook, parse_room_book
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.rulebooks import read_config

KEY = bytes(range(32))


def room_book() -> RoomBook:
    """The rules of config/rooms.toml."""
    return parse_room_book(read_config("rooms.toml"))


def ring_rules() -> RingRules:
    """The rules of config/ringing.toml."""
    return parse_ring_rules(read_config("ringing.toml"))


def talks(second: SecondRules | None = None) -> Talks:
    """Who may know what is said of a case, as the doors ask it."""
    return partial(may_read_discussion, second=second)


def make_room() -> NewRoom:
    """One that the only media process has."""
    return NewRoom(new_id(), KEY, 1)


def call(world: Consortium, case: Case, by: Actor, *, clinic: Clinic | None = None) -> Room:
    """Call now."""
    opened: Room = _do(world, by, rooms.open_room, case, clinic, made=make_room())
    return opened


def call_and_ring(
    world: Consortium, case: Case, by: Actor, *, clinic: Clinic | None = None
) -> Room:
    """Call now, and ring the other side in order."""
    facts = {"made": make_room(), "rules": ring_rules()}
    opened: Room = _do(world, by, ringing.call_and_ring, case, clinic, **facts)
    return opened


def let_in(
    world: Consortium, case: Case, who: Actor, *, host: Actor, admitted: bool = True
) -> None:
    """She knocks, and is answered."""
    _do(world, who, rooms.knock, case, None)
    _do(world, host, rooms.answer_knock, case, None, person_id=who.person, admitted=admitted)


def come_in(
    world: Consortium,
    case: Case,
    who: Actor,
    *,
    device: RoomDevice = RoomDevice.FIRST,
    clinic: Clinic | None = None,
) -> str:
    """Her line is there; the id of her stay."""
    seen: Seen = _do(world, who, service_stay.come_in, case, clinic, device=device)
    return seen.stay_id


def show(world: Consortium, case: Case, by: Actor, *, clinic: Clinic | None = None) -> RoomView:
    """What this person knows of the rooms of a case."""
    talking = talks()
    return (clinic or world.clinic).do(
        by, partial(rooms.show_rooms, case_id=case.id, talks=talking)
    )


def _do(
    world: Consortium, by: Actor, step: Any, case: Case, clinic: Clinic | None, **more: Any
) -> Any:
    return (clinic or world.clinic).do(by, step, case_id=case.id, talks=talks(), **more)
