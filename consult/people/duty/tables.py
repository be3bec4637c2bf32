"""The week of a panel, the days that differ from it, and the leave of experts."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.people.duty.model import DayHalf
from consult.people.duty.phone_model import DutySpan


class WeekDutyRow(Base):
    """An expert's half-days of every week for a panel, as `1-morning 1-afternoon`."""

    __tablename__ = "duty_weeks"

    panel_id: Mapped[str] = mapped_column(String(32), ForeignKey("panels.id"), primary_key=True)
    expert_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    turns: Mapped[str] = mapped_column(String(200))


class DayDutyRow(Base):
    """A day on which an expert is on duty, or is not, whatever her week says."""

    __tablename__ = "duty_days"
    __table_args__ = (Index("ix_duty_days_panel", "panel_id", "day"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    panel_id: Mapped[str] = mapped_column(String(32), ForeignKey("panels.id"))
    expert_id: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    half: Mapped[DayHalf | None] = mapped_column(Code(DayHalf))
    is_on: Mapped[bool]
    substitute_id: Mapped[str | None] = mapped_column(String(32))
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LeaveRow(Base):
    """Days on which an expert is away: she holds no session and is given no case."""

    __tablename__ = "video_leaves"
    __table_args__ = (Index("ix_video_leaves_expert", "expert_id", "day_until"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    expert_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    day_from: Mapped[date]
    day_until: Mapped[date]
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    substitute_id: Mapped[str | None] = mapped_column(String(32))


class DutyPhoneRow(Base):
    """A telephone that an institution answers by day, by night, or at any hour."""

    __tablename__ = "duty_phones"
    __table_args__ = (Index("ix_duty_phones_institution", "institution_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    who: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(40))
    span: Mapped[DutySpan] = mapped_column(Code(DutySpan))
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
