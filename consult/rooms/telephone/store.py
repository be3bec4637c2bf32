"""The only SQL of consultations by telephone."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.rooms.telephone.model import MOST_CONSULTS, TelephoneConsult
from consult.rooms.telephone.tables import TelephoneRow


def save_consult(session: Session, row: TelephoneRow) -> bool:
    """Write one; False where the case has as many as are kept."""
    count = (
        select(func.count()).select_from(TelephoneRow).where(TelephoneRow.case_id == row.case_id)
    )
    if (session.scalar(count) or 0) >= MOST_CONSULTS:
        return False
    session.add(row)
    session.flush()
    return True


def list_of_case(session: Session, case_id: str) -> list[TelephoneConsult]:
    """Those of a case, the last that were written first."""
    statement = select(TelephoneRow).where(TelephoneRow.case_id == case_id)
    found = session.scalars(statement.order_by(TelephoneRow.id.desc()).limit(MOST_CONSULTS))
    return [_consult(row) for row in found]


def _consult(row: TelephoneRow) -> TelephoneConsult:
    return TelephoneConsult(
        id=row.id,
        case_id=CaseId(row.case_id),
        author_id=PractitionerId(row.author_id),
        institution_id=InstitutionId(row.institution_id),
        why=row.why,
        with_id=None if row.with_id is None else PractitionerId(row.with_id),
        with_name=row.with_name,
        spoken_at=row.spoken_at,
        result=row.result,
        written_at=row.written_at,
    )
