"""The only SQL of sessions; one query reads a session with all that it rests on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session as Database
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from consult.access import policy
from consult.db.base import UtcTime
from consult.people.organisations.tables import (
    InstitutionRow,
    MembershipRow,
    PanelMemberRow,
    PanelRow,
)
from consult.people.practitioners.tables import (
    AffiliationRoleRow,
    AffiliationRow,
    CredentialRow,
    PractitionerRow,
)
from consult.people.second_factors.tables import SecondFactorRow
from consult.people.sessions.model import GUARD_KEPT, KEPT_AFTER_END, SEEN_EVERY, OpenWindow, WayIn
from consult.people.sessions.tables import (
    ProviderSignOutRow,
    SessionRow,
    SignInGuardRow,
    SigningWindowRow,
)

Standing = Row[SessionRow, AffiliationRow, InstitutionRow]
_LONGEST_LIST = 100
Moment = datetime | BindParameter[datetime]


@dataclass(frozen=True, slots=True)
class Found:
    """An open session with all that it rests on; `roles`, `consortia`, `panels` hold ids."""

    session_id: str
    signed_in_by: str
    expires_at: datetime
    seen_at: datetime
    locked_at: datetime | None
    practitioner_id: str
    login: str
    person_name: str
    person_name_en: str
    language: str | None
    affiliation_id: str
    from_on: date
    until_on: date | None
    institution_id: str
    institution_code: str
    institution_name: str
    institution_name_en: str
    zone: str
    must_change: bool
    has_second_factor: bool
    window_address: str | None
    window_until: datetime | None
    window_touched_at: datetime | None
    emergency_until: datetime | None
    roles: str | None
    consortia: str | None
    panels: str | None

    @property
    def window(self) -> OpenWindow | None:
        """The signing window that is open in it."""
        if self.window_address is None or self.window_until is None:
            return None
        return OpenWindow(self.window_address, self.window_until, self.window_touched_at)


def find_open(
    session: Database, token_hash: str, *, now: datetime, idle: timedelta
) -> Found | None:
    """The open session of this token with its person, place, rights and emergency."""
    asked = {"token_hash": token_hash, "now": now, "seen_after": now - idle}
    row = session.execute(_open_session(), asked).first()
    return None if row is None else Found(*row)


@cache
def _open_session() -> Select[*tuple[Any, ...]]:
    """Asked by every request, so it is one question, and built once."""
    now, seen_after = bindparam("now", type_=UtcTime()), bindparam("seen_after", type_=UtcTime())
    return (
        select(
            SessionRow.id,
            SessionRow.signed_in_by,
            SessionRow.expires_at,
            SessionRow.seen_at,
            SessionRow.locked_at,
            PractitionerRow.id,
            PractitionerRow.login,
            PractitionerRow.name,
            PractitionerRow.name_en,
            PractitionerRow.language,
            AffiliationRow.id,
            AffiliationRow.from_on,
            AffiliationRow.until_on,
            InstitutionRow.id,
            InstitutionRow.code,
            InstitutionRow.name,
            InstitutionRow.name_en,
            InstitutionRow.zone,
            CredentialRow.must_change,
            SecondFactorRow.secret.is_not(None),
            SigningWindowRow.address,
            SigningWindowRow.until,
            SigningWindowRow.touched_at,
            policy.emergency_until(SessionRow.practitioner_id, now=now).scalar_subquery(),
            *_rights(),
        )
        .select_from(SessionRow)
        .outerjoin(SecondFactorRow, SecondFactorRow.practitioner_id == SessionRow.practitioner_id)
        .outerjoin(
            SigningWindowRow,
            and_(SigningWindowRow.session_id == SessionRow.id, SigningWindowRow.ended_at.is_(None)),
        )
        .join(PractitionerRow, PractitionerRow.id == SessionRow.practitioner_id)
        .join(AffiliationRow, AffiliationRow.id == SessionRow.affiliation_id)
        .join(InstitutionRow, InstitutionRow.id == AffiliationRow.institution_id)
        .join(CredentialRow, CredentialRow.practitioner_id == SessionRow.practitioner_id)
        .where(SessionRow.token_hash == bindparam("token_hash"), *_is_open(now, seen_after))
    )


def _rights() -> tuple[ScalarSelect[Any], ...]:
    """The roles of an affiliation, its consortia, and the person's panels there, each joined."""
    roles = select(func.aggregate_strings(AffiliationRoleRow.role, " ")).where(
        AffiliationRoleRow.affiliation_id == AffiliationRow.id
    )
    consortia = select(func.aggregate_strings(MembershipRow.consortium_id, " ")).where(
        MembershipRow.institution_id == AffiliationRow.institution_id
    )
    panels = (
        select(func.aggregate_strings(PanelRow.id, " "))
        .join(PanelMemberRow, PanelMemberRow.panel_id == PanelRow.id)
        .where(
            PanelMemberRow.practitioner_id == SessionRow.practitioner_id,
            PanelRow.institution_id == AffiliationRow.institution_id,
        )
    )
    return tuple(each.scalar_subquery() for each in (roles, consortia, panels))


def list_open_of(
    session: Database, token_hashes: list[str], *, now: datetime, idle: timedelta
) -> list[Standing]:
    """The open sessions of these tokens, with the place and the days for which they act."""
    statement = (
        select(SessionRow, AffiliationRow, InstitutionRow)
        .join(AffiliationRow, AffiliationRow.id == SessionRow.affiliation_id)
        .join(InstitutionRow, InstitutionRow.id == AffiliationRow.institution_id)
        .join(CredentialRow, CredentialRow.practitioner_id == SessionRow.practitioner_id)
        .where(SessionRow.token_hash.in_(token_hashes), *_is_open(now, now - idle))
    )
    return list(session.execute(statement))


def _is_open(now: Moment, seen_after: Moment) -> tuple[ColumnElement[bool], ...]:
    """What a session rests on, over the tables of both questions above."""
    return (
        SessionRow.ended_at.is_(None),
        SessionRow.expires_at > now,
        SessionRow.seen_at > seen_after,
        SessionRow.credential_revision == CredentialRow.revision,
        AffiliationRow.stopped_at.is_(None),
        InstitutionRow.stopped_at.is_(None),
    )


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
