"""Claims: one row each time a case is taken."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.queue.model import ClaimEnd


class ClaimRow(Base):
    """A claim; `live_case_id` is unique and empty once it has ended: one live claim a case."""

    __tablename__ = "claims"
    __table_args__ = (
        Index("ix_claims_case", "case_id", "id"),
        Index("ix_claims_lease", "ended_at", "lease_until"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    live_case_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    practitioner_id: Mapped[str] = mapped_column(String(32))
    claimed_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[ClaimEnd | None] = mapped_column(Code(ClaimEnd))
