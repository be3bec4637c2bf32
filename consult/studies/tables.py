"""Studies, series, instances, where their bytes lie, and files that collide with them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code, Json
from consult.studies.model import NOT_LOOKED_AT, CapturedSource, Likeness, Origin, Part

_NOT_LOOKED_AT = f"picture_reason = '{NOT_LOOKED_AT}'"


class StudyRow(Base):
    """A study as one institution holds it for one patient."""

    __tablename__ = "studies"
    __table_args__ = (
        UniqueConstraint("institution_id", "patient_id", "study_instance_uid"),
        Index("ix_studies_uid", "institution_id", "study_instance_uid"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32), index=True)
    study_instance_uid: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class SeriesRow(Base):
    """A series of a study."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("study_id", "series_instance_uid"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id"))
    series_instance_uid: Mapped[str] = mapped_column(String(64))
    modality: Mapped[str] = mapped_column(String(16))


class InstanceRow(Base):
    """One instance.

    `copy_number` is 0 but where the same bytes were taken for a second patient with a reason, so
    that two uploads at once of one SOP Instance UID meet in the unique constraint. `successor_id`
    names the corrected object; `withdrawn_at` is set where it proved to be another patient's.
    """

    __tablename__ = "instances"
    __table_args__ = (
        UniqueConstraint("institution_id", "sop_instance_uid", "copy_number"),
        Index("ix_instances_source", "institution_id", "source_sha256"),
        Index(
            "ix_instances_not_looked_at",
            "picture_reason",
            sqlite_where=text(_NOT_LOOKED_AT),
            postgresql_where=text(_NOT_LOOKED_AT),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    series_id: Mapped[str] = mapped_column(ForeignKey("series.id"), index=True)
    sop_instance_uid: Mapped[str] = mapped_column(String(64))
    copy_number: Mapped[int] = mapped_column(Integer)
    sop_class_uid: Mapped[str] = mapped_column(String(64))
    transfer_syntax_uid: Mapped[str] = mapped_column(String(64))
    origin: Mapped[Origin] = mapped_column(Code(Origin))
    source_sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int | None]
    columns: Mapped[int | None]
    frames: Mapped[int]
    captured_at: Mapped[datetime | None]
    captured_source: Mapped[CapturedSource] = mapped_column(Code(CapturedSource))
    captured_zone: Mapped[str] = mapped_column(String(40))
    laterality: Mapped[str | None] = mapped_column(String(1))
    picture_reason: Mapped[str | None] = mapped_column(String(40))
    likeness: Mapped[Likeness] = mapped_column(Code(Likeness))
    quality: Mapped[dict[str, Any] | None] = mapped_column(Json)
    named_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    decoding: Mapped[str | None] = mapped_column(String(12))
    received_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    successor_id: Mapped[str | None] = mapped_column(String(32))


class InstanceBlobRow(Base):
    """Where one part of an instance lies; size and hash are those of the plain bytes."""

    __tablename__ = "instance_blobs"

    instance_id: Mapped[str] = mapped_column(
        ForeignKey("instances.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[Part] = mapped_column(Code(Part), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


class ConflictRow(Base):
    """A file that names a stored object but holds other bytes; kept until a person settles it."""

    __tablename__ = "image_conflicts"
    __table_args__ = (
        UniqueConstraint("case_id", "instance_id", "source_sha256"),
        Index("ix_image_conflicts_key", "key"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    instance_id: Mapped[str] = mapped_column(String(32), index=True)
    source_sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(String(1000))
