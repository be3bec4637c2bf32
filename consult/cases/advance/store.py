"""The only SQL of submissions in advance."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.cases.advance.model import Advance
from consult.cases.advance.tables import AdvanceRow
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.studies.uploads.model import RUNNING
from consult.studies.uploads.tables import UploadRow


def save_advance(session: Session, asked: Advance) -> None:
    """Keep what was asked, in place of what was asked before of the same case."""
    row = AdvanceRow(
        case_id=asked.case_id,
        institution_id=asked.institution_id,
        practitioner_id=asked.practitioner_id,
        session_id=asked.session_id,
        revision=asked.revision,
        asked_at=asked.asked_at,
        told_at=None,
    )
    session.merge(row)
    session.flush()


def list_asked(session: Session, case_ids: Collection[str]) -> frozenset[str]:
    """Which of these cases go by themselves."""
    statement = select(AdvanceRow.case_id).where(AdvanceRow.case_id.in_(case_ids))
    return frozenset(session.scalars(statement))


def is_coming(session: Session, case_id: str) -> bool:
    """Whether a file is on its way to this case."""
    statement = select(UploadRow.id).where(
        UploadRow.case_id == case_id, UploadRow.state.in_(RUNNING)
    )
    return session.scalar(statement.limit(1)) is not None


def list_arrived(session: Session, *, after: str, limit: int) -> list[Advance]:
    """Those to whose case no file is on its way any more, by case after this one."""
    is_coming = (
        select(UploadRow.id)
        .where(UploadRow.case_id == AdvanceRow.case_id, UploadRow.state.in_(RUNNING))
        .exists()
    )
    statement = (
        select(AdvanceRow)
        .where(AdvanceRow.case_id > after, ~is_coming)
        .order_by(AdvanceRow.case_id)
        .limit(limit)
    )
    return [_advance(row) for row in session.scalars(statement)]


def list_late(session: Session, *, before: datetime, limit: int) -> list[tuple[Advance, str]]:
    """What was asked before then, still waits for a file, and was not told of; with its sender."""
    sender = (
        select(UploadRow.practitioner_id)
        .where(UploadRow.case_id == AdvanceRow.case_id, UploadRow.state.in_(RUNNING))
        .order_by(UploadRow.id)
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(AdvanceRow, sender)
        .where(AdvanceRow.asked_at <= before, AdvanceRow.told_at.is_(None), sender.is_not(None))
        .order_by(AdvanceRow.case_id)
        .limit(limit)
    )
    return [(_advance(row), str(who)) for row, who in session.execute(statement)]


def save_told(session: Session, case_id: str, *, at: datetime) -> bool:
    """Write that its sender is told; False where she was."""
    hit = session.scalar(
        update(AdvanceRow)
        .where(AdvanceRow.case_id == case_id, AdvanceRow.told_at.is_(None))
        .values(told_at=at)
        .returning(AdvanceRow.case_id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return hit is not None


def delete_advance(session: Session, case_id: str) -> bool:
    """Forget what was asked; False where nothing was, or somebody was first."""
    statement = (
        delete(AdvanceRow)
        .where(AdvanceRow.case_id == case_id)
        .returning(AdvanceRow.case_id)
        .execution_options(synchronize_session=False)
    )
    hit = session.scalar(statement) is not None
    session.expire_all()
    return hit


def _advance(row: AdvanceRow) -> Advance:
    return Advance(
        case_id=CaseId(row.case_id),
        institution_id=InstitutionId(row.institution_id),
        practitioner_id=PractitionerId(row.practitioner_id),
        session_id=row.session_id,
        revision=row.revision,
        asked_at=row.asked_at,
    )
