"""What is on its way to a destination, and what has gone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code, Json
from consult.reports.dispatches.model import DispatchState


class DispatchRow(Base):
    """One version in one study for one destination; the objects with what became of each."""

    __tablename__ = "dispatches"
    __table_args__ = (
        UniqueConstraint("destination_id", "report_id", "study_uid"),
        Index("ix_dispatches_due", "state", "destination_id", "next_at"),
        Index("ix_dispatches_case", "case_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    destination_id: Mapped[str] = mapped_column(ForeignKey("destinations.id"))
    case_id: Mapped[str] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32))
    report_id: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    study_uid: Mapped[str] = mapped_column(String(64))
    objects: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    state: Mapped[DispatchState] = mapped_column(Code(DispatchState))
    wanted_at: Mapped[datetime]
    since: Mapped[datetime]
    next_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer)
    failure: Mapped[str] = mapped_column(String(80))
    settled_at: Mapped[datetime | None]
