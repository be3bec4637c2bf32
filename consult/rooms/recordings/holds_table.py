"""Why the recordings of a case are held back from deletion, and by which institution."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class HoldRow(Base):
    """An institution's hold on the recordings of a case; `live_key` names it until it is lifted."""

    __tablename__ = "room_recording_holds"
    __table_args__ = (
        UniqueConstraint("live_key"),
        Index("ix_room_recording_holds_case", "case_id", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    live_key: Mapped[str | None] = mapped_column(String(65))
    institution_id: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(40))
    held_by_id: Mapped[str] = mapped_column(String(32))
    held_at: Mapped[datetime]
    lifted_by_id: Mapped[str | None] = mapped_column(String(32))
    lifted_at: Mapped[datetime | None]
