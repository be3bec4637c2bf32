"""The SQL of the one question that every request asks: a session with all that it rests on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, bindparam, func, select
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
from consult.people.sessions.model import OpenWindow
from consult.people.sessions.tables import SessionRow, SigningWindowRow

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
        .where(SessionRow.token_hash == bindparam("token_hash"), *is_open(now, seen_after))
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


def is_open(now: Moment, seen_after: Moment) -> tuple[ColumnElement[bool], ...]:
    """What a session rests on, where person, place and institution are joined to it."""
    return (
        SessionRow.ended_at.is_(None),
        SessionRow.expires_at > now,
        SessionRow.seen_at > seen_after,
        SessionRow.credential_revision == CredentialRow.revision,
        AffiliationRow.stopped_at.is_(None),
        InstitutionRow.stopped_at.is_(None),
    )
