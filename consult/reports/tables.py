"""Drafts, signed versions, receipts and decisions."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.model import ServiceType
from consult.db.base import Base, Code, Json
from consult.reports.model import ReportStatus
from consult.reports.versions import Choice, NextStep


class DraftRow(Base):
    """One author's unfinished report on one case."""

    __tablename__ = "report_drafts"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    author_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[dict[str, object]] = mapped_column(Json)
    revision: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[datetime]


class LookRow(Base):
    """What one reader has seen of one picture, or why she leaves it out."""

    __tablename__ = "report_looks"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reader_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime | None]
    left_out_reason: Mapped[str] = mapped_column(Text)


class ReportRow(Base):
    """A signed version; nothing in it ever changes, and a trigger refuses it."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[ReportStatus] = mapped_column(Code(ReportStatus))
    service_type: Mapped[ServiceType] = mapped_column(Code(ServiceType))
    author_id: Mapped[str] = mapped_column(String(32), index=True)
    signed_at: Mapped[datetime]
    canonical: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    shown_sha256: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    seal_id: Mapped[str] = mapped_column(String(64))


class ReportMarksRow(Base):
    """The marks on which a signed version rests; nothing in it ever changes."""

    __tablename__ = "report_marks"

    report_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ReceiptRow(Base):
    """Who received which version."""

    __tablename__ = "report_receipts"

    report_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    practitioner_id: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]


class DecisionRow(Base):
    """The inviting side's decision; one on each version."""

    __tablename__ = "case_decisions"
    __table_args__ = (UniqueConstraint("report_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    report_id: Mapped[str] = mapped_column(String(32))
    practitioner_id: Mapped[str] = mapped_column(String(32))
    choice: Mapped[Choice] = mapped_column(Code(Choice))
    reason: Mapped[str] = mapped_column(Text)
    next_step: Mapped[NextStep] = mapped_column(Code(NextStep))
    note: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
