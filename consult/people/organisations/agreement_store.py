"""The only SQL of agreements."""

from collections import defaultdict
from datetime import date

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import AgreementId, ConsortiumId, InstitutionId
from consult.people.organisations.errors import StaleError
from consult.people.organisations.model import LONGEST_LIST, Agreement
from consult.people.organisations.tables import AgreementRow, AgreementServiceRow


def save_agreement(session: Session, row: AgreementRow, services: frozenset[str]) -> None:
    """Write a new agreement."""
    session.add(row)
    session.flush()
    _save_services(session, row.id, services)


def save_change(session: Session, before: Agreement, after: Agreement) -> None:
    """Write the agreement only if it is still as it was read."""
    statement = (
        update(AgreementRow)
        .where(AgreementRow.id == before.id, AgreementRow.revision == before.revision)
        .values(
            fee_rule=after.fee_rule,
            liability=after.liability,
            valid_from=after.valid_from,
            valid_until=after.valid_until,
            signed_on=after.signed_on,
            revision=before.revision + 1,
        )
        .returning(AgreementRow.id)
    )
    if session.scalar(statement) is None:
        raise StaleError
    if before.services != after.services:
        session.execute(
            delete(AgreementServiceRow).where(AgreementServiceRow.agreement_id == before.id)
        )
        _save_services(session, before.id, after.services)


def find_agreement(session: Session, agreement_id: str) -> Agreement | None:
    """One agreement."""
    found = _agreements(session, select(AgreementRow).where(AgreementRow.id == agreement_id))
    return found[0] if found else None


def list_agreements(session: Session, visible: Select[str] | None) -> list[Agreement]:
    """Agreements, the one that ends last first; all of them where `visible` is None."""
    statement = select(AgreementRow).order_by(
        AgreementRow.valid_until.desc(), AgreementRow.id.desc()
    )
    if visible is not None:
        statement = statement.where(AgreementRow.id.in_(visible))
    return _agreements(session, statement.limit(LONGEST_LIST))


def list_between(
    session: Session, *, inviting_id: str, invited_id: str, on_or_after: date | None = None
) -> list[Agreement]:
    """The agreements of this pair, in this direction."""
    statement = (
        select(AgreementRow)
        .where(AgreementRow.inviting_id == inviting_id, AgreementRow.invited_id == invited_id)
        .order_by(AgreementRow.valid_until.desc(), AgreementRow.id.desc())
        .limit(LONGEST_LIST)
    )
    if on_or_after is not None:
        statement = statement.where(AgreementRow.valid_until >= on_or_after)
    return _agreements(session, statement)


def list_of_inviting(session: Session, inviting_id: str, *, on: date) -> list[Agreement]:
    """The agreements under which this institution may ask, on this day."""
    statement = (
        select(AgreementRow)
        .where(
            AgreementRow.inviting_id == inviting_id,
            AgreementRow.valid_from <= on,
            AgreementRow.valid_until >= on,
        )
        .order_by(AgreementRow.id)
        .limit(LONGEST_LIST)
    )
    return _agreements(session, statement)


def _save_services(session: Session, agreement_id: str, services: frozenset[str]) -> None:
    session.add_all(
        AgreementServiceRow(agreement_id=agreement_id, service_type=found)
        for found in sorted(services)
    )
    session.flush()


def _agreements(session: Session, statement: Select[AgreementRow]) -> list[Agreement]:
    rows = session.scalars(statement.execution_options(populate_existing=True)).all()
    services: defaultdict[str, set[str]] = defaultdict(set)
    for service in session.scalars(
        select(AgreementServiceRow).where(
            AgreementServiceRow.agreement_id.in_([row.id for row in rows])
        )
    ):
        services[service.agreement_id].add(service.service_type)
    return [_agreement(row, frozenset(services[row.id])) for row in rows]


def _agreement(row: AgreementRow, services: frozenset[str]) -> Agreement:
    return Agreement(
        id=AgreementId(row.id),
        consortium_id=ConsortiumId(row.consortium_id),
        inviting_id=InstitutionId(row.inviting_id),
        invited_id=InstitutionId(row.invited_id),
        services=services,
        fee_rule=row.fee_rule,
        liability=row.liability,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        signed_on=row.signed_on,
        revision=row.revision,
    )
