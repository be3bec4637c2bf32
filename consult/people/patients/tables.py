"""A patient's row: names and pinyin in plain text, numbers sealed beside a keyed hash."""

from datetime import date, datetime

from sqlalchemy import Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.people.patients.documents import DocumentKind, Sex
from consult.people.patients.model import ContactRelation, IdentityStatus


class PatientRow(Base):
    """One patient of one institution."""

    __tablename__ = "patients"
    __table_args__ = (
        UniqueConstraint("institution_id", "local_number"),
        UniqueConstraint("institution_id", "person_hash"),
        Index("ix_patients_person_hash", "person_hash"),
        Index("ix_patients_number_hash", "institution_id", "number_hash"),
        Index("ix_patients_phone_hash", "institution_id", "phone_hash"),
        Index("ix_patients_name", "institution_id", "name"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    local_number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(64))
    pinyin: Mapped[str] = mapped_column(String(4000))
    sex: Mapped[Sex] = mapped_column(Code(Sex))
    birth_on: Mapped[date]
    document_kind: Mapped[DocumentKind] = mapped_column(Code(DocumentKind))
    document_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    identity_status: Mapped[IdentityStatus] = mapped_column(Code(IdentityStatus))
    person_hash: Mapped[str | None] = mapped_column(String(64))
    number_hash: Mapped[str | None] = mapped_column(String(64))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_hash: Mapped[str | None] = mapped_column(String(64))
    phone_relation: Mapped[ContactRelation | None] = mapped_column(Code(ContactRelation))
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    guardian_name: Mapped[str | None] = mapped_column(String(64))
    guardian_relation: Mapped[ContactRelation | None] = mapped_column(Code(ContactRelation))
    guardian_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    registered_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(Integer)


class PatientCounterRow(Base):
    """The last local number that an institution gave."""

    __tablename__ = "patient_counters"

    institution_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
