"""Raising a hand in a call, giving the word and taking it back: members of the case and guests."""

from dataclasses import dataclass
from typing import Final

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.ids import InstitutionId
from consult.kernel.work import Work
from consult.rooms import stay_store
from consult.rooms import store as rooms_store
from consult.rooms.links import service_guest
from consult.rooms.model import Room, RoomLimits
from consult.rooms.rights import Talks, require_host, require_place, require_talking
from consult.rooms.turns import store
from consult.rooms.turns.errors import HandNotRaisedError
from consult.rooms.turns.keeping import find_turn, keep_ended, keep_given, keep_raised
from consult.rooms.turns.model import Turn, TurnEnd, gone_since, in_order

_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A turn that lasts, and whether its person is in the room now."""

    turn: Turn
    is_here: bool


@dataclass(frozen=True, slots=True)
class SpeakerList:
    """Who has the word and who is next, as everybody in the room sees it."""

    room: Room
    turns: list[Waiting]


def show_hand(work: Work, *, case_id: str, raised: bool, talks: Talks) -> None:
    """Raise one's hand, or lower it; whoever has the word gives it back by lowering it.

    Raises as `rights.require_place`, and TurnsFullError.
    """
    place = require_place(work, case_id, talks=talks)
    case = cases.get_case(work, case_id)
    _show(work, case, place.room, work.actor.person, work.actor.institution, raised=raised)


def show_hand_as_guest(work: Work, *, session_hash: str, raised: bool) -> None:
    """The same for a guest; raises GuestUnknownError, NotAdmittedError, TurnsFullError."""
    place = service_guest.find_place(work, session_hash=session_hash)
    link = service_guest.get_link(work, session_hash=session_hash)
    case = cases.get_case(work, place.room.case_id)
    _show(work, case, place.room, link.person_id, link.institution_id, raised=raised)


def give_word(work: Work, *, case_id: str, person_id: str, talks: Talks) -> None:
    """The host gives the word to somebody who raised a hand; who had it before has it no more.

    Raises NotHostError, HandNotRaisedError, and as `rights.require_talking`.
    """
    case, turn = _require_turn(work, case_id, person_id, talks)
    keep_given(work, case, turn)


def take_word(work: Work, *, case_id: str, person_id: str, talks: Talks) -> None:
    """The host takes the word back, or a hand down; raises as `give_word`."""
    case, turn = _require_turn(work, case_id, person_id, talks)
    keep_ended(work, case, turn, how=TurnEnd.TAKEN_BACK)


def list_speakers(work: Work, *, case_id: str, talks: Talks) -> SpeakerList:
    """Who speaks and who waits in the open room; raises as `rights.require_place`."""
    return _list(work, require_place(work, case_id, talks=talks).room)


def list_speakers_as_guest(work: Work, *, session_hash: str) -> SpeakerList:
    """The same for a guest who is let in; raises GuestUnknownError, NotAdmittedError."""
    return _list(work, service_guest.find_place(work, session_hash=session_hash).room)


def end_absent(work: Work, *, limits: RoomLimits) -> None:
    """Whoever is out of the room for as long as a host is waited for speaks no more (system)."""
    for room_id in store.list_rooms_with_turns(work.session, limit=_AT_ONCE):
        row = rooms_store.find_room(work.session, room_id, locked=True)
        if row is None:
            continue
        case = cases.get_case(work, row.case_id)
        stays = stay_store.list_stays(work.session, room_id)
        for turn in in_order(store.list_turns(work.session, room_id)):
            since = gone_since(turn, stays)
            is_long = since is not None and work.now - since >= limits.host_away_for
            if is_long:
                keep_ended(work, case, turn, how=TurnEnd.ABSENT)


def _show(
    work: Work,
    case: Case,
    room: Room,
    person_id: str,
    institution_id: InstitutionId,
    *,
    raised: bool,
) -> None:
    rooms_store.find_room(work.session, room.id, locked=True)
    if raised:
        keep_raised(work, case, room.id, person_id=person_id, institution_id=institution_id)
        return
    turn = find_turn(work, room.id, person_id)
    if turn is not None:
        how = TurnEnd.GIVEN_BACK if turn.is_speaking else TurnEnd.LOWERED
        keep_ended(work, case, turn, how=how)


def _require_turn(work: Work, case_id: str, person_id: str, talks: Talks) -> tuple[Case, Turn]:
    case = require_talking(work, case_id, talks=talks)
    turn = find_turn(work, require_host(work, case).id, person_id)
    if turn is None:
        raise HandNotRaisedError(case.id)
    return case, turn


def _list(work: Work, room: Room) -> SpeakerList:
    stays = stay_store.list_stays(work.session, room.id)
    lasting = in_order(store.list_turns(work.session, room.id))
    return SpeakerList(room, [Waiting(each, gone_since(each, stays) is None) for each in lasting])
