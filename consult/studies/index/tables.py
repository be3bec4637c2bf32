"""The index of stored objects: what searches match in plain columns, what they tell sealed."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class StudyIndexRow(Base):
    """What a study's objects say of it; `person` and `name_keys` are what names are found by."""

    __tablename__ = "study_index"
    __table_args__ = (
        # with the name, so that a wildcard reads the rows of those alone whose name fits
        Index("ix_study_index_date", "institution_id", "study_date", "study_id", "person"),
        Index("ix_study_index_number", "institution_id", "patient_hash"),
        Index("ix_study_index_accession", "institution_id", "accession"),
    )

    study_id: Mapped[str] = mapped_column(
        ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True
    )
    institution_id: Mapped[str] = mapped_column(String(32))
    study_date: Mapped[str] = mapped_column(String(8))
    study_time: Mapped[str] = mapped_column(String(16))
    accession: Mapped[str] = mapped_column(String(64))
    study_number: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(String(256))
    referring: Mapped[str] = mapped_column(String(256))
    person: Mapped[str] = mapped_column(String(256))
    name_keys: Mapped[str] = mapped_column(String(4000))
    patient_number: Mapped[str] = mapped_column(String(64))
    patient_hash: Mapped[str] = mapped_column(String(64))
    birth_date: Mapped[str] = mapped_column(String(8))
    sex: Mapped[str] = mapped_column(String(16))
    told_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    told_hash: Mapped[str] = mapped_column(String(64))


class SeriesIndexRow(Base):
    """What a series' objects say of it."""

    __tablename__ = "series_index"

    series_id: Mapped[str] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int | None]
    description: Mapped[str] = mapped_column(String(256))
    started_date: Mapped[str] = mapped_column(String(8))
    started_time: Mapped[str] = mapped_column(String(16))
    told_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    told_hash: Mapped[str] = mapped_column(String(64))


class InstanceIndexRow(Base):
    """What an object says of itself; `made_from` is the key of the bytes that were read.

    `places` tells where its frames lie in them (`imaging/places.py`), where that is simple.
    """

    __tablename__ = "instance_index"

    instance_id: Mapped[str] = mapped_column(
        ForeignKey("instances.id", ondelete="CASCADE"), primary_key=True
    )
    made_from: Mapped[str] = mapped_column(String(100))
    number: Mapped[int | None]
    bits: Mapped[int | None]
    told_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    metadata_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    places: Mapped[str | None] = mapped_column(Text)
