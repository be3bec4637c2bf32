"""The tables of sessions, of what they may sign, and of wrong tries."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Json


class SessionRow(Base):
    """One signed-in browser; of its token only the SHA-256 is kept."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_practitioner", "practitioner_id", "ended_at"),
        Index("ix_sessions_provider_sub", "provider_sub", "ended_at"),
        Index("ix_sessions_provider_sid", "provider_sid", "ended_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    practitioner_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    affiliation_id: Mapped[str] = mapped_column(String(32), ForeignKey("affiliations.id"))
    credential_revision: Mapped[int]
    browser: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(45))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    signed_in_by: Mapped[str] = mapped_column(String(20), default="password")
    provider_sub: Mapped[str | None] = mapped_column(String(255))
    provider_sid: Mapped[str | None] = mapped_column(String(255))
    proved_at: Mapped[datetime | None]
    proved_by_two: Mapped[bool | None]


class SigningWindowRow(Base):
    """A while in which a session signs screening reads without its password (U19)."""

    __tablename__ = "signing_windows"
    __table_args__ = (Index("ix_signing_windows_session", "session_id", "ended_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(32))
    practitioner_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    address: Mapped[str] = mapped_column(String(45))
    opened_at: Mapped[datetime]
    until: Mapped[datetime]
    touched_at: Mapped[datetime | None]
    reports_left: Mapped[int]
    ended_at: Mapped[datetime | None]


class ProviderSignOutRow(Base):
    """A logout token of the provider that was taken, so that none is taken twice."""

    __tablename__ = "provider_sign_outs"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class SignInGuardRow(Base):
    """The recent wrong tries for one name or from one address, by its keyed hash."""

    __tablename__ = "sign_in_guards"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures_at: Mapped[list[str]] = mapped_column(Json)
    locked_until: Mapped[datetime | None]
    touched_at: Mapped[datetime]
