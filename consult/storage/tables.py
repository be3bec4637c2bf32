"""How far the passes over stored bytes have come, and what is wrong with some of them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.storage.model import FaultKind, PassName


class PassRow(Base):
    """One kind of pass: where it stands, and how the last whole one ended."""

    __tablename__ = "storage_passes"

    name: Mapped[PassName] = mapped_column(Code(PassName), primary_key=True)
    due_at: Mapped[datetime]
    is_asked: Mapped[bool]
    begun_at: Mapped[datetime | None]
    position: Mapped[str] = mapped_column(String(100))
    checked: Mapped[int] = mapped_column(BigInteger)
    checked_bytes: Mapped[int] = mapped_column(BigInteger)
    found: Mapped[int] = mapped_column(BigInteger)
    last_begun_at: Mapped[datetime | None]
    last_ended_at: Mapped[datetime | None]
    last_checked: Mapped[int] = mapped_column(BigInteger)
    last_found: Mapped[int] = mapped_column(BigInteger)
    last_removed: Mapped[int] = mapped_column(BigInteger)


class FaultRow(Base):
    """A stored object that is not whole; it goes when it is whole again, or is named no more."""

    __tablename__ = "storage_faults"
    __table_args__ = (Index("ix_storage_faults_found", "found_at", "key"),)

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[FaultKind] = mapped_column(Code(FaultKind))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(32))
    part: Mapped[str] = mapped_column(String(40))
    found_at: Mapped[datetime]
