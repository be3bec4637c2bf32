"""A consent's row; it is never changed but for its withdrawal."""

from datetime import date, datetime

from sqlalchemy import Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.consent_rules import ConsentScope, Signer, SigningMethod
from consult.db.base import Base, Code, Json


class ConsentRow(Base):
    """One signed consent form."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_patient", "patient_id", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(String(32))
    items: Mapped[list[str]] = mapped_column(Json)
    scope: Mapped[ConsentScope] = mapped_column(Code(ConsentScope))
    signer: Mapped[Signer] = mapped_column(Code(Signer))
    method: Mapped[SigningMethod] = mapped_column(Code(SigningMethod))
    signed_on: Mapped[date]
    valid_until_on: Mapped[date | None]
    cost_fen: Mapped[int] = mapped_column(Integer)
    relation: Mapped[str] = mapped_column(String(200))
    signer_name: Mapped[str] = mapped_column(String(200))
    signer_document_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    power_of_attorney: Mapped[str] = mapped_column(String(200))
    witness_name: Mapped[str] = mapped_column(String(200))
    adult_reason: Mapped[str] = mapped_column(String(200))
    text_version: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[str] = mapped_column(String(32))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
