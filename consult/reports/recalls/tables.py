"""Patients who are waited for."""

from datetime import date, datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.model import ServiceType
from consult.db.base import Base, Code
from consult.reports.recalls.model import RecallState


class RecallRow(Base):
    """A patient who is due for an exam; `live_key` is unique until she came or opted out."""

    __tablename__ = "recalls"
    __table_args__ = (
        Index("ix_recalls_case", "case_id", "id"),
        Index("ix_recalls_institution", "institution_id", "state", "due_on", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    live_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    number: Mapped[str] = mapped_column(String(24))
    patient_id: Mapped[str] = mapped_column(String(32))
    report_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    service_type: Mapped[ServiceType] = mapped_column(Code(ServiceType))
    made_at: Mapped[datetime]
    signed_on: Mapped[date]
    months: Mapped[int] = mapped_column(Integer)
    track: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    basis: Mapped[str] = mapped_column(String(80))
    rules: Mapped[str] = mapped_column(String(80))
    state: Mapped[RecallState] = mapped_column(Code(RecallState))
    reason: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[int] = mapped_column(Integer)
