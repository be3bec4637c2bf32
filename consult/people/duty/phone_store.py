"""The only SQL of duty telephones."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId
from consult.people.duty.phone_model import DutyPhone
from consult.people.duty.tables import DutyPhoneRow


def list_phones(session: Session, institution_id: str, *, limit: int) -> list[DutyPhone]:
    """The numbers of an institution, in the order in which they were entered."""
    statement = (
        select(DutyPhoneRow)
        .where(DutyPhoneRow.institution_id == institution_id, DutyPhoneRow.ended_at.is_(None))
        .order_by(DutyPhoneRow.id)
        .limit(limit)
    )
    return [_phone(row) for row in session.scalars(statement)]


def find_phone(session: Session, phone_id: str) -> DutyPhone | None:
    """A number that holds."""
    row = session.get(DutyPhoneRow, phone_id)
    return None if row is None or row.ended_at is not None else _phone(row)


def save_phone(session: Session, row: DutyPhoneRow) -> DutyPhone:
    """Write a new number."""
    session.add(row)
    session.flush()
    return _phone(row)


def save_end(session: Session, phone_id: str, *, at: datetime) -> None:
    """The number holds no more."""
    session.execute(
        update(DutyPhoneRow)
        .where(DutyPhoneRow.id == phone_id, DutyPhoneRow.ended_at.is_(None))
        .values(ended_at=at)
    )


def _phone(row: DutyPhoneRow) -> DutyPhone:
    return DutyPhone(row.id, InstitutionId(row.institution_id), row.who, row.phone, row.span)
