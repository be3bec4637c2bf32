"""Turns to speak in rooms."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.rooms.turns.model import TurnEnd


class TurnRow(Base):
    """One person's turn to speak in one room."""

    __tablename__ = "room_turns"
    __table_args__ = (
        Index("ix_room_turns_room", "room_id"),
        Index("ix_room_turns_ended", "ended_at", "room_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    person_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    raised_at: Mapped[datetime]
    given_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    how: Mapped[TurnEnd | None] = mapped_column(Code(TurnEnd))
