"""The only SQL of a day's list."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.cases.screening.history import DiabetesWord, ListedHistory
from consult.cases.screening.model import Listed
from consult.cases.screening.tables import ScreeningRow
from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId


def save_listed(session: Session, listed: Listed, *, institution_id: InstitutionId) -> bool:
    """Put a patient on the list; False where she stands on it already."""
    row = ScreeningRow(
        id=listed.id,
        institution_id=institution_id,
        listed_on=listed.day,
        position=listed.position,
        patient_id=listed.patient_id,
        case_id=listed.case_id,
        added_by_id=listed.added_by_id,
        added_at=listed.added_at,
        diabetes_type=listed.history.diabetes,
        diabetes_since=listed.history.since_year,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True


def find_listed(
    session: Session, *, institution_id: InstitutionId, day: date, patient_id: str
) -> Listed | None:
    """The line of this patient and day."""
    statement = select(ScreeningRow).where(
        ScreeningRow.institution_id == institution_id,
        ScreeningRow.listed_on == day,
        ScreeningRow.patient_id == patient_id,
    )
    row = session.scalar(statement)
    return None if row is None else _listed(row)


def list_day(
    session: Session, *, institution_id: InstitutionId, day: date, limit: int
) -> list[Listed]:
    """The lines of a day in the order in which they were added."""
    statement = (
        select(ScreeningRow)
        .where(ScreeningRow.institution_id == institution_id, ScreeningRow.listed_on == day)
        .order_by(ScreeningRow.position, ScreeningRow.id)
        .limit(limit)
    )
    return [_listed(row) for row in session.scalars(statement)]


def find_day_before(session: Session, *, institution_id: InstitutionId, day: date) -> date | None:
    """The newest day before this one that has a list."""
    statement = select(func.max(ScreeningRow.listed_on)).where(
        ScreeningRow.institution_id == institution_id, ScreeningRow.listed_on < day
    )
    return session.scalar(statement)


def list_patient_ids(
    session: Session, *, institution_id: InstitutionId, day: date
) -> Sequence[str]:
    """Who stands on the list of a day; the list itself is bounded when it is added to."""
    return session.scalars(
        select(ScreeningRow.patient_id).where(
            ScreeningRow.institution_id == institution_id, ScreeningRow.listed_on == day
        )
    ).all()


def last_position(session: Session, *, institution_id: InstitutionId, day: date) -> int:
    """The highest number given on this day; 0 on an empty list."""
    statement = select(func.max(ScreeningRow.position)).where(
        ScreeningRow.institution_id == institution_id, ScreeningRow.listed_on == day
    )
    return session.scalar(statement) or 0


def save_case(session: Session, listed_id: str, *, case_id: CaseId) -> bool:
    """Note the draft that was begun; False where somebody was first."""
    statement = (
        update(ScreeningRow)
        .where(ScreeningRow.id == listed_id, ScreeningRow.case_id.is_(None))
        .values(case_id=case_id)
        .returning(ScreeningRow.id)
        .execution_options(synchronize_session=False)
    )
    hit = session.scalar(statement)
    session.expire_all()
    return hit is not None


def delete_listed(session: Session, listed_id: str) -> bool:
    """Take a line off the list unless a case was begun for it."""
    statement = (
        delete(ScreeningRow)
        .where(ScreeningRow.id == listed_id, ScreeningRow.case_id.is_(None))
        .returning(ScreeningRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _listed(row: ScreeningRow) -> Listed:
    return Listed(
        id=row.id,
        day=row.listed_on,
        position=row.position,
        patient_id=PatientId(row.patient_id),
        case_id=None if row.case_id is None else CaseId(row.case_id),
        added_by_id=PractitionerId(row.added_by_id),
        added_at=row.added_at,
        history=_history(row),
    )


def _history(row: ScreeningRow) -> ListedHistory:
    told = row.diabetes_type
    return ListedHistory(None if told is None else DiabetesWord(told), row.diabetes_since)
