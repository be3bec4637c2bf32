"""The only SQL of pictures that rooms looked at together."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import PractitionerId
from consult.rooms.model import MOST_SHOWINGS, ShownImage
from consult.rooms.tables import ShowingRow


def save_showing(session: Session, row: ShowingRow) -> bool:
    """Write that a picture is shown; False where the room has as many as are kept."""
    count = select(func.count()).select_from(ShowingRow).where(ShowingRow.room_id == row.room_id)
    if (session.scalar(count) or 0) >= MOST_SHOWINGS:
        return False
    session.add(row)
    return True


def find_shown(session: Session, room_id: str) -> ShownImage | None:
    """What is shown in a room now."""
    statement = select(ShowingRow).where(
        ShowingRow.room_id == room_id, ShowingRow.ended_at.is_(None)
    )
    row = session.scalar(statement.order_by(ShowingRow.id).limit(1))
    return None if row is None else _shown(row)


def end_shown(session: Session, room_id: str, *, at: datetime) -> bool:
    """Write until when the room looked at what it looks at; False where it looks at nothing."""
    ended = session.scalars(
        update(ShowingRow)
        .where(ShowingRow.room_id == room_id, ShowingRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(ShowingRow.id)
        .execution_options(synchronize_session=False)
    )
    return ended.first() is not None


def list_shown(session: Session, room_id: str) -> list[ShownImage]:
    """Everything that a room looked at, in its order."""
    statement = select(ShowingRow).where(ShowingRow.room_id == room_id)
    ordered = statement.order_by(ShowingRow.begun_at, ShowingRow.id).limit(MOST_SHOWINGS)
    return [_shown(row) for row in session.scalars(ordered)]


def _shown(row: ShowingRow) -> ShownImage:
    return ShownImage(
        image_id=row.image_id,
        presenter_id=PractitionerId(row.presenter_id),
        begun_at=row.begun_at,
        ended_at=row.ended_at,
    )
