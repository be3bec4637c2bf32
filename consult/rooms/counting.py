"""What the media process itself counted of each person's line in a call (VID-10)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.cases.model import Case
from consult.kernel.work import Work
from consult.rooms.journalling import journal_of
from consult.rooms.model import MOST_KNOCKS
from consult.rooms.tables import CounterRow, RoomRow


@dataclass(frozen=True, slots=True)
class Counted:
    """Packets of a person that came in, that got lost on the way in, and that were sent her again.

    `worst_lost_per_mille` is the most that her own browser told to be lost on the way to her.
    """

    packets: int
    lost: int
    resent: int
    worst_lost_per_mille: int


def add_counted(
    work: Work, *, room_id: str, counted: Iterable[tuple[str, Counted]], is_known: bool
) -> None:
    """Add what was counted since the last time, while the room is open (system).

    Not `is_known`: whoever counts has only begun, and counts from the beginning of the lines; what
    is on record already is not added once more.
    """
    room = work.session.get(RoomRow, room_id, populate_existing=True)
    if room is None or room.ended_at is not None:
        return
    for person_id, more in counted:
        row = work.session.get(CounterRow, (room_id, person_id), populate_existing=True)
        if row is None:
            row = CounterRow(room_id=room_id, person_id=person_id)
            row.packets = row.lost = row.resent = row.worst_lost_per_mille = 0
            work.session.add(row)
        elif not is_known:
            continue
        row.packets += more.packets
        row.lost += more.lost
        row.resent += more.resent
        row.worst_lost_per_mille = max(row.worst_lost_per_mille, more.worst_lost_per_mille)


def list_counted(session: Session, room_id: str) -> dict[str, Counted]:
    """What was counted of each person."""
    statement = select(CounterRow).where(CounterRow.room_id == room_id)
    rows = session.scalars(statement.order_by(CounterRow.person_id).limit(MOST_KNOCKS + 1))
    return {
        row.person_id: Counted(row.packets, row.lost, row.resent, row.worst_lost_per_mille)
        for row in rows
    }


def tell_counted(work: Work, case: Case, room_id: str) -> None:
    """The journal is told once, when the call has ended: while it lasts the figures only grow."""
    for person_id, counted in list_counted(work.session, room_id).items():
        facts = {name: getattr(counted, name) for name in Counted.__slots__}
        journal_of(work, case, "room.counted", room_id, person=person_id, **facts)
