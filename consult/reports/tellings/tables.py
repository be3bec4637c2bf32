"""Patients to be told, and the calls to them."""

from datetime import date, datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.reports.alerts.model import Called, Heard
from consult.reports.tellings.model import RiskSaid, TellingKind, TellingState, TellingWay


class TellingRow(Base):
    """A patient to be told; `live_case_id` is unique until somebody says what came of it."""

    __tablename__ = "tellings"
    __table_args__ = (
        Index("ix_tellings_case", "case_id", "id"),
        Index("ix_tellings_institution", "institution_id", "state", "due_on", "id"),
        Index("ix_tellings_owner", "owner_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    live_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    number: Mapped[str] = mapped_column(String(24))
    patient_id: Mapped[str] = mapped_column(String(32))
    report_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[TellingKind] = mapped_column(Code(TellingKind))
    opened_at: Mapped[datetime]
    due_on: Mapped[date]
    rules: Mapped[str] = mapped_column(String(80))
    state: Mapped[TellingState] = mapped_column(Code(TellingState))
    way: Mapped[TellingWay | None] = mapped_column(Code(TellingWay))
    reason: Mapped[str] = mapped_column(Text)
    risk: Mapped[RiskSaid | None] = mapped_column(Code(RiskSaid))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[int] = mapped_column(Integer)


class PatientCallRow(Base):
    """One telephone call to a patient or her family; `task_id` is what it was about."""

    __tablename__ = "patient_calls"
    __table_args__ = (Index("ix_patient_calls_task", "task_id", "called_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    caller_id: Mapped[str] = mapped_column(String(32))
    called_at: Mapped[datetime]
    whom: Mapped[Called] = mapped_column(Code(Called))
    result: Mapped[Heard] = mapped_column(Code(Heard))
    note: Mapped[str] = mapped_column(Text)
