"""The only SQL of consents whose photograph is still to come."""

from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.cases.consents.tables import ConsentRow
from consult.cases.papers.model import Awaited
from consult.cases.papers.tables import AwaitedPaperRow
from consult.kernel.ids import CaseId, InstitutionId, PatientId

_IS_DUE: Final = (
    AwaitedPaperRow.paper_id.is_(None),
    AwaitedPaperRow.consent_id == ConsentRow.id,
    ConsentRow.withdrawn_at.is_(None),
)


def save_awaited(session: Session, awaited: Awaited, *, institution_id: InstitutionId) -> None:
    """Write that a photograph is due."""
    row = AwaitedPaperRow(
        consent_id=awaited.consent_id,
        institution_id=institution_id,
        patient_id=awaited.patient_id,
        case_id=awaited.case_id,
        due_on=awaited.due_on,
    )
    session.add(row)
    session.flush()


def list_due(session: Session, institution_id: InstitutionId, *, limit: int) -> list[Awaited]:
    """What is due at an institution, the most urgent first; a consent that ended asks for none."""
    rows = session.scalars(
        select(AwaitedPaperRow)
        .where(AwaitedPaperRow.institution_id == institution_id, *_IS_DUE)
        .order_by(AwaitedPaperRow.due_on, AwaitedPaperRow.consent_id)
        .limit(limit)
    )
    return [_awaited(row) for row in rows]


def count_due(session: Session, institution_id: InstitutionId) -> int:
    """How many are due at an institution."""
    statement = (
        select(func.count())
        .select_from(AwaitedPaperRow)
        .where(AwaitedPaperRow.institution_id == institution_id, *_IS_DUE)
    )
    return session.scalar(statement) or 0


def list_of_patient(session: Session, patient_id: str, *, limit: int) -> list[Awaited]:
    """What is due of one patient, the newest consent first."""
    rows = session.scalars(
        select(AwaitedPaperRow)
        .where(AwaitedPaperRow.patient_id == patient_id, *_IS_DUE)
        .order_by(AwaitedPaperRow.consent_id.desc())
        .limit(limit)
    )
    return [_awaited(row) for row in rows]


def save_arrived(session: Session, consent_id: str, *, paper_id: str) -> bool:
    """Write which photograph shows it; False where one was there."""
    hit = session.scalar(
        update(AwaitedPaperRow)
        .where(AwaitedPaperRow.consent_id == consent_id, AwaitedPaperRow.paper_id.is_(None))
        .values(paper_id=paper_id)
        .returning(AwaitedPaperRow.consent_id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return hit is not None


def save_lost(session: Session, consent_id: str, *, paper_id: str) -> None:
    """Its photograph was taken away again: it is due as before."""
    session.execute(
        update(AwaitedPaperRow)
        .where(AwaitedPaperRow.consent_id == consent_id, AwaitedPaperRow.paper_id == paper_id)
        .values(paper_id=None)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def delete_of_case(session: Session, case_id: str) -> None:
    """Ask no more for the photographs of a case's earlier consents: it was signed anew."""
    session.execute(
        delete(AwaitedPaperRow)
        .where(AwaitedPaperRow.case_id == case_id, AwaitedPaperRow.paper_id.is_(None))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _awaited(row: AwaitedPaperRow) -> Awaited:
    return Awaited(
        consent_id=row.consent_id,
        patient_id=PatientId(row.patient_id),
        case_id=None if row.case_id is None else CaseId(row.case_id),
        due_on=row.due_on,
    )
