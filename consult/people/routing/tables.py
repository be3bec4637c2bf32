"""What an institution or an expert can do, and the chain of hospitals that a clinic has signed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class CapabilityRow(Base):
    """One thing that an institution can do (config/terms/capabilities.toml)."""

    __tablename__ = "capabilities"
    __table_args__ = (Index("ix_capabilities_code", "code"),)

    institution_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("institutions.id"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    added_at: Mapped[datetime]


class ChainRow(Base):
    """The second-level and the third-level hospital of a clinic's 1+1+1 chain."""

    __tablename__ = "care_chains"

    institution_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("institutions.id"), primary_key=True
    )
    second_id: Mapped[str | None] = mapped_column(String(32))
    third_id: Mapped[str | None] = mapped_column(String(32))
    changed_at: Mapped[datetime]


class ExpertiseRow(Base):
    """One thing that an expert reads or does: a field, a service, a device or a treatment."""

    __tablename__ = "expertise"
    __table_args__ = (Index("ix_expertise_code", "facet", "code"),)

    practitioner_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("practitioners.id"), primary_key=True
    )
    facet: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    added_at: Mapped[datetime]
