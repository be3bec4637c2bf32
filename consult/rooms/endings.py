"""How stays and rooms end, whoever ends them."""

from datetime import datetime

from consult.cases.model import Case
from consult.kernel.work import Work
from consult.rooms import showing_store, stay_store, store
from consult.rooms.counting import tell_counted
from consult.rooms.journalling import journal_of
from consult.rooms.model import Room, RoomEnd, Stay, StayEnd
from consult.rooms.ringing.keeping import keep_stopped
from consult.rooms.turns.keeping import keep_put_out, keep_room_ended


def end_stay(
    work: Work,
    case: Case,
    stay: Stay,
    *,
    how: StayEnd,
    at: datetime,
    before: datetime | None = None,
) -> None:
    """Write when and how somebody's stay ended; nothing where it had ended.

    `before`: and nothing where it was seen again since then.
    """
    if stay_store.end_stay(work.session, stay.id, how=how, at=at, before=before):
        journal_of(
            work,
            case,
            "room.left",
            stay.room_id,
            person=stay.person_id,
            device=stay.device.value,
            how=how.value,
            stay=stay.id,
            at=at.isoformat(),
        )
        if how is StayEnd.REMOVED:
            keep_put_out(work, case, stay.room_id, stay.person_id)


def end_room(work: Work, case: Case, room: Room, *, how: RoomEnd) -> None:
    """Write that a room has ended, and every stay in it; nothing where it had ended."""
    if not store.end_room(work.session, room.id, how=how, at=work.now):
        return
    keep_stopped(work, case, room.id)
    keep_room_ended(work, case, room.id)
    for stay in stay_store.list_stays(work.session, room.id):
        if stay.left_at is None:
            end_stay(work, case, stay, how=StayEnd.ENDED, at=work.now)
    showing_store.end_shown(work.session, room.id, at=work.now)
    tell_counted(work, case, room.id)
    journal_of(work, case, "room.ended", room.id, how=how.value)
