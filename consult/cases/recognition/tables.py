"""Earlier exams that were offered to a case, and why one was taken again."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class RecognitionRow(Base):
    """One exam of another case that was shown to whoever prepares this one."""

    __tablename__ = "recognitions"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "source_case_id"),
        Index("ix_recognitions_source", "source_case_id", "case_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(40))
    source_case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    source_institution_id: Mapped[str] = mapped_column(String(32))
    taken_at: Mapped[datetime]
    offered_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None] = mapped_column(String(32))
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(40))


class RepeatRow(Base):
    """The reason for an exam that was taken again although a valid one was offered."""

    __tablename__ = "repeats"
    __table_args__ = (UniqueConstraint("case_id", "kind"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(String(32))
    said_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
