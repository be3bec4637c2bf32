"""The tables of institutions, consortia, panels and agreements."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.people.organisations.model import Standing, Tier


class InstitutionRow(Base):
    """A hospital or a community site, with its own wrapped key."""

    __tablename__ = "institutions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    tier: Mapped[Tier] = mapped_column(Code(Tier))
    zone: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(40))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)


class ConsortiumRow(Base):
    """A specialty consortium."""

    __tablename__ = "consortia"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    name_en: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class MembershipRow(Base):
    """An institution's place in a consortium; when it leaves, the journal keeps what was."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_institution", "institution_id"),)

    consortium_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("consortia.id"), primary_key=True
    )
    institution_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("institutions.id"), primary_key=True
    )
    standing: Mapped[Standing] = mapped_column(Code(Standing))
    joined_at: Mapped[datetime]


class PanelRow(Base):
    """A panel of experts."""

    __tablename__ = "panels"
    __table_args__ = (
        UniqueConstraint("consortium_id", "institution_id", "name"),
        Index("ix_panels_institution", "institution_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    consortium_id: Mapped[str] = mapped_column(String(32), ForeignKey("consortia.id"))
    institution_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    leader_id: Mapped[str] = mapped_column(String(32))
    added_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)


class PanelMemberRow(Base):
    """An expert of a panel."""

    __tablename__ = "panel_members"
    __table_args__ = (Index("ix_panel_members_practitioner", "practitioner_id"),)

    panel_id: Mapped[str] = mapped_column(String(32), ForeignKey("panels.id"), primary_key=True)
    practitioner_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    added_at: Mapped[datetime]


class PanelBackupRow(Base):
    """The panel that is asked once another has left a case waiting beyond its promise."""

    __tablename__ = "panel_backups"

    panel_id: Mapped[str] = mapped_column(String(32), ForeignKey("panels.id"), primary_key=True)
    backup_id: Mapped[str] = mapped_column(String(32), ForeignKey("panels.id"))


class PanelServiceRow(Base):
    """A service that a panel gives."""

    __tablename__ = "panel_services"

    panel_id: Mapped[str] = mapped_column(String(32), ForeignKey("panels.id"), primary_key=True)
    service_type: Mapped[str] = mapped_column(String(40), primary_key=True)


class AgreementRow(Base):
    """A cooperation agreement between two institutions of one consortium."""

    __tablename__ = "agreements"
    __table_args__ = (Index("ix_agreements_parties", "inviting_id", "invited_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    consortium_id: Mapped[str] = mapped_column(String(32), ForeignKey("consortia.id"))
    inviting_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    invited_id: Mapped[str] = mapped_column(String(32), ForeignKey("institutions.id"))
    fee_rule: Mapped[str] = mapped_column(Text)
    liability: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    signed_on: Mapped[date | None]
    added_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class AgreementServiceRow(Base):
    """A service that an agreement covers."""

    __tablename__ = "agreement_services"

    agreement_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("agreements.id"), primary_key=True
    )
    service_type: Mapped[str] = mapped_column(String(40), primary_key=True)
