"""Who is in a room, from the log of the lines: coming, staying, going, and what was measured."""

from datetime import datetime
from typing import Final

from consult.cases import service as cases
from consult.cases.model import is_open
from consult.kernel.work import Work
from consult.rooms import endings, entering, stay_store, store
from consult.rooms.errors import CALL_IS_OVER
from consult.rooms.model import (
    Measured,
    Place,
    Room,
    RoomDevice,
    RoomEnd,
    RoomLimits,
    Seen,
    StayEnd,
)
from consult.rooms.rights import Talks, require_place

_AT_ONCE: Final = 200
_MISSED: Final = 3
"""So often a line may fail to be seen before it is taken for lost."""


def find_place(work: Work, *, case_id: str, talks: Talks) -> Place:
    """The actor's right to be in the room of a case now; raises as `rights.require_place`."""
    return require_place(work, case_id, talks=talks)


def come_in(work: Work, *, case_id: str, device: RoomDevice, talks: Talks) -> Seen:
    """Write that a device has come in; which stay is its own.

    A stay that its broken line left open goes on, or ended when that was last seen. Raises
    RoomCrowdedError, and as `find_place`.
    """
    place = require_place(work, case_id, talks=talks)
    case = cases.get_case(work, case_id)
    who = entering.Comer(work.actor.person, work.actor.institution, device)
    return entering.come_in(work, case, place, who)


def list_open_ids(work: Work) -> list[str]:
    """The rooms that are open, the oldest first (system)."""
    return [room.id for room in store.list_open(work.session, limit=_AT_ONCE)]


def mark_seen(work: Work, *, stay_id: str, before: datetime | None = None) -> Seen | None:
    """Its line is still there; as with a session, nothing of it is journalled.

    None where it has ended, or another line has gone on with it since `before`.
    """
    is_seen = stay_store.mark_seen(work.session, stay_id, at=work.now, before=before)
    return Seen(stay_id, work.now) if is_seen else None


def move(work: Work, *, room_id: str, before: int, process: int) -> int:
    """Another media process carries a room, whose own has gone; the one that does (system).

    As with a session's last use nothing of it is journalled: nobody did it, and nobody sees it.
    """
    return store.move_room(work.session, room_id, before=before, process=process)


def go(
    work: Work, *, case_id: str, stay_id: str, how: StayEnd, seen_at: datetime | None = None
) -> None:
    """Write that a device has gone (system: whoever was put out may see the case no more).

    `seen_at`: when its line last was seen by itself; nothing is written where another line has
    gone on with the stay since then. Whoever was lost had gone by then.
    """
    stay = stay_store.find_stay(work.session, stay_id)
    if stay is not None:
        at = seen_at if seen_at is not None and how is StayEnd.LOST else work.now
        case = cases.get_case(work, case_id)
        endings.end_stay(work, case, stay, how=how, at=at, before=seen_at)


def measure(
    work: Work, *, case_id: str, measured: Measured, limits: RoomLimits, talks: Talks
) -> bool:
    """Keep what the actor's browser measured; False where it told so a moment ago.

    So it is too where the call has ended while the browser told.
    """
    try:
        place = require_place(work, case_id, talks=talks)
    except CALL_IS_OVER:
        return False
    case = cases.get_case(work, case_id)
    return entering.measure(work, case, place, work.actor.person, measured, limits)


def end_lost(work: Work, *, limits: RoomLimits) -> None:
    """End the stays whose web process has gone with their lines (system)."""
    before = work.now - _MISSED * limits.seen_every
    for stay, case_id in stay_store.list_unseen(work.session, before=before, limit=_AT_ONCE):
        case = cases.get_case(work, case_id)
        endings.end_stay(work, case, stay, how=StayEnd.LOST, at=stay.seen_at)


def end_over(work: Work, *, limits: RoomLimits) -> list[str]:
    """End the rooms whose case has ended, and those that are empty for long; their ids (system)."""
    ended = []
    for room in store.list_open(work.session, limit=_AT_ONCE):
        how = _why_over(work, room, limits)
        if how is not None:
            endings.end_room(work, cases.get_case(work, room.case_id), room, how=how)
            ended.append(room.id)
    return ended


def _why_over(work: Work, room: Room, limits: RoomLimits) -> RoomEnd | None:
    if not is_open(cases.get_case(work, room.case_id).status):
        return RoomEnd.CASE_ENDED
    is_occupied, last = stay_store.find_last_end(work.session, room.id)
    is_long = work.now - (last or room.opened_at) > limits.empty_for
    return RoomEnd.EMPTY if is_long and not is_occupied else None
