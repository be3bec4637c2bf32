"""The only SQL of institutions and consortia."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.db.base import table_of
from consult.db.prepared import Prepared
from consult.db.reading import lasting
from consult.kernel.ids import ConsortiumId, InstitutionId
from consult.people.organisations.errors import CodeTakenError, NameTakenError, StaleError
from consult.people.organisations.model import (
    LONGEST_LIST,
    Consortium,
    Institution,
    Member,
    Standing,
)
from consult.people.organisations.tables import ConsortiumRow, InstitutionRow, MembershipRow

_INSTITUTION = table_of(InstitutionRow).c
_ALL = select(*(_INSTITUTION[field.name] for field in dataclasses.fields(Institution)))
_ONE = Prepared(_ALL.where(_INSTITUTION.id == bindparam("wanted_id")))
_BY_CODE = Prepared(_ALL.where(_INSTITUTION.code == bindparam("wanted_code")))


def save_institution(session: Session, row: InstitutionRow) -> None:
    """Write a new institution."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise CodeTakenError(row.code) from None


def find_institution(session: Session, institution_id: str) -> Institution | None:
    """One institution."""
    return lasting(session, (Institution, institution_id), lambda: _find(session, institution_id))


def find_by_code(session: Session, code: str) -> Institution | None:
    """The institution whose code this is."""
    return lasting(session, ("institution", code), lambda: _find_by_code(session, code))


def _find_by_code(session: Session, code: str) -> Institution | None:
    found = _BY_CODE.ask(session, {"wanted_code": code})
    return Institution(*found[0]) if found else None


def list_institutions(session: Session, visible: Select[str] | None) -> list[Institution]:
    """Institutions by name; all of them where `visible` is None."""
    statement = select(InstitutionRow).order_by(InstitutionRow.name, InstitutionRow.id)
    if visible is not None:
        statement = statement.where(InstitutionRow.id.in_(visible))
    return [institution_of(row) for row in session.scalars(statement.limit(LONGEST_LIST))]


def institutions_by_id(session: Session, ids: Sequence[str]) -> dict[str, Institution]:
    """These institutions, by id."""
    statement = select(InstitutionRow).where(InstitutionRow.id.in_(ids))
    return {row.id: institution_of(row) for row in session.scalars(statement)}


def save_stop(session: Session, institution_id: str, *, revision: int, at: datetime) -> None:
    """Stop an institution that is as the page showed it."""
    statement = (
        update(InstitutionRow)
        .where(
            InstitutionRow.id == institution_id,
            InstitutionRow.revision == revision,
            InstitutionRow.stopped_at.is_(None),
        )
        .values(stopped_at=at, revision=revision + 1)
        .returning(InstitutionRow.id)
    )
    if session.scalar(statement) is None:
        raise StaleError


def save_consortium(session: Session, row: ConsortiumRow) -> None:
    """Write a new consortium."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise NameTakenError from None


def find_consortium(session: Session, consortium_id: str) -> Consortium | None:
    """One consortium."""
    row = session.get(ConsortiumRow, consortium_id)
    return None if row is None else _consortium(row)


def list_consortia(session: Session, visible: Select[str] | None) -> list[Consortium]:
    """Consortia by name; all of them where `visible` is None."""
    statement = select(ConsortiumRow).order_by(ConsortiumRow.name, ConsortiumRow.id)
    if visible is not None:
        statement = statement.where(ConsortiumRow.id.in_(visible))
    return [_consortium(row) for row in session.scalars(statement.limit(LONGEST_LIST))]


def lock_consortium(session: Session, consortium_id: str) -> None:
    """Let changes of one consortium's members and agreements pass one after the other."""
    session.scalar(
        select(ConsortiumRow.id).where(ConsortiumRow.id == consortium_id).with_for_update()
    )


def save_membership(session: Session, row: MembershipRow) -> None:
    """Write an institution's place."""
    session.add(row)
    session.flush()


def find_standing(session: Session, consortium_id: str, institution_id: str) -> Standing | None:
    """What the institution is in the consortium; None where it does not belong to it."""
    row = session.get(MembershipRow, (consortium_id, institution_id))
    return None if row is None else row.standing


def save_lead(session: Session, consortium_id: str, institution_id: str) -> None:
    """Make one member the lead, and all others plain members."""
    of_consortium = MembershipRow.consortium_id == consortium_id
    session.execute(update(MembershipRow).where(of_consortium).values(standing=Standing.MEMBER))
    session.execute(
        update(MembershipRow)
        .where(of_consortium, MembershipRow.institution_id == institution_id)
        .values(standing=Standing.LEAD)
    )


def delete_membership(session: Session, consortium_id: str, institution_id: str) -> None:
    """Take an institution out of the consortium."""
    session.execute(
        delete(MembershipRow).where(
            MembershipRow.consortium_id == consortium_id,
            MembershipRow.institution_id == institution_id,
        )
    )


def list_members(session: Session, consortium_id: str) -> list[Member]:
    """The lead hospital first, then the members by name."""
    statement = (
        select(InstitutionRow, MembershipRow.standing)
        .join(MembershipRow, MembershipRow.institution_id == InstitutionRow.id)
        .where(MembershipRow.consortium_id == consortium_id)
        .order_by(MembershipRow.standing != Standing.LEAD, InstitutionRow.name, InstitutionRow.id)
        .limit(LONGEST_LIST)
    )
    return [Member(institution_of(row), standing) for row, standing in session.execute(statement)]


def consortium_ids_of(session: Session, institution_id: str) -> frozenset[ConsortiumId]:
    """The consortia to which an institution belongs."""
    statement = select(MembershipRow.consortium_id).where(
        MembershipRow.institution_id == institution_id
    )
    return frozenset(ConsortiumId(found) for found in session.scalars(statement))


def institution_of(row: InstitutionRow) -> Institution:
    """The row as an institution."""
    return Institution(
        id=InstitutionId(row.id),
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        tier=row.tier,
        zone=row.zone,
        phone=row.phone,
        wrapped_key=row.wrapped_key,
        stopped_at=row.stopped_at,
        revision=row.revision,
    )


def _find(session: Session, institution_id: str) -> Institution | None:
    found = _ONE.ask(session, {"wanted_id": institution_id})
    return Institution(*found[0]) if found else None


def _consortium(row: ConsortiumRow) -> Consortium:
    return Consortium(ConsortiumId(row.id), row.name, row.name_en, row.revision)
