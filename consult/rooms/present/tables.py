"""Who sat at each side of rooms."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.rooms.present.model import IdentityBy, PresentAs


class PresentRow(Base):
    """One person beside a participant of one room; the patient's own name is the case's."""

    __tablename__ = "room_present"
    __table_args__ = (Index("ix_room_present_room", "room_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    said_by: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    who: Mapped[PresentAs] = mapped_column(Code(PresentAs))
    name: Mapped[str] = mapped_column(String(200))
    identity: Mapped[IdentityBy | None] = mapped_column(Code(IdentityBy))
    said_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
