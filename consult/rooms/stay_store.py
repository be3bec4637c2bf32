"""The only SQL of stays in rooms."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId, PractitionerId
from consult.rooms.model import MOST_STAYS, RoomDevice, Stay, StayEnd
from consult.rooms.tables import RoomRow, StayRow


def save_stay(session: Session, row: StayRow) -> bool:
    """Write that somebody came; False where so many came and went that no more are kept."""
    count = select(func.count()).select_from(StayRow).where(StayRow.room_id == row.room_id)
    if (session.scalar(count) or 0) >= MOST_STAYS:
        return False
    session.add(row)
    return True


def list_stays(session: Session, room_id: str) -> list[Stay]:
    """Every stay in a room, in the order of coming."""
    statement = select(StayRow).where(StayRow.room_id == room_id).order_by(StayRow.id)
    return [_stay(row) for row in session.scalars(statement.limit(MOST_STAYS))]


def list_unseen(session: Session, *, before: datetime, limit: int) -> list[tuple[Stay, str]]:
    """The stays that nobody has ended and whose line was last known before then, with the case."""
    statement = (
        select(StayRow, RoomRow.case_id)
        .join(RoomRow, RoomRow.id == StayRow.room_id)
        .where(StayRow.left_at.is_(None), StayRow.seen_at < before)
        .order_by(StayRow.id)
        .limit(limit)
    )
    return [(_stay(row), case_id) for row, case_id in session.execute(statement)]


def find_stay(session: Session, stay_id: str) -> Stay | None:
    """One stay."""
    row = session.get(StayRow, stay_id, populate_existing=True)
    return None if row is None else _stay(row)


def mark_seen(
    session: Session, stay_id: str, *, at: datetime, before: datetime | None = None
) -> bool:
    """Its line is still there; False where it has ended, or was not last seen just then."""
    return _write(session, stay_id, before, seen_at=at)


def end_stay(
    session: Session, stay_id: str, *, how: StayEnd, at: datetime, before: datetime | None = None
) -> bool:
    """Write its end; False where it had ended before, or was not last seen just then."""
    return _write(session, stay_id, before, left_at=at, how=how)


def find_last_end(session: Session, room_id: str) -> tuple[bool, datetime | None]:
    """Whether somebody is in the room, and else when the last one left it."""
    statement = select(func.count() - func.count(StayRow.left_at), func.max(StayRow.left_at))
    inside, last = session.execute(statement.where(StayRow.room_id == room_id)).one()
    return inside > 0, last


def _write(session: Session, stay_id: str, before: datetime | None, **values: object) -> bool:
    statement = update(StayRow).where(StayRow.id == stay_id, StayRow.left_at.is_(None))
    if before is not None:
        statement = statement.where(StayRow.seen_at == before)
    written = session.scalar(
        statement.values(values).returning(StayRow.id).execution_options(synchronize_session=False)
    )
    return written is not None


def _stay(row: StayRow) -> Stay:
    return Stay(
        id=row.id,
        room_id=row.room_id,
        person_id=PractitionerId(row.person_id),
        institution_id=InstitutionId(row.institution_id),
        device=RoomDevice(row.device),
        joined_at=row.joined_at,
        seen_at=row.seen_at,
        left_at=row.left_at,
        how=row.how,
    )
