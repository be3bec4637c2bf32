"""The SQL of sessions: begun, seen, locked, ended and listed."""

from datetime import datetime, timedelta

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.orm import Session as Database

from consult.people.organisations.tables import (
    InstitutionRow,
)
from consult.people.practitioners.tables import (
    AffiliationRow,
    CredentialRow,
)
from consult.people.sessions.model import GUARD_KEPT, KEPT_AFTER_END, SEEN_EVERY, WayIn
from consult.people.sessions.open_store import is_open
from consult.people.sessions.tables import (
    ProviderSignOutRow,
    SessionRow,
    SignInGuardRow,
    SigningWindowRow,
)

Standing = Row[SessionRow, AffiliationRow, InstitutionRow]
_LONGEST_LIST = 100


def list_open_of(
    session: Database, token_hashes: list[str], *, now: datetime, idle: timedelta
) -> list[Standing]:
    """The open sessions of these tokens, with the place and the days for which they act."""
    statement = (
        select(SessionRow, AffiliationRow, InstitutionRow)
        .join(AffiliationRow, AffiliationRow.id == SessionRow.affiliation_id)
        .join(InstitutionRow, InstitutionRow.id == AffiliationRow.institution_id)
        .join(CredentialRow, CredentialRow.practitioner_id == SessionRow.practitioner_id)
        .where(SessionRow.token_hash.in_(token_hashes), *is_open(now, now - idle))
    )
    return list(session.execute(statement))


def find_way_in(session: Database, session_id: str) -> WayIn | None:
    """How a session was opened."""
    row = session.get(SessionRow, session_id)
    if row is None:
        return None
    return WayIn(row.signed_in_by, sub=row.provider_sub, sid=row.provider_sid)


def save_session(session: Database, row: SessionRow) -> None:
    """Write a new session."""
    session.add(row)
    session.flush()


def save_seen(session: Database, session_id: str, *, now: datetime) -> None:
    """Write that a session is in use, at most once a minute."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now)
    )


def save_lock(session: Database, session_id: str, *, at: datetime) -> bool:
    """Lock an open session; False where it was locked or is over."""
    statement = (
        update(SessionRow)
        .where(
            SessionRow.id == session_id,
            SessionRow.locked_at.is_(None),
            SessionRow.ended_at.is_(None),
        )
        .values(locked_at=at)
        .returning(SessionRow.id)
    )
    return session.scalar(statement) is not None


def save_unlock(session: Database, session_id: str, *, now: datetime) -> bool:
    """Unlock an open session, which counts as used."""
    statement = (
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        .values(locked_at=None, seen_at=now)
        .returning(SessionRow.id)
    )
    return session.scalar(statement) is not None


def save_credential_revision(session: Database, session_id: str, revision: int) -> None:
    """Let one session live on after its owner changed her password."""
    session.execute(
        update(SessionRow).where(SessionRow.id == session_id).values(credential_revision=revision)
    )


def save_end(session: Database, session_id: str, practitioner_id: str, *, at: datetime) -> bool:
    """End an open session of this person; False where there is none."""
    statement = (
        update(SessionRow)
        .where(
            SessionRow.id == session_id,
            SessionRow.practitioner_id == practitioner_id,
            SessionRow.ended_at.is_(None),
        )
        .values(ended_at=at)
        .returning(SessionRow.id)
    )
    return session.scalar(statement) is not None


def end_all(session: Database, practitioner_id: str, *, at: datetime) -> list[str]:
    """End every open session of this person, and say which."""
    statement = (
        update(SessionRow)
        .where(SessionRow.practitioner_id == practitioner_id, SessionRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SessionRow.id)
    )
    return list(session.scalars(statement))


def end_everybodys(session: Database, *, at: datetime) -> list[str]:
    """End every open session, and say which."""
    statement = (
        update(SessionRow)
        .where(SessionRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SessionRow.id)
    )
    return list(session.scalars(statement))


def list_others(session: Database, practitioner_id: str, own_id: str) -> list[str]:
    """A person's sessions that have not ended, but this one."""
    statement = select(SessionRow.id).where(
        SessionRow.practitioner_id == practitioner_id,
        SessionRow.id != own_id,
        SessionRow.ended_at.is_(None),
    )
    return list(session.scalars(statement))


def list_open(
    session: Database, practitioner_id: str, *, now: datetime, idle: timedelta
) -> list[SessionRow]:
    """A person's open sessions, the latest used first."""
    statement = (
        select(SessionRow)
        .join(CredentialRow, CredentialRow.practitioner_id == SessionRow.practitioner_id)
        .where(
            SessionRow.practitioner_id == practitioner_id,
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.seen_at > now - idle,
            SessionRow.credential_revision == CredentialRow.revision,
        )
        .order_by(SessionRow.seen_at.desc(), SessionRow.id.desc())
        .limit(_LONGEST_LIST)
    )
    return list(session.scalars(statement))


def find_last_affiliation(session: Database, practitioner_id: str) -> str | None:
    """The affiliation of the person's latest session."""
    statement = (
        select(SessionRow.affiliation_id)
        .where(SessionRow.practitioner_id == practitioner_id)
        .order_by(SessionRow.opened_at.desc(), SessionRow.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def delete_old(session: Database, *, now: datetime) -> None:
    """Forget guards that no longer count, and sessions that ended long ago."""
    session.execute(
        delete(SignInGuardRow).where(
            SignInGuardRow.touched_at < now - GUARD_KEPT,
            or_(SignInGuardRow.locked_until.is_(None), SignInGuardRow.locked_until < now),
        )
    )
    session.execute(delete(SessionRow).where(SessionRow.expires_at < now - KEPT_AFTER_END))
    session.execute(delete(SigningWindowRow).where(SigningWindowRow.until < now - KEPT_AFTER_END))
    session.execute(delete(ProviderSignOutRow).where(ProviderSignOutRow.at < now - GUARD_KEPT))
