"""Referrals and their appointments."""

from datetime import date, datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code, Json
from consult.referrals.calls import CallResult, Spoken
from consult.referrals.model import AppointmentStatus, ReferralStatus, RequeueCause, Triage
from consult.referrals.salvage import SalvageOutcome
from consult.reports.model import ReferralUrgency


class ReferralRow(Base):
    """A referral; `live_case_id` and `live_key` are unique, and empty once it has ended.

    So one is live a case, and one a person and specialty within a consortium (REF-12).
    """

    __tablename__ = "referrals"
    __table_args__ = (
        Index("ix_referrals_case", "case_id", "id"),
        Index("ix_referrals_desk", "to_institution_id", "status", "due_on"),
        Index("ix_referrals_answer", "status", "answer_by"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    case_id: Mapped[str] = mapped_column(String(32))
    live_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    live_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    patient_id: Mapped[str] = mapped_column(String(32))
    report_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    to_institution_id: Mapped[str | None] = mapped_column(String(32))
    clinic_id: Mapped[str | None] = mapped_column(String(32))
    specialty: Mapped[str] = mapped_column(String(200))
    urgency: Mapped[ReferralUrgency] = mapped_column(Code(ReferralUrgency))
    reason: Mapped[str] = mapped_column(Text)
    assessment: Mapped[dict[str, object]] = mapped_column(Json)
    due_on: Mapped[date]
    status: Mapped[ReferralStatus] = mapped_column(Code(ReferralStatus))
    requested_by_id: Mapped[str] = mapped_column(String(32))
    requested_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Text)
    outcome: Mapped[dict[str, str] | None] = mapped_column(Json)
    requeued_at: Mapped[datetime | None]
    requeued_because: Mapped[RequeueCause | None] = mapped_column(Code(RequeueCause))
    was_booked_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    triage: Mapped[Triage | None] = mapped_column(Code(Triage))
    triage_note: Mapped[str] = mapped_column(Text)
    triaged_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer)


class AppointmentRow(Base):
    """An appointment; `live_slot_id` is unique while the patient is expected or there."""

    __tablename__ = "appointments"
    __table_args__ = (
        Index("ix_appointments_referral", "referral_id", "id"),
        Index("ix_appointments_time", "clinic_id", "starts_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    referral_id: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[str] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32))
    clinic_id: Mapped[str] = mapped_column(String(32))
    slot_id: Mapped[str | None] = mapped_column(String(32))
    live_slot_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    live_referral_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    physician_id: Mapped[str | None] = mapped_column(String(32))
    physician_name: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    turn: Mapped[int] = mapped_column(Integer)
    place: Mapped[str] = mapped_column(String(200))
    ticket: Mapped[str] = mapped_column(String(40))
    status: Mapped[AppointmentStatus] = mapped_column(Code(AppointmentStatus))
    booked_by_id: Mapped[str] = mapped_column(String(32))
    booked_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(Text)


class CallRow(Base):
    """One call about a referral."""

    __tablename__ = "referral_calls"
    __table_args__ = (Index("ix_referral_calls_referral", "referral_id", "called_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    referral_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    caller_id: Mapped[str] = mapped_column(String(32))
    called_at: Mapped[datetime]
    whom: Mapped[Spoken] = mapped_column(Code(Spoken))
    result: Mapped[CallResult] = mapped_column(Code(CallResult))
    note: Mapped[str] = mapped_column(Text)


class SalvageRow(Base):
    """The follow-up of a missed visit; `live_referral_id` is unique while it is open."""

    __tablename__ = "salvages"
    __table_args__ = (
        Index("ix_salvages_list", "institution_id", "outcome", "due_on"),
        Index("ix_salvages_referral", "referral_id", "id"),
        Index("ix_salvages_owner", "owner_id", "outcome"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    referral_id: Mapped[str] = mapped_column(String(32))
    live_referral_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    appointment_id: Mapped[str] = mapped_column(String(32), unique=True)
    case_id: Mapped[str] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[str] = mapped_column(String(32))
    opened_at: Mapped[datetime]
    due_on: Mapped[date]
    outcome: Mapped[SalvageOutcome | None] = mapped_column(Code(SalvageOutcome))
    note: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[int] = mapped_column(Integer)


class ReferralCounterRow(Base):
    """The last referral number of a day, and the last appointment number."""

    __tablename__ = "referral_counters"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
