"""The only SQL of turns to speak."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId
from consult.rooms.turns.model import MOST_TURNS, Turn, TurnEnd
from consult.rooms.turns.tables import TurnRow


def save_turn(session: Session, row: TurnRow) -> bool:
    """Write that a hand was raised; False where the room has as many turns as are kept."""
    count = select(func.count()).select_from(TurnRow).where(TurnRow.room_id == row.room_id)
    if (session.scalar(count) or 0) >= MOST_TURNS:
        return False
    session.add(row)
    session.flush()
    return True


def give(session: Session, turn_id: str, *, at: datetime) -> None:
    """Write that the word was given."""
    _change(session, turn_id, given_at=at)


def end(session: Session, turn_id: str, *, how: TurnEnd, at: datetime) -> None:
    """Write how a turn ended."""
    _change(session, turn_id, ended_at=at, how=how)


def list_turns(session: Session, room_id: str) -> list[Turn]:
    """Every turn of a room, as the hands were raised."""
    statement = select(TurnRow).where(TurnRow.room_id == room_id)
    ordered = statement.order_by(TurnRow.raised_at, TurnRow.id).limit(MOST_TURNS)
    found = session.scalars(ordered.execution_options(populate_existing=True))
    return [_turn(row) for row in found]


def list_rooms_with_turns(session: Session, *, limit: int) -> list[str]:
    """The rooms in which somebody waits to speak or speaks, the oldest first."""
    statement = select(TurnRow.room_id).where(TurnRow.ended_at.is_(None)).distinct()
    return list(session.scalars(statement.order_by(TurnRow.room_id).limit(limit)))


def _change(session: Session, turn_id: str, **values: object) -> None:
    session.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id, TurnRow.ended_at.is_(None))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _turn(row: TurnRow) -> Turn:
    return Turn(
        id=row.id,
        room_id=row.room_id,
        person_id=row.person_id,
        institution_id=InstitutionId(row.institution_id),
        raised_at=row.raised_at,
        given_at=row.given_at,
        ended_at=row.ended_at,
        how=row.how,
    )
