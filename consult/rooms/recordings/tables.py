"""Recordings, who said what when asked, and the parts and tracks that are kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code, Json
from consult.rooms.recordings.model import Consent, RecordingEnd


class ConsentRow(Base):
    """One answer of one person in one room; the last one holds, the others stay."""

    __tablename__ = "room_recording_consents"
    __table_args__ = (Index("ix_room_recording_consents_room", "room_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    person_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    consent: Mapped[Consent] = mapped_column(Code(Consent))
    answered_at: Mapped[datetime]


class RecordingRow(Base):
    """A recording; until it has ended `live_room_id` names its room, of which it is the only one.

    The key opens what the media process sealed; it is sealed itself, and stays until the recording
    is deleted.
    """

    __tablename__ = "room_recordings"
    __table_args__ = (
        UniqueConstraint("live_room_id"),
        Index("ix_room_recordings_case", "case_id"),
        Index("ix_room_recordings_ended", "ended_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(32), ForeignKey("rooms.id"))
    live_room_id: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    asked_by_id: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    is_private: Mapped[bool]
    held_until: Mapped[datetime | None]
    why: Mapped[RecordingEnd | None] = mapped_column(Code(RecordingEnd))
    code: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None]
    key: Mapped[bytes] = mapped_column(LargeBinary)
    ends_told_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class PartRow(Base):
    """One part that web has taken, by the media process's own name for it."""

    __tablename__ = "room_recording_parts"
    __table_args__ = (Index("ix_room_recording_parts_recording", "recording_id"),)

    source: Mapped[str] = mapped_column(String(32), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    recording_id: Mapped[str] = mapped_column(String(32), ForeignKey("room_recordings.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    code: Mapped[str] = mapped_column(String(40))
    manifest: Mapped[dict[str, Any]] = mapped_column(Json)
    taken_at: Mapped[datetime]


class TrackRow(Base):
    """One file of a part; size and hash of the blob are those of the plain bytes."""

    __tablename__ = "room_recording_tracks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["source", "sequence"], ["room_recording_parts.source", "room_recording_parts.sequence"]
        ),
        UniqueConstraint("key"),
        Index("ix_room_recording_tracks_part", "source", "sequence"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    source: Mapped[str] = mapped_column(String(32))
    sequence: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))
    codec: Mapped[str] = mapped_column(String(20))
    first_at: Mapped[datetime]
    length_ms: Mapped[int] = mapped_column(Integer)
    lost: Mapped[int] = mapped_column(Integer)
    is_whole: Mapped[bool]
    recorded_sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
