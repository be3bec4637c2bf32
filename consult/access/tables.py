"""Custody and grants: all that the policy reads."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.access.model import ObjectType, Party
from consult.db.base import Base, Code


class CustodyRow(Base):
    """Who holds an object: one custodian each."""

    __tablename__ = "custody"
    __table_args__ = (Index("ix_custody_party", "custodian_type", "custodian_id", "object_type"),)

    object_type: Mapped[ObjectType] = mapped_column(Code(ObjectType), primary_key=True)
    object_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    custodian_type: Mapped[Party] = mapped_column(Code(Party))
    custodian_id: Mapped[str] = mapped_column(String(32))


class GrantRow(Base):
    """An object opened to somebody else, why, and until when."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_object", "object_type", "object_id"),
        Index("ix_grants_why", "why"),
        Index("ix_grants_party", "grantee_type", "grantee_id", "object_type"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    object_type: Mapped[ObjectType] = mapped_column(Code(ObjectType))
    object_id: Mapped[str] = mapped_column(String(32))
    grantee_type: Mapped[Party] = mapped_column(Code(Party))
    grantee_id: Mapped[str] = mapped_column(String(32))
    why: Mapped[str] = mapped_column(String(60))
    granted_at: Mapped[datetime]
    until: Mapped[datetime | None]
