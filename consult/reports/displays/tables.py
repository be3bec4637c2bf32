"""Checks of displays: one row each time."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class DisplayCheckRow(Base):
    """Who looked at the pattern on which screen, and what she said; a row never changes."""

    __tablename__ = "display_checks"
    __table_args__ = (
        Index("ix_display_checks_reader", "practitioner_id", "display", "checked_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    practitioner_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    display: Mapped[str] = mapped_column(String(40))
    passed: Mapped[bool]
    checked_at: Mapped[datetime]
