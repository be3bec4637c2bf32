"""Links into rooms, and the guests who came by them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.rooms.links.model import Identity, LinkFor


class LinkRow(Base):
    """A link into one room, of which only the hash is kept, and who used it.

    `session_hash` is that of the cookie of the browser that used it up.
    """

    __tablename__ = "room_links"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("session_hash"),
        Index("ix_room_links_room", "room_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    for_whom: Mapped[LinkFor] = mapped_column(Code(LinkFor))
    person_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    made_by: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    token_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    session_hash: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer)
    identity: Mapped[Identity | None] = mapped_column(Code(Identity))
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
