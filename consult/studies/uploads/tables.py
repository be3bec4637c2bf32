"""Unfinished and finished uploads."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.studies.uploads.model import UploadState


class UploadRow(Base):
    """One upload; names, results and reasons are sealed, since people put names into file names."""

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_uploads_case", "case_id", "state"),
        Index("ix_uploads_person", "practitioner_id", "state"),
        Index("ix_uploads_state", "state", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    practitioner_id: Mapped[str] = mapped_column(String(32))
    session_id: Mapped[str | None] = mapped_column(String(64))
    case_id: Mapped[str] = mapped_column(String(32))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    offset_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[UploadState] = mapped_column(Code(UploadState))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    modified_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    results_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
