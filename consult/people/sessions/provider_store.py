"""The only SQL of what an identity provider says about sessions."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session as Database
from sqlalchemy.sql.elements import ColumnElement

from consult.people.sessions.model import BY_PROVIDER, WayIn
from consult.people.sessions.tables import ProviderSignOutRow, SessionRow


def save_proof(session: Database, session_id: str, *, way: WayIn, at: datetime) -> bool:
    """Write when the person was last asked, and in which sitting; False for another subject."""
    statement = (
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.provider_sub == way.sub)
        .values(proved_at=at, proved_by_two=way.is_by_two)
        .returning(SessionRow.id)
    )
    if way.sid is not None:
        statement = statement.values(provider_sid=way.sid)
    return session.scalar(statement) is not None


def find_proof(session: Database, session_id: str, *, after: datetime) -> bool | None:
    """Whether the proof since then is one of two factors; None where there is none."""
    statement = select(SessionRow.proved_by_two).where(
        SessionRow.id == session_id,
        SessionRow.signed_in_by == BY_PROVIDER,
        SessionRow.proved_at > after,
    )
    found = session.execute(statement).first()
    return None if found is None else bool(found[0])


def spend_proof(session: Database, session_id: str, *, after: datetime) -> bool:
    """Take the proof away; False where there was none since then."""
    statement = (
        update(SessionRow)
        .where(
            SessionRow.id == session_id,
            SessionRow.signed_in_by == BY_PROVIDER,
            SessionRow.proved_at > after,
            SessionRow.ended_at.is_(None),
        )
        .values(proved_at=None)
        .returning(SessionRow.id)
    )
    return session.scalar(statement) is not None


def save_sign_out(session: Database, token_hash: str, *, at: datetime) -> bool:
    """Write a logout token down; False where it stands there already."""
    known = select(ProviderSignOutRow.at).where(ProviderSignOutRow.token_hash == token_hash)
    if session.scalar(known) is not None:
        return False
    session.add(ProviderSignOutRow(token_hash=token_hash, at=at))
    session.flush()
    return True


def end_named(session: Database, *, sub: str | None, sid: str | None, at: datetime) -> list[str]:
    """End the open sessions of this name there, of one sitting where it is given; say which."""
    if sub is None and sid is None:
        return []
    named: list[ColumnElement[bool]] = []
    if sub is not None:
        named.append(SessionRow.provider_sub == sub)
    if sid is not None:
        # a provider that did not name the sitting when it began means all of them
        known = SessionRow.provider_sid == sid
        named.append(known if sub is None else or_(known, SessionRow.provider_sid.is_(None)))
    statement = (
        update(SessionRow)
        .where(SessionRow.signed_in_by == BY_PROVIDER, SessionRow.ended_at.is_(None), *named)
        .values(ended_at=at)
        .returning(SessionRow.id)
    )
    return list(session.scalars(statement))
