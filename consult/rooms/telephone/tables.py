"""Consultations by telephone."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.rooms.telephone.model import TelephoneWhy


class TelephoneRow(Base):
    """One consultation by telephone; `with_name` is empty where an account is named."""

    __tablename__ = "telephone_consults"
    __table_args__ = (Index("ix_telephone_consults_case", "case_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    author_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    why: Mapped[TelephoneWhy] = mapped_column(Code(TelephoneWhy))
    with_id: Mapped[str | None] = mapped_column(String(32))
    with_name: Mapped[str] = mapped_column(String(200))
    spoken_at: Mapped[datetime]
    result: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
