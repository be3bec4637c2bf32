"""The tables of second factors: secrets are sealed, codes on paper are keyed hashes."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class SecondFactorRow(Base):
    """A person's authenticator app; `pending` is the next one until its first code was typed."""

    __tablename__ = "second_factors"

    practitioner_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("practitioners.id"), primary_key=True
    )
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    set_up_at: Mapped[datetime | None]
    last_step: Mapped[int]
    pending: Mapped[bytes | None] = mapped_column(LargeBinary)
    pending_at: Mapped[datetime | None]


class RecoveryCodeRow(Base):
    """One code on paper, good for one sign-in."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("practitioner_id", "code_hash"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    practitioner_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]
