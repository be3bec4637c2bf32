"""Signed readings of cases that are read more than once."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.model import ServiceType
from consult.db.base import Base, Code
from consult.reports.model import ReportStatus
from consult.reports.second.model import Part


class HeldRow(Base):
    """A reading as it was signed, with its marks; it never changes, and a trigger refuses it."""

    __tablename__ = "held_readings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    part: Mapped[Part] = mapped_column(Code(Part))
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    patient_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[ReportStatus] = mapped_column(Code(ReportStatus))
    service_type: Mapped[ServiceType] = mapped_column(Code(ServiceType))
    author_id: Mapped[str] = mapped_column(String(32))
    signed_at: Mapped[datetime]
    canonical: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    shown_sha256: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    seal_id: Mapped[str] = mapped_column(String(64))
    marks: Mapped[bytes | None] = mapped_column(LargeBinary)
