"""Which panel was proposed for a case, why, and why the hub was passed over."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class CaseRoutingRow(Base):
    """One case's routing; `recorded_at` is when the case was sent so for the last time."""

    __tablename__ = "case_routings"

    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"), primary_key=True)
    panel_id: Mapped[str] = mapped_column(String(32))
    proposed_id: Mapped[str | None] = mapped_column(String(32))
    why: Mapped[str] = mapped_column(String(200))
    lacks: Mapped[str] = mapped_column(String(400))
    rules: Mapped[str] = mapped_column(String(40))
    hub_reason: Mapped[str] = mapped_column(Text)
    reason_by_id: Mapped[str | None] = mapped_column(String(32))
    recorded_at: Mapped[datetime | None]
