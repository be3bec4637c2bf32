"""The tables of people, their passwords and their affiliations."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.kernel.work import Role


class InstallationRow(Base):
    """One row once the installation has its first administrator; it never goes again."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    founded_at: Mapped[datetime]


class PractitionerRow(Base):
    """A person with a sign-in."""

    __tablename__ = "practitioners"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    pinyin: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(40))
    specialty: Mapped[str] = mapped_column(String(40))
    licence_no: Mapped[str] = mapped_column(String(40))
    licence_class: Mapped[str] = mapped_column(String(40))
    licence_valid_until: Mapped[date | None]
    language: Mapped[str | None] = mapped_column(String(10))
    added_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class CredentialRow(Base):
    """A person's password hash, apart, so that nothing else reads it along."""

    __tablename__ = "credentials"

    practitioner_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("practitioners.id"), primary_key=True
    )
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool]
    changed_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class AffiliationRow(Base):
    """A person's place at an institution; one that holds for each pair."""

    __tablename__ = "affiliations"
    __table_args__ = (
        Index(
            "uq_affiliations_live",
            "practitioner_id",
            "institution_id",
            unique=True,
            sqlite_where=text("stopped_at IS NULL"),
            postgresql_where=text("stopped_at IS NULL"),
        ),
        Index("ix_affiliations_institution", "institution_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    practitioner_id: Mapped[str] = mapped_column(String(32), ForeignKey("practitioners.id"))
    institution_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    added_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)


class AffiliationRoleRow(Base):
    """A role that an affiliation gives."""

    __tablename__ = "affiliation_roles"

    affiliation_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("affiliations.id"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(Code(Role), primary_key=True)
