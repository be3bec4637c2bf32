"""The only SQL of who sits at each side of rooms."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId, PractitionerId
from consult.rooms.present.model import MOST_PRESENT, Present
from consult.rooms.present.tables import PresentRow


def save_present(session: Session, row: PresentRow) -> None:
    """Write that somebody sits there."""
    session.add(row)
    session.flush()


def save_gone(session: Session, present_id: str, *, at: datetime) -> bool:
    """Write that she sits there no more; False where that was known."""
    changed = session.scalar(
        update(PresentRow)
        .where(PresentRow.id == present_id, PresentRow.gone_at.is_(None))
        .values(gone_at=at)
        .returning(PresentRow.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def list_present(session: Session, room_id: str) -> list[Present]:
    """Who sat there, in the order in which it was said."""
    statement = select(PresentRow).where(PresentRow.room_id == room_id).order_by(PresentRow.id)
    rows = session.scalars(statement.limit(MOST_PRESENT).execution_options(populate_existing=True))
    return [_present(row) for row in rows]


def _present(row: PresentRow) -> Present:
    return Present(
        id=row.id,
        room_id=row.room_id,
        said_by=PractitionerId(row.said_by),
        institution_id=InstitutionId(row.institution_id),
        who=row.who,
        name=row.name,
        identity=row.identity,
        said_at=row.said_at,
        gone_at=row.gone_at,
    )
