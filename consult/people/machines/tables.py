"""The table of machines that come in by a token."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Json


class MachineRow(Base):
    """One machine of an institution; of its token only the SHA-256 is kept."""

    __tablename__ = "machines"
    __table_args__ = (Index("ix_machines_institution", "institution_id", "added_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    name: Mapped[str] = mapped_column(String(200))
    rights: Mapped[list[str]] = mapped_column(Json)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class HeartbeatRow(Base):
    """What the computer of a camera last said of itself."""

    __tablename__ = "machine_heartbeats"

    machine_id: Mapped[str] = mapped_column(ForeignKey("machines.id"), primary_key=True)
    told_at: Mapped[datetime]
    version: Mapped[str] = mapped_column(String(40))
    waiting: Mapped[int]
    waiting_bytes: Mapped[int] = mapped_column(BigInteger)
    oldest_at: Mapped[datetime | None]
    refused: Mapped[int]
    error: Mapped[str] = mapped_column(String(40))
