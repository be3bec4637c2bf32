"""Links that are made for a booked session, before its room is there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.rooms.links.model import LinkFor


class AheadLinkRow(Base):
    """A link for one session as it stood when the link was made, told by its `sequence`."""

    __tablename__ = "room_links_ahead"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_room_links_ahead_session", "session_id", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(32), ForeignKey("video_sessions.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    for_whom: Mapped[LinkFor] = mapped_column(Code(LinkFor))
    institution_id: Mapped[str] = mapped_column(String(32))
    made_by: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    token_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
