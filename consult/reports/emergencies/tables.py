"""The table of openings in an emergency; the reason may name a patient, so it is sealed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class EmergencyRow(Base):
    """One case opened to one person for a while."""

    __tablename__ = "emergencies"
    __table_args__ = (
        Index("ix_emergencies_institution", "institution_id", "opened_at"),
        Index("ix_emergencies_practitioner", "practitioner_id", "until"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    institution_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    practitioner_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    acting_institution_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]
    until: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[str | None] = mapped_column(String(32), ForeignKey("practitioners.id"))
    verdict: Mapped[str | None] = mapped_column(String(40))
