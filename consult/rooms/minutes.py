"""The minutes of a call (会诊纪要), written by its host; what was written before stays (VID-06)."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.cases.model import Case, is_open
from consult.journal.rows import kept
from consult.kernel.errors import RefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Work
from consult.rooms import store
from consult.rooms.errors import MinutesFullError, NotHostError, RoomCaseClosedError
from consult.rooms.journalling import journal_of
from consult.rooms.rights import Talks, require_side
from consult.rooms.tables import MinutesRow

LONGEST_MINUTES: Final = 8000
MOST_VERSIONS: Final = 50


@dataclass(frozen=True, slots=True)
class Minutes:
    """One wording of a call's minutes; `number` counts from 1."""

    id: str
    number: int
    author_id: PractitionerId
    written_at: datetime
    content: str


def write_minutes(work: Work, *, case_id: str, room_id: str, content: str, talks: Talks) -> None:
    """Write the minutes of a call, or write them anew, while the case is open.

    Raises RefusedError, NotHostError, RoomCaseClosedError, MinutesFullError.
    """
    case = require_side(work, case_id, talks=talks)
    _require_own(work, case, room_id)
    before = list_minutes(work.session, room_id)
    if len(before) >= MOST_VERSIONS:
        raise MinutesFullError(case.id)
    row = MinutesRow(
        id=new_id(),
        room_id=room_id,
        number=len(before) + 1,
        author_id=work.actor.person,
        written_at=work.now,
        content=content,
    )
    work.session.add(row)
    work.session.flush()
    journal_of(
        work,
        case,
        "room.minutes_written",
        room_id,
        minutes=row.id,
        number=row.number,
        sha256=sha256(content.encode()).hexdigest(),
        **kept(work, MinutesRow, row.id),
    )


def list_minutes(session: Session, room_id: str) -> list[Minutes]:
    """Every wording, the first one first."""
    statement = select(MinutesRow).where(MinutesRow.room_id == room_id)
    rows = session.scalars(statement.order_by(MinutesRow.number).limit(MOST_VERSIONS))
    return [
        Minutes(row.id, row.number, PractitionerId(row.author_id), row.written_at, row.content)
        for row in rows
    ]


def _require_own(work: Work, case: Case, room_id: str) -> None:
    row = store.find_room(work.session, room_id, locked=True)
    if row is None or row.case_id != case.id:
        raise RefusedError("field-not-a-choice", field="room_id")
    if row.host_id != work.actor.practitioner_id:
        raise NotHostError
    if not is_open(case.status):
        raise RoomCaseClosedError(case.id)
