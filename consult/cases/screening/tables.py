"""Who stands on the list of an institution's screening day."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class ScreeningRow(Base):
    """One patient on one day's list; `case_id` is empty until her draft was begun.

    `diabetes_type` and `diabetes_since` (a year) are what the list said, for the first answers.
    """

    __tablename__ = "screening_list"
    __table_args__ = (
        UniqueConstraint("institution_id", "listed_on", "patient_id"),
        Index("ix_screening_list_day", "institution_id", "listed_on", "position", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    listed_on: Mapped[date]
    position: Mapped[int] = mapped_column(Integer)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    added_by_id: Mapped[str] = mapped_column(String(32))
    added_at: Mapped[datetime]
    diabetes_type: Mapped[str | None] = mapped_column(String(16))
    diabetes_since: Mapped[int | None] = mapped_column(Integer)
