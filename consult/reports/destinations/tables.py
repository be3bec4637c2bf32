"""Where reports are sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.reports.destinations.model import DispatchScope, DispatchWay


class DestinationRow(Base):
    """One destination of an institution; the token is sealed, and gone once it is removed."""

    __tablename__ = "destinations"
    __table_args__ = (Index("ix_destinations_institution", "institution_id", "removed_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    name: Mapped[str] = mapped_column(String(200))
    way: Mapped[DispatchWay] = mapped_column(Code(DispatchWay))
    scope: Mapped[DispatchScope] = mapped_column(Code(DispatchScope))
    url: Mapped[str] = mapped_column(String(400))
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    authority: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column(Integer)
    called: Mapped[str] = mapped_column(String(16))
    calling: Mapped[str] = mapped_column(String(16))
    over_tls: Mapped[bool]
    certificate: Mapped[str] = mapped_column(String(253))
    is_on: Mapped[bool]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    rests_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(80))
    sent_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    tried: Mapped[str] = mapped_column(String(400))
