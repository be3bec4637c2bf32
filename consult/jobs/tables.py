"""Work that follows a commit: one row a job."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Json


class JobRow(Base):
    """A job with its next time to run; a finished one is deleted, its effect is journalled."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "failed_at", "run_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, str | int | None]] = mapped_column(Json)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(60))
