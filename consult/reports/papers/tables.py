"""Where the PDF of a signed version lies."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class PaperRow(Base):
    """One PDF in one language; size and hash are those of the plain bytes."""

    __tablename__ = "report_papers"

    report_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    wanted_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(200))
    signed_by: Mapped[str] = mapped_column(String(64))
    key: Mapped[str | None] = mapped_column(String(100), unique=True)
    size_bytes: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
