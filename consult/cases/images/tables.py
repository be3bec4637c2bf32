"""The images of a case, what could not be photographed, doubts, and when patients were current."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.images.model import KeepReason, QuestionKind
from consult.cases.protocol import FieldCode, NoImageReason
from consult.db.base import Base, Code, Json
from consult.kernel.eyes import Eye


class CaseImageRow(Base):
    """An image of a case; `removed_at` is set where a reader may have relied on it.

    `replaced_at` is set when a retake took its place: it stays, and `replaced_by` names the image.
    `kept_for` says why it stays against the advice of the automatic check.
    """

    __tablename__ = "case_images"
    __table_args__ = (
        UniqueConstraint("case_id", "instance_id"),
        Index("ix_case_images_instance", "instance_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    evidence: Mapped[dict[str, dict[str, str]]] = mapped_column(Json)
    chosen_eye: Mapped[Eye | None] = mapped_column(Code(Eye))
    chosen_field: Mapped[FieldCode | None] = mapped_column(Code(FieldCode))
    eye: Mapped[Eye | None] = mapped_column(Code(Eye))
    field: Mapped[FieldCode | None] = mapped_column(Code(FieldCode))
    confirmed_by: Mapped[str | None] = mapped_column(String(32))
    confirmed_at: Mapped[datetime | None]
    question_ids: Mapped[list[str]] = mapped_column(Json)
    added_by: Mapped[str | None] = mapped_column(String(32))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    replaced_by: Mapped[str | None] = mapped_column(String(32))
    kept_for: Mapped[KeepReason | None] = mapped_column(Code(KeepReason))
    kept_by: Mapped[str | None] = mapped_column(String(32))
    kept_at: Mapped[datetime | None]


class CaptureExceptionRow(Base):
    """A field, or with an empty one a whole eye, that could not be photographed (无法拍摄)."""

    __tablename__ = "capture_exceptions"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    eye: Mapped[Eye] = mapped_column(Code(Eye), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    reason: Mapped[NoImageReason] = mapped_column(Code(NoImageReason))
    said_by: Mapped[str | None] = mapped_column(String(32))
    said_at: Mapped[datetime]


class ImageQuestionRow(Base):
    """A doubt about a set; `subject` keeps the same doubt from being asked twice."""

    __tablename__ = "image_questions"
    __table_args__ = (UniqueConstraint("case_id", "kind", "subject"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[QuestionKind] = mapped_column(Code(QuestionKind))
    subject: Mapped[str] = mapped_column(String(64))
    detail_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    captured_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(String(32))
    answered_at: Mapped[datetime | None]


class PatientOpeningRow(Base):
    """A patient's draft was opened on a screen of the institution (U1: whose turn it was)."""

    __tablename__ = "patient_openings"
    __table_args__ = (Index("ix_patient_openings_time", "institution_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]


class CaptureHabitRow(Base):
    """Which eye an institution photographs first, as its last confirmed sets had it."""

    __tablename__ = "capture_habits"

    institution_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    first_eye: Mapped[Eye] = mapped_column(Code(Eye))
