"""Who was rung for a call, in which order, and what came of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.rooms.ringing.model import RingState


class RingRow(Base):
    """One person in one round of one room."""

    __tablename__ = "room_rings"
    __table_args__ = (
        UniqueConstraint("room_id", "round", "number"),
        Index("ix_room_rings_person", "person_id", "state"),
        Index("ix_room_rings_due", "state", "rung_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    round: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    state: Mapped[RingState] = mapped_column(Code(RingState))
    rung_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
