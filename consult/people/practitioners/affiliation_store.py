"""The only SQL of affiliations."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.ids import AffiliationId, InstitutionId, PractitionerId
from consult.kernel.work import Role
from consult.people.practitioners.errors import AffiliationChangedError, AlreadyAffiliatedError
from consult.people.practitioners.model import LONGEST_LIST, Affiliation
from consult.people.practitioners.tables import (
    AffiliationRoleRow,
    AffiliationRow,
    PractitionerRow,
)


def save_affiliation(session: Session, row: AffiliationRow, roles: frozenset[Role]) -> None:
    """Write a new affiliation with its roles."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise AlreadyAffiliatedError from None
    session.add_all(AffiliationRoleRow(affiliation_id=row.id, role=role) for role in sorted(roles))
    session.flush()


def save_stop(session: Session, affiliation_id: str, *, revision: int, at: datetime) -> None:
    """Stop an affiliation that is as the page showed it."""
    statement = (
        update(AffiliationRow)
        .where(
            AffiliationRow.id == affiliation_id,
            AffiliationRow.revision == revision,
            AffiliationRow.stopped_at.is_(None),
        )
        .values(stopped_at=at, revision=revision + 1)
        .returning(AffiliationRow.id)
    )
    if session.scalar(statement) is None:
        raise AffiliationChangedError


def find_affiliation(session: Session, affiliation_id: str) -> Affiliation | None:
    """One affiliation."""
    found = _affiliations(
        session, select(AffiliationRow).where(AffiliationRow.id == affiliation_id)
    )
    return found[0] if found else None


def list_of(session: Session, practitioner_ids: Collection[str]) -> list[Affiliation]:
    """Every affiliation of these people, stopped ones too, the newest first."""
    statement = (
        select(AffiliationRow)
        .where(AffiliationRow.practitioner_id.in_(sorted(practitioner_ids)))
        .order_by(AffiliationRow.from_on.desc(), AffiliationRow.id.desc())
        .limit(LONGEST_LIST * 4)
    )
    return _affiliations(session, statement)


def find_live(session: Session, practitioner_id: str, institution_id: str) -> Affiliation | None:
    """The affiliation of this person at this institution that was not stopped."""
    statement = select(AffiliationRow).where(
        AffiliationRow.practitioner_id == practitioner_id,
        AffiliationRow.institution_id == institution_id,
        AffiliationRow.stopped_at.is_(None),
    )
    found = _affiliations(session, statement)
    return found[0] if found else None


def list_with_role(session: Session, institution_id: str, role: Role) -> list[Affiliation]:
    """The affiliations at an institution that give a role and were not stopped."""
    statement = (
        select(AffiliationRow)
        .join(AffiliationRoleRow, AffiliationRoleRow.affiliation_id == AffiliationRow.id)
        .join(PractitionerRow, PractitionerRow.id == AffiliationRow.practitioner_id)
        .where(
            AffiliationRow.institution_id == institution_id,
            AffiliationRow.stopped_at.is_(None),
            AffiliationRoleRow.role == role,
        )
        .order_by(PractitionerRow.name, AffiliationRow.id)
        .limit(LONGEST_LIST)
    )
    return _affiliations(session, statement)


def list_ended_before(session: Session, day: date, *, limit: int) -> list[Affiliation]:
    """Affiliations whose last day lies before this one, and that nobody stopped."""
    statement = (
        select(AffiliationRow)
        .where(AffiliationRow.stopped_at.is_(None), AffiliationRow.until_on < day)
        .order_by(AffiliationRow.until_on, AffiliationRow.id)
        .limit(limit)
    )
    return _affiliations(session, statement)


def list_administrators(session: Session) -> list[Affiliation]:
    """The affiliations that let somebody arrange the installation, locked until the unit ends."""
    ids = select(AffiliationRoleRow.affiliation_id).where(
        AffiliationRoleRow.role == Role.ADMINISTRATOR
    )
    statement = (
        select(AffiliationRow)
        .where(AffiliationRow.id.in_(ids), AffiliationRow.stopped_at.is_(None))
        .order_by(AffiliationRow.id)
        .limit(LONGEST_LIST)
        .with_for_update()
    )
    return _affiliations(session, statement)


def _affiliations(session: Session, statement: Select[AffiliationRow]) -> list[Affiliation]:
    rows = session.scalars(statement.execution_options(populate_existing=True)).all()
    roles: defaultdict[str, set[Role]] = defaultdict(set)
    for found in session.scalars(
        select(AffiliationRoleRow).where(
            AffiliationRoleRow.affiliation_id.in_([row.id for row in rows])
        )
    ):
        roles[found.affiliation_id].add(found.role)
    return [_affiliation(row, frozenset(roles[row.id])) for row in rows]


def _affiliation(row: AffiliationRow, roles: frozenset[Role]) -> Affiliation:
    return Affiliation(
        id=AffiliationId(row.id),
        practitioner_id=PractitionerId(row.practitioner_id),
        institution_id=InstitutionId(row.institution_id),
        roles=roles,
        from_on=row.from_on,
        until_on=row.until_on,
        stopped_at=row.stopped_at,
        revision=row.revision,
    )
