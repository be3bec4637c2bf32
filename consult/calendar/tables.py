"""Clinics and slots."""

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.calendar.model import BookingMode, SlotStatus
from consult.db.base import Base, Code, Json


class ClinicRow(Base):
    """A clinic; `shared_with` are the consortia that were granted it."""

    __tablename__ = "clinics"
    __table_args__ = (UniqueConstraint("institution_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    department: Mapped[str] = mapped_column(String(200))
    department_en: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(200))
    address_en: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(40))
    notes: Mapped[str] = mapped_column(Text)
    mode: Mapped[BookingMode] = mapped_column(Code(BookingMode))
    shared_with: Mapped[list[str]] = mapped_column(Json)
    added_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(Integer)


class SlotRow(Base):
    """A slot; `held_case_id` is unique, so a case holds one at most."""

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("clinic_id", "physician_key", "starts_at"),
        Index("ix_slots_time", "clinic_id", "starts_at"),
        Index("ix_slots_held", "status", "held_until"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(String(32))
    physician_key: Mapped[str] = mapped_column(String(240))
    physician_id: Mapped[str | None] = mapped_column(String(32))
    physician_name: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    turn: Mapped[int] = mapped_column(Integer)
    status: Mapped[SlotStatus] = mapped_column(Code(SlotStatus))
    held_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    held_until: Mapped[datetime | None]
