"""The phrases of experts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.reports.forms import RequiredPart


class PhraseRow(Base):
    """One phrase; only its owner reads it."""

    __tablename__ = "report_phrases"
    __table_args__ = (Index("ix_report_phrases_owner", "owner_id", "part", "changed_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    part: Mapped[RequiredPart] = mapped_column(Code(RequiredPart))
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]
