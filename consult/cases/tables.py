"""A case's row, and the counter of the numbers of a day."""

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.model import CaseStatus, Priority, ServiceType
from consult.db.base import Base, Code, Json


class CaseRow(Base):
    """One request; `owner_id` is the accountable person, `revision` settles races."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_institution", "institution_id", "status", "id"),
        Index("ix_cases_panel", "panel_id", "status", "report_by", "id"),
        Index("ix_cases_patient", "patient_id", "id"),
        Index("ix_cases_owner", "owner_id", "status"),
        Index("ix_cases_submitted", "submitted_at", "institution_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    consortium_id: Mapped[str] = mapped_column(String(32))
    invited_institution_id: Mapped[str | None] = mapped_column(String(32))
    agreement_id: Mapped[str | None] = mapped_column(String(32))
    panel_id: Mapped[str | None] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32))
    service_type: Mapped[ServiceType] = mapped_column(Code(ServiceType))
    form_version: Mapped[str] = mapped_column(String(40))
    answers: Mapped[dict[str, object]] = mapped_column(Json)
    question: Mapped[str] = mapped_column(Text)
    priority: Mapped[Priority] = mapped_column(Code(Priority))
    priority_rule: Mapped[str] = mapped_column(String(80))
    priority_version: Mapped[str] = mapped_column(String(40))
    priority_override_reason: Mapped[str | None] = mapped_column(Text)
    status: Mapped[CaseStatus] = mapped_column(Code(CaseStatus))
    owner_id: Mapped[str | None] = mapped_column(String(32))
    requesting_physician_id: Mapped[str | None] = mapped_column(String(32))
    prepared_by_id: Mapped[str | None] = mapped_column(String(32))
    opened_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    accept_by: Mapped[datetime | None]
    report_by: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer)
    uploading: Mapped[bool]
    retake: Mapped[bool]
    amended: Mapped[bool]
    reopened: Mapped[bool]
    told: Mapped[bool]
    declines: Mapped[int] = mapped_column(Integer, server_default="0")


class CaseCounterRow(Base):
    """The last case number of a day."""

    __tablename__ = "case_counters"

    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
