"""The only SQL of doubts, of excuses, and of when patients were current."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.cases.images.model import QuestionKind
from consult.cases.images.tables import (
    CaptureExceptionRow,
    ImageQuestionRow,
    PatientOpeningRow,
)
from consult.cases.images.windows import Opening
from consult.kernel.eyes import Eye

MOST_LISTED = 2000
_DAY = timedelta(hours=24)


def find_last_opening(session: Session, institution_id: str) -> PatientOpeningRow | None:
    """Whose draft was opened last at the institution."""
    return session.scalar(
        select(PatientOpeningRow)
        .where(PatientOpeningRow.institution_id == institution_id)
        .order_by(PatientOpeningRow.at.desc(), PatientOpeningRow.id.desc())
        .limit(1)
    )


def list_openings(session: Session, *, institution_id: str, around: datetime) -> list[Opening]:
    """Who was opened at the institution within a day of this time, the earliest first."""
    statement = (
        select(PatientOpeningRow)
        .where(
            PatientOpeningRow.institution_id == institution_id,
            PatientOpeningRow.at >= around - _DAY,
            PatientOpeningRow.at <= around + _DAY,
        )
        .order_by(PatientOpeningRow.at, PatientOpeningRow.id)
        .limit(MOST_LISTED)
    )
    return [Opening(row.patient_id, row.at) for row in session.scalars(statement)]


def save_row(
    session: Session, row: PatientOpeningRow | ImageQuestionRow | CaptureExceptionRow
) -> None:
    """Write a new row."""
    session.add(row)
    session.flush()


def find_question(session: Session, question_id: str) -> ImageQuestionRow | None:
    """A question by its id, as it stands now."""
    return session.get(ImageQuestionRow, question_id, populate_existing=True)


def find_asked(
    session: Session, *, case_id: str, kind: QuestionKind, subject: str
) -> ImageQuestionRow | None:
    """The same doubt, where it was raised before."""
    return session.scalar(
        select(ImageQuestionRow)
        .where(
            ImageQuestionRow.case_id == case_id,
            ImageQuestionRow.kind == kind,
            ImageQuestionRow.subject == subject,
        )
        .execution_options(populate_existing=True)
    )


def ask_again(session: Session, question_id: str, *, at: datetime) -> None:
    """Let an answered question wait for a person once more."""
    session.execute(
        update(ImageQuestionRow)
        .where(ImageQuestionRow.id == question_id)
        .values(answered_at=None, answered_by=None, asked_at=at)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def list_questions(session: Session, case_id: str) -> Sequence[ImageQuestionRow]:
    """Every question about a case's images, in the order in which they were asked."""
    statement = (
        select(ImageQuestionRow)
        .where(ImageQuestionRow.case_id == case_id)
        .order_by(ImageQuestionRow.asked_at, ImageQuestionRow.id)
        .limit(MOST_LISTED)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).all()


def save_answered(session: Session, question_id: str, *, at: datetime, by: str | None) -> bool:
    """Answer once; False when somebody was first."""
    statement = (
        update(ImageQuestionRow)
        .where(ImageQuestionRow.id == question_id, ImageQuestionRow.answered_at.is_(None))
        .values(answered_at=at, answered_by=by)
        .returning(ImageQuestionRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def forget_questions(session: Session, case_id: str, *, kept: Iterable[str]) -> None:
    """Drop open questions that no image of the case raises any more."""
    session.execute(
        delete(ImageQuestionRow).where(
            ImageQuestionRow.case_id == case_id,
            ImageQuestionRow.id.not_in(sorted(set(kept))),
            ImageQuestionRow.answered_at.is_(None),
        )
    )


def list_excuses(session: Session, case_id: str) -> Sequence[CaptureExceptionRow]:
    """What could not be photographed for a case."""
    statement = (
        select(CaptureExceptionRow)
        .where(CaptureExceptionRow.case_id == case_id)
        .order_by(CaptureExceptionRow.eye, CaptureExceptionRow.field)
        .limit(MOST_LISTED)
    )
    return session.scalars(statement).all()


def delete_excuse(session: Session, *, case_id: str, eye: Eye, field: str) -> None:
    """Forget why a field could not be photographed."""
    session.execute(
        delete(CaptureExceptionRow).where(
            CaptureExceptionRow.case_id == case_id,
            CaptureExceptionRow.eye == eye,
            CaptureExceptionRow.field == field,
        )
    )
