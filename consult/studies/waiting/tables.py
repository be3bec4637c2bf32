"""Studies that came without a case and that somebody has put aside."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class PutAsideRow(Base):
    """A study that was sent in error, as a person says; the row goes when it is taken back."""

    __tablename__ = "studies_put_aside"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id"), primary_key=True)
    put_at: Mapped[datetime]
    put_by: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(1000))
