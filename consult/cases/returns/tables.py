"""Returns of cases, and the lines of what each asks for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.protocol import FieldCode
from consult.cases.returns.model import ItemKind, ReturnEnd
from consult.db.base import Base, Code
from consult.kernel.eyes import Eye


class CaseReturnRow(Base):
    """A return; `live_case_id` is unique and empty once it has ended: one live return a case."""

    __tablename__ = "case_returns"
    __table_args__ = (
        Index("ix_case_returns_case", "case_id", "id"),
        Index("ix_case_returns_expiry", "ended_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    live_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    panel_id: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text)
    returned_by: Mapped[str] = mapped_column(String(32))
    returned_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    expert_id: Mapped[str | None] = mapped_column(String(32))
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[ReturnEnd | None] = mapped_column(Code(ReturnEnd))
    kept_until: Mapped[datetime | None]


class ReturnItemRow(Base):
    """One line of what a return asks for."""

    __tablename__ = "case_return_items"

    return_id: Mapped[str] = mapped_column(ForeignKey("case_returns.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[ItemKind] = mapped_column(Code(ItemKind))
    code: Mapped[str] = mapped_column(String(60))
    eye: Mapped[Eye | None] = mapped_column(Code(Eye))
    field: Mapped[FieldCode | None] = mapped_column(Code(FieldCode))
