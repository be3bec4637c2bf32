"""Rooms, knocks at them, who was in them, what was measured, and what was looked at."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.rooms.model import KnockState, RoomDevice, RoomEnd, StayEnd


class RoomRow(Base):
    """A room; while it is open `open_case_id` names its case, of which it is the only one.

    The key is sealed, and forgotten when the room ends. `process` is the media process that
    carries it, counted from 1; `session_id` is the booked session in whose time it was opened.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        UniqueConstraint("open_case_id"),
        Index("ix_rooms_case", "case_id"),
        Index("ix_rooms_session", "session_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    open_case_id: Mapped[str | None] = mapped_column(String(32))
    host_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    how: Mapped[RoomEnd | None] = mapped_column(Code(RoomEnd))
    process: Mapped[int] = mapped_column(Integer, server_default="1")
    session_id: Mapped[str | None] = mapped_column(String(32))


class KnockRow(Base):
    """One person at the door of one room."""

    __tablename__ = "room_knocks"

    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    state: Mapped[KnockState] = mapped_column(Code(KnockState))
    knocked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class StayRow(Base):
    """One device of one person in a room, without a break."""

    __tablename__ = "room_stays"
    __table_args__ = (
        Index("ix_room_stays_room", "room_id"),
        Index("ix_room_stays_left", "left_at", "seen_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    person_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    device: Mapped[RoomDevice] = mapped_column(Code(RoomDevice))
    joined_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    how: Mapped[StayEnd | None] = mapped_column(Code(StayEnd))


class SampleRow(Base):
    """What one browser measured of its line at one moment."""

    __tablename__ = "room_samples"
    __table_args__ = (Index("ix_room_samples_room", "room_id", "person_id", "taken_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    person_id: Mapped[str] = mapped_column(String(32))
    taken_at: Mapped[datetime]
    lost_per_mille: Mapped[int] = mapped_column(Integer)
    round_trip_ms: Mapped[int] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)


class ShowingRow(Base):
    """A picture that a room looked at together, from one moment until another."""

    __tablename__ = "room_showings"
    __table_args__ = (Index("ix_room_showings_room", "room_id", "ended_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    image_id: Mapped[str] = mapped_column(String(32))
    presenter_id: Mapped[str] = mapped_column(String(32))
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MinutesRow(Base):
    """One wording of the minutes of a room's call."""

    __tablename__ = "room_minutes"
    __table_args__ = (UniqueConstraint("room_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    number: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[str] = mapped_column(String(32))
    written_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(Text)


class CounterRow(Base):
    """What the media process counted of one person's line in one room."""

    __tablename__ = "room_counters"

    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    packets: Mapped[int] = mapped_column(BigInteger)
    lost: Mapped[int] = mapped_column(BigInteger)
    resent: Mapped[int] = mapped_column(BigInteger)
    worst_lost_per_mille: Mapped[int] = mapped_column(Integer)
