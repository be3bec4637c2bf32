"""Corrections of pictures; a row is never changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.corrections.model import CorrectionKind
from consult.cases.protocol import FieldCode
from consult.db.base import Base, Code
from consult.kernel.eyes import Eye


class ImageCorrectionRow(Base):
    """What a picture of a case was taken for, and what it is; why stands in the journal's words."""

    __tablename__ = "image_corrections"
    __table_args__ = (
        Index("ix_image_corrections_case", "case_id", "id"),
        Index("ix_image_corrections_at", "at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    image_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[CorrectionKind] = mapped_column(Code(CorrectionKind))
    instance_id: Mapped[str] = mapped_column(String(32))
    new_instance_id: Mapped[str | None] = mapped_column(String(32))
    eye_before: Mapped[Eye | None] = mapped_column(Code(Eye))
    field_before: Mapped[FieldCode | None] = mapped_column(Code(FieldCode))
    eye_after: Mapped[Eye | None] = mapped_column(Code(Eye))
    field_after: Mapped[FieldCode | None] = mapped_column(Code(FieldCode))
    to_case_id: Mapped[str | None] = mapped_column(String(32))
    to_image_id: Mapped[str | None] = mapped_column(String(32))
    by_id: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
