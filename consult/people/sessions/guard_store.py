"""The SQL of wrong tries: how many there were lately for one key."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Database

from consult.people.sessions.tables import SignInGuardRow


def lock_guard(session: Database, key: str, *, now: datetime) -> SignInGuardRow:
    """The guard of this key, made where there is none, held until the unit ends."""
    row = session.get(SignInGuardRow, key, with_for_update=True)
    if row is not None:
        return row
    try:
        with session.begin_nested():
            session.add(SignInGuardRow(key=key, failures_at=[], locked_until=None, touched_at=now))
    except IntegrityError:
        session.expire_all()
    found = session.get(SignInGuardRow, key, with_for_update=True)
    if found is None:
        raise LookupError(key)
    return found


def save_guard(
    session: Database,
    row: SignInGuardRow,
    *,
    failures_at: list[datetime],
    locked_until: datetime | None,
    now: datetime,
) -> None:
    """Write the failures that count."""
    row.failures_at = [at.isoformat() for at in failures_at]
    row.locked_until = locked_until
    row.touched_at = now
    session.flush()
