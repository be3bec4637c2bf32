"""What the computers of cameras send: which file it was there, and where it waits."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.studies.model import Part


class DeliveryRow(Base):
    """An upload of a machine; `spool_id` is the sender's own, so that nothing comes twice."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("machine_id", "spool_id"),)

    upload_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    machine_id: Mapped[str] = mapped_column(ForeignKey("machines.id"))
    spool_id: Mapped[str] = mapped_column(String(32))
    seen_at: Mapped[datetime]
    written_at: Mapped[datetime | None]


class DeliveryBlobRow(Base):
    """Bytes of a picture that waits for a person; size and hash are those of the plain bytes."""

    __tablename__ = "delivery_blobs"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("deliveries.upload_id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[Part] = mapped_column(Code(Part), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
