"""What was written in rooms."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class WordRow(Base):
    """One message in a room; its text is sealed."""

    __tablename__ = "room_words"
    __table_args__ = (Index("ix_room_words_room", "room_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    person_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    said_at: Mapped[datetime]
    text: Mapped[bytes] = mapped_column(LargeBinary)
