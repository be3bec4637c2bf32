"""The only SQL of holds on recordings."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.rooms.recordings.holds_table import HoldRow

_MOST_HOLDS = 20
"""A case has a few institutions, and each of them one hold at a time."""


def save_hold(session: Session, row: HoldRow) -> bool:
    """Write a hold; False where the institution has one on this case."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def lift(session: Session, live_key: str, *, by_id: str, at: datetime) -> str | None:
    """End the hold that stands under this key; its id, or None."""
    return session.scalar(
        update(HoldRow)
        .where(HoldRow.live_key == live_key)
        .values(live_key=None, lifted_by_id=by_id, lifted_at=at)
        .returning(HoldRow.id)
        .execution_options(synchronize_session=False)
    )


def list_live(session: Session, case_id: str) -> Sequence[HoldRow]:
    """The holds of a case that stand, the oldest first."""
    statement = select(HoldRow).where(HoldRow.case_id == case_id, HoldRow.live_key.is_not(None))
    return session.scalars(statement.order_by(HoldRow.id).limit(_MOST_HOLDS)).all()
