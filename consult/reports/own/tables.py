"""Own readings, and the opinions that waited for them."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code, Json
from consult.reports.own.model import WaitEnd


class OwnReadingRow(Base):
    """A reading as it was locked; it never changes, and a trigger refuses it."""

    __tablename__ = "own_readings"
    __table_args__ = (
        Index("ix_own_readings_institution_id_locked_at", "institution_id", "locked_at"),
    )

    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"), primary_key=True)
    author_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    eyes: Mapped[dict[str, object]] = mapped_column(Json)
    words: Mapped[str] = mapped_column(Text)
    was_blind: Mapped[bool] = mapped_column(Boolean)
    locked_at: Mapped[datetime]


class WaitRow(Base):
    """An opinion that was kept back: since when, and how that ended."""

    __tablename__ = "own_waits"
    __table_args__ = (Index("ix_own_waits_institution_id_ended_at", "institution_id", "ended_at"),)

    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    how: Mapped[WaitEnd | None] = mapped_column(Code(WaitEnd))
    by_id: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
