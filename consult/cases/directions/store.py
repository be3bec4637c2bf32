"""The only SQL of directions."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from consult.cases.directions.model import Direction
from consult.cases.directions.tables import DirectionRow
from consult.cases.model import CaseStatus
from consult.cases.tables import CaseRow
from consult.kernel.ids import CaseId, PractitionerId

MOST_LISTED = 200


def save_new(session: Session, direction: Direction) -> None:
    """Write a new direction."""
    session.add(
        DirectionRow(
            id=direction.id,
            machine_id=direction.machine_id,
            case_id=direction.case_id,
            begun_by=direction.begun_by,
            begun_at=direction.begun_at,
            ends_at=direction.ends_at,
            ended_at=direction.ended_at,
        )
    )
    session.flush()


def list_open(
    session: Session, *, machine_ids: Collection[str], now: datetime
) -> Sequence[Direction]:
    """Which of these cameras are with a patient now."""
    statement = select(DirectionRow).where(
        DirectionRow.machine_id.in_(sorted(machine_ids)),
        DirectionRow.ended_at.is_(None),
        DirectionRow.ends_at > now,
    )
    return [_as_direction(row) for row in session.scalars(statement)]


def list_since(session: Session, *, machine_id: str, since: datetime) -> Sequence[Direction]:
    """With whom a camera was since then, the newest first."""
    statement = (
        select(DirectionRow)
        .where(DirectionRow.machine_id == machine_id, DirectionRow.ends_at > since)
        .order_by(DirectionRow.begun_at.desc(), DirectionRow.id)
        .limit(MOST_LISTED)
    )
    return [_as_direction(row) for row in session.scalars(statement)]


def list_over(
    session: Session, *, now: datetime, open_statuses: Collection[CaseStatus], limit: int
) -> Sequence[Direction]:
    """What is over by its time, or because its case takes no pictures any more."""
    statement = (
        select(DirectionRow)
        .join(CaseRow, CaseRow.id == DirectionRow.case_id)
        .where(
            DirectionRow.ended_at.is_(None),
            or_(DirectionRow.ends_at <= now, CaseRow.status.not_in(list(open_statuses))),
        )
        .order_by(DirectionRow.begun_at, DirectionRow.id)
        .limit(limit)
    )
    return [_as_direction(row) for row in session.scalars(statement)]


def save_ended(session: Session, direction_id: str, *, at: datetime) -> bool:
    """End it once; False where it had ended."""
    statement = (
        update(DirectionRow)
        .where(DirectionRow.id == direction_id, DirectionRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(DirectionRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _as_direction(row: DirectionRow) -> Direction:
    return Direction(
        id=row.id,
        machine_id=row.machine_id,
        case_id=CaseId(row.case_id),
        begun_by=PractitionerId(row.begun_by),
        begun_at=row.begun_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
    )
