"""Claims: one row each time a case is taken; and who has read a case already."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.queue.model import ClaimEnd


class ReaderRow(Base):
    """Who has signed a reading of a case, and so is none of its further readers."""

    __tablename__ = "case_readers"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    practitioner_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    read_at: Mapped[datetime]


class ClaimRow(Base):
    """A claim; `live_case_id` is unique and empty once it has ended: one live claim a case."""

    __tablename__ = "claims"
    __table_args__ = (
        Index("ix_claims_case", "case_id", "id"),
        Index("ix_claims_lease", "ended_at", "lease_until"),
        Index("ix_claims_reader", "practitioner_id", "ended_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    live_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    practitioner_id: Mapped[str] = mapped_column(String(32))
    claimed_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[ClaimEnd | None] = mapped_column(Code(ClaimEnd))
