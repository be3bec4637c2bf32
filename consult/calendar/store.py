"""The only SQL of clinics."""

import dataclasses
from collections.abc import Collection

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.calendar.clinics import Clinic, ClinicFacts
from consult.calendar.errors import ClinicExistsError
from consult.calendar.tables import ClinicRow
from consult.kernel.ids import ClinicId, InstitutionId

_FACTS = tuple(field.name for field in dataclasses.fields(ClinicFacts))


def save_clinic(session: Session, row: ClinicRow) -> Clinic:
    """Write a new clinic."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise ClinicExistsError from None
    return _clinic(row)


def save_facts(session: Session, before: Clinic, facts: ClinicFacts) -> bool:
    """Write new facts of a clinic that is as it was read; False where it is not."""
    statement = (
        update(ClinicRow)
        .where(ClinicRow.id == before.id, ClinicRow.revision == before.revision)
        .values(**dataclasses.asdict(facts), revision=before.revision + 1)
        .returning(ClinicRow.id)
        .execution_options(synchronize_session=False)
    )
    try:
        with session.begin_nested():
            return session.scalar(statement) is not None
    except IntegrityError:
        raise ClinicExistsError from None


def save_shared(session: Session, clinic_id: str, consortium_ids: Collection[str]) -> None:
    """Write to which consortia a clinic is open."""
    session.execute(
        update(ClinicRow)
        .where(ClinicRow.id == clinic_id)
        .values(shared_with=sorted(consortium_ids))
        .execution_options(synchronize_session=False)
    )


def lock_clinics(session: Session, institution_id: str) -> list[str]:
    """Let publications of one institution pass one after the other; its clinics."""
    statement = select(ClinicRow.id).where(ClinicRow.institution_id == institution_id)
    return list(session.scalars(statement.order_by(ClinicRow.id).with_for_update()))


def find_clinic(session: Session, clinic_id: str) -> Clinic | None:
    """One clinic."""
    row = session.get(ClinicRow, clinic_id, populate_existing=True)
    return None if row is None else _clinic(row)


def list_clinics(
    session: Session, *, visible: Select[str], institutions: Select[str] | None, limit: int
) -> list[Clinic]:
    """Clinics by institution and name."""
    statement = select(ClinicRow).where(ClinicRow.id.in_(visible))
    if institutions is not None:
        statement = statement.where(ClinicRow.institution_id.in_(institutions))
    statement = statement.order_by(ClinicRow.institution_id, ClinicRow.name, ClinicRow.id)
    return [_clinic(row) for row in session.scalars(statement.limit(limit))]


def clinics_by_id(session: Session, ids: Collection[str]) -> dict[str, Clinic]:
    """These clinics."""
    statement = select(ClinicRow).where(ClinicRow.id.in_(sorted(ids)))
    return {row.id: _clinic(row) for row in session.scalars(statement)}


def _clinic(row: ClinicRow) -> Clinic:
    return Clinic(
        id=ClinicId(row.id),
        institution_id=InstitutionId(row.institution_id),
        facts=ClinicFacts(**{name: getattr(row, name) for name in _FACTS}),
        shared_with=frozenset(row.shared_with),
        revision=row.revision,
    )
