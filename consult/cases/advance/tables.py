"""Submissions that wait for the files of their case; `told_at` is when they were found late."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class AdvanceRow(Base):
    """One case, who submitted it in advance, and the revision that she saw."""

    __tablename__ = "advance_submissions"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    practitioner_id: Mapped[str] = mapped_column(String(32))
    session_id: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
