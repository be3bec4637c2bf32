"""Ways by which people are told, what waits there, and how far the journal was read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.notices.model import NoticeEvent, NoticeState, WayKind


class NoticeWayRow(Base):
    """One way of one person; address and secret are sealed, and gone once it is removed."""

    __tablename__ = "notice_ways"
    __table_args__ = (Index("ix_notice_ways_person", "person_id", "removed_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    kind: Mapped[WayKind] = mapped_column(Code(WayKind))
    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    events: Mapped[str] = mapped_column(String(400))
    quiet_from: Mapped[str] = mapped_column(String(5))
    quiet_until: Mapped[str] = mapped_column(String(5))
    digest_at: Mapped[str] = mapped_column(String(23))
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer)
    rests_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(80))
    sent_at: Mapped[datetime | None]


class NoticeRow(Base):
    """One notice: of one line of the journal a way is told once."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("way_id", "position"),
        Index("ix_notices_due", "state", "send_at"),
        Index("ix_notices_way", "way_id", "state", "send_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    way_id: Mapped[str] = mapped_column(String(32), ForeignKey("notice_ways.id"))
    position: Mapped[int] = mapped_column(Integer)
    event: Mapped[NoticeEvent] = mapped_column(Code(NoticeEvent))
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    case_number: Mapped[str] = mapped_column(String(24))
    is_urgent: Mapped[bool]
    made_at: Mapped[datetime]
    send_at: Mapped[datetime]
    state: Mapped[NoticeState] = mapped_column(Code(NoticeState))
    settled_at: Mapped[datetime | None]


class NoticeCursorRow(Base):
    """How far the journal was read for notices: one row."""

    __tablename__ = "notice_cursor"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer)
