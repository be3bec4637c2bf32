"""Urgent alerts, to whom they went on, and the calls about them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.reports.alerts.model import AlertContact, AlertPart, AlertState, Called, Heard


class AlertRow(Base):
    """An urgent alert; `live_case_id` is unique while nobody has confirmed it."""

    __tablename__ = "urgent_alerts"
    __table_args__ = (
        Index("ix_urgent_alerts_case", "case_id", "id"),
        Index("ix_urgent_alerts_institution", "institution_id", "state", "id"),
        Index("ix_urgent_alerts_due", "next_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    live_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    number: Mapped[str] = mapped_column(String(24))
    patient_id: Mapped[str] = mapped_column(String(32))
    report_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[str] = mapped_column(String(32))
    raised_at: Mapped[datetime]
    rules: Mapped[str] = mapped_column(String(80))
    step: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime | None]
    state: Mapped[AlertState] = mapped_column(Code(AlertState))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[str | None] = mapped_column(String(32))
    contact: Mapped[AlertContact | None] = mapped_column(Code(AlertContact))
    note: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)


class EscalationRow(Base):
    """One step that an alert has gone on."""

    __tablename__ = "urgent_alert_steps"
    __table_args__ = (
        UniqueConstraint("alert_id", "step"),
        Index("ix_urgent_alert_steps_person", "person_id", "alert_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    alert_id: Mapped[str] = mapped_column(String(32), ForeignKey("urgent_alerts.id"))
    step: Mapped[int] = mapped_column(Integer)
    part: Mapped[AlertPart] = mapped_column(Code(AlertPart))
    person_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]


class AlertCallRow(Base):
    """One telephone call about an alert."""

    __tablename__ = "urgent_alert_calls"
    __table_args__ = (Index("ix_urgent_alert_calls_alert", "alert_id", "called_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    alert_id: Mapped[str] = mapped_column(String(32), ForeignKey("urgent_alerts.id"))
    institution_id: Mapped[str] = mapped_column(String(32))
    caller_id: Mapped[str] = mapped_column(String(32))
    called_at: Mapped[datetime]
    whom: Mapped[Called] = mapped_column(Code(Called))
    result: Mapped[Heard] = mapped_column(Code(Heard))
    spoken_to: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
