"""Signed opinions on calls."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class OpinionRow(Base):
    """One signed wording; nothing in it ever changes, and a trigger refuses it."""

    __tablename__ = "room_opinions"
    __table_args__ = (
        UniqueConstraint("room_id", "author_id", "number"),
        Index("ix_room_opinions_case", "case_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    number: Mapped[int] = mapped_column(Integer)
    amends_id: Mapped[str | None] = mapped_column(String(32))
    author_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    signed_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    seal_id: Mapped[str] = mapped_column(String(64))
