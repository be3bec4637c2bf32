"""To which draft the pictures of a camera go."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class DirectionRow(Base):
    """A person sent a camera's pictures to a draft, from then until an end; never two at once."""

    __tablename__ = "camera_directions"
    __table_args__ = (
        Index("ix_camera_directions_machine", "machine_id", "begun_at"),
        Index("ix_camera_directions_case", "case_id", "ended_at"),
        Index("ix_camera_directions_open", "ended_at", "ends_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    machine_id: Mapped[str] = mapped_column(ForeignKey("machines.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    begun_by: Mapped[str] = mapped_column(String(32))
    begun_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
