"""The only SQL of signing windows."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Database

from consult.people.sessions.tables import SigningWindowRow


def save_window(session: Database, row: SigningWindowRow) -> None:
    """Write a new window."""
    session.add(row)
    session.flush()


def find_open(session: Database, session_id: str, *, now: datetime) -> SigningWindowRow | None:
    """The window of this session that is neither ended, over nor used up."""
    statement = (
        select(SigningWindowRow)
        .where(
            SigningWindowRow.session_id == session_id,
            SigningWindowRow.ended_at.is_(None),
            SigningWindowRow.until > now,
            SigningWindowRow.reports_left > 0,
        )
        .order_by(SigningWindowRow.opened_at.desc(), SigningWindowRow.id)
        .limit(1)
    )
    return session.scalar(statement)


def spend(session: Database, window_id: str) -> int | None:
    """Take one report off; how many are left, or none where somebody was first."""
    statement = (
        update(SigningWindowRow)
        .where(
            SigningWindowRow.id == window_id,
            SigningWindowRow.ended_at.is_(None),
            SigningWindowRow.reports_left > 0,
        )
        .values(reports_left=SigningWindowRow.reports_left - 1)
        .returning(SigningWindowRow.reports_left)
    )
    return session.scalar(statement)


def end_all(session: Database, session_id: str, *, at: datetime) -> list[str]:
    """End what is open of this session, and say which."""
    statement = (
        update(SigningWindowRow)
        .where(SigningWindowRow.session_id == session_id, SigningWindowRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SigningWindowRow.id)
    )
    return list(session.scalars(statement))
