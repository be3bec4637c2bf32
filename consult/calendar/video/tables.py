"""What experts offer, what is booked, and who has which time."""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.calendar.video.model import SessionAct, SessionStatus
from consult.db.base import Base, Code, Json


class WindowRow(Base):
    """Weekly times of an expert; `start` and `end` are HH:MM where her institution is."""

    __tablename__ = "video_windows"
    __table_args__ = (Index("ix_video_windows_expert", "expert_id", "day_until"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    expert_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    day_from: Mapped[date]
    day_until: Mapped[date]
    weekdays: Mapped[list[int]] = mapped_column(Json)
    start: Mapped[str] = mapped_column(String(5))
    end: Mapped[str] = mapped_column(String(5))
    minutes: Mapped[int]
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SessionRow(Base):
    """A session; `live_case_id` is unique, so a case has one ahead of it at most."""

    __tablename__ = "video_sessions"
    __table_args__ = (
        Index("ix_video_sessions_case", "case_id"),
        Index("ix_video_sessions_expert", "expert_id", "starts_at"),
        Index("ix_video_sessions_doctor", "doctor_id", "starts_at"),
        Index("ix_video_sessions_due", "status", "ends_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    live_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    case_number: Mapped[str] = mapped_column(String(40))
    expert_id: Mapped[str] = mapped_column(String(32))
    doctor_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    invited_institution_id: Mapped[str] = mapped_column(String(32))
    window_id: Mapped[str] = mapped_column(String(32))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[SessionStatus] = mapped_column(Code(SessionStatus))
    sequence: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    act: Mapped[SessionAct] = mapped_column(Code(SessionAct))
    acted_by: Mapped[str | None] = mapped_column(String(32))
    booked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    reminded: Mapped[str] = mapped_column(String(200))
    revision: Mapped[int]


class TickRow(Base):
    """One cell of the grid that a person has given to a session: nobody has it twice."""

    __tablename__ = "video_ticks"
    __table_args__ = (
        ForeignKeyConstraint(["session_id"], ["video_sessions.id"]),
        Index("ix_video_ticks_session", "session_id"),
    )

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(String(32))


class FeedRow(Base):
    """A person's subscription address: the hash of its token alone."""

    __tablename__ = "calendar_feeds"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
