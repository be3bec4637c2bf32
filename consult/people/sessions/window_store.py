"""The only SQL of signing windows."""

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session as Database

from consult.people.sessions.tables import SessionRow, SigningWindowRow


def save_window(session: Database, row: SigningWindowRow) -> None:
    """Write a new window."""
    session.add(row)
    session.flush()


def find_open(
    session: Database, session_id: str, *, now: datetime, idle: timedelta
) -> SigningWindowRow | None:
    """The window of this open session that is neither ended, over, idle nor used up."""
    is_shut = exists().where(
        SessionRow.id == session_id,
        or_(SessionRow.ended_at.is_not(None), SessionRow.locked_at.is_not(None)),
    )
    statement = (
        select(SigningWindowRow)
        .where(
            SigningWindowRow.session_id == session_id,
            SigningWindowRow.ended_at.is_(None),
            SigningWindowRow.until > now,
            SigningWindowRow.touched_at > now - idle,
            SigningWindowRow.reports_left > 0,
            ~is_shut,
        )
        .order_by(SigningWindowRow.opened_at.desc(), SigningWindowRow.id)
        .limit(1)
    )
    return session.scalar(statement)


def touch(session: Database, session_id: str, *, now: datetime) -> None:
    """A hand is on the page."""
    session.execute(
        update(SigningWindowRow)
        .where(SigningWindowRow.session_id == session_id, SigningWindowRow.ended_at.is_(None))
        .values(touched_at=now)
    )


def spend(session: Database, window_id: str, *, now: datetime) -> int | None:
    """Take one report off, by a hand; how many are left, or none where somebody was first."""
    statement = (
        update(SigningWindowRow)
        .where(
            SigningWindowRow.id == window_id,
            SigningWindowRow.ended_at.is_(None),
            SigningWindowRow.reports_left > 0,
        )
        .values(reports_left=SigningWindowRow.reports_left - 1, touched_at=now)
        .returning(SigningWindowRow.reports_left)
    )
    return session.scalar(statement)


def end_all(session: Database, session_id: str, *, at: datetime) -> list[tuple[str, datetime]]:
    """End what is open of this session, and say which, and how long each could have lasted."""
    statement = (
        update(SigningWindowRow)
        .where(SigningWindowRow.session_id == session_id, SigningWindowRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SigningWindowRow.id, SigningWindowRow.until)
    )
    return [(window_id, until) for window_id, until in session.execute(statement)]


def list_past(session: Database, *, now: datetime) -> list[str]:
    """The sessions whose windows are over by their time, or which are over themselves."""
    statement = (
        select(SigningWindowRow.session_id)
        .outerjoin(SessionRow, SessionRow.id == SigningWindowRow.session_id)
        .where(
            SigningWindowRow.ended_at.is_(None),
            or_(SigningWindowRow.until <= now, SessionRow.ended_at.is_not(None)),
        )
        .distinct()
    )
    return list(session.scalars(statement))
