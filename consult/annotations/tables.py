"""Sheets of marks: which revision is current, and what each revision says."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class SheetRow(Base):
    """One reader's sheet on one case: its current revision."""

    __tablename__ = "annotation_sheets"

    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"), primary_key=True)
    reader_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))


class RevisionRow(Base):
    """One revision of a sheet, the current one included."""

    __tablename__ = "annotation_revisions"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reader_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    saved_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
