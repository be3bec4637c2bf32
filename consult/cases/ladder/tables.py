"""When a promised time that runs out is told of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.ladder.model import Rung, Term
from consult.db.base import Base, Code


class PromiseMarkRow(Base):
    """One rung of one promised time of a case; told at most once, whatever the clock does."""

    __tablename__ = "promise_marks"
    __table_args__ = (Index("ix_promise_marks_due", "told_at", "due_at"),)

    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"), primary_key=True)
    term: Mapped[Term] = mapped_column(Code(Term), primary_key=True)
    rung: Mapped[Rung] = mapped_column(Code(Rung), primary_key=True)
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
