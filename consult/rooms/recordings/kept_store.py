"""The only SQL of the parts and tracks that are kept."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.kernel.ids import PractitionerId
from consult.rooms.recordings.model import MOST_PARTS, MOST_TRACKS, KeptPart, KeptTrack
from consult.rooms.recordings.tables import PartRow, TrackRow


def is_kept(session: Session, source: str, sequence: int) -> bool:
    """Whether this part was taken before."""
    return session.get(PartRow, (source, sequence), populate_existing=True) is not None


def save_part(session: Session, part: KeptPart, *, at: datetime) -> None:
    """Write a part with its tracks."""
    session.add(
        PartRow(
            source=part.source,
            sequence=part.sequence,
            recording_id=part.recording_id,
            began_at=part.began_at,
            ended_at=part.ended_at,
            code=part.code,
            manifest=dict(part.manifest),
            taken_at=at,
        )
    )
    session.flush()
    for track in part.tracks:
        facts = {
            name: getattr(track, name)
            for name in KeptTrack.__slots__
            if name not in {"blob", "person_id"}
        }
        session.add(
            TrackRow(
                **facts,
                person_id=track.person_id,
                key=track.blob.key,
                size_bytes=track.blob.size_bytes,
                sha256=track.blob.sha256,
                wrapped_key=track.blob.wrapped_key,
            )
        )


def list_parts(session: Session, recording_id: str) -> list[KeptPart]:
    """The parts of a recording with their tracks, in the order in which they were recorded."""
    statement = select(PartRow).where(PartRow.recording_id == recording_id)
    rows = session.scalars(
        statement.order_by(PartRow.began_at, PartRow.source, PartRow.sequence).limit(MOST_PARTS)
    )
    return [_part(session, row) for row in rows]


def find_track(session: Session, track_id: str) -> tuple[KeptTrack, str] | None:
    """One track, and the recording that it is of."""
    statement = (
        select(TrackRow, PartRow.recording_id)
        .join(
            PartRow, (PartRow.source == TrackRow.source) & (PartRow.sequence == TrackRow.sequence)
        )
        .where(TrackRow.id == track_id)
    )
    found = session.execute(statement).first()
    return None if found is None else (_track(found[0]), found[1])


def named_keys(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Which of these blobs are tracks."""
    return frozenset(session.scalars(select(TrackRow.key).where(TrackRow.key.in_(sorted(keys)))))


def _part(session: Session, row: PartRow) -> KeptPart:
    return KeptPart(
        source=row.source,
        sequence=row.sequence,
        recording_id=row.recording_id,
        began_at=row.began_at,
        ended_at=row.ended_at,
        code=row.code,
        manifest=row.manifest,
        tracks=_tracks(session, row),
    )


def _tracks(session: Session, row: PartRow) -> Sequence[KeptTrack]:
    statement = select(TrackRow).where(
        TrackRow.source == row.source, TrackRow.sequence == row.sequence
    )
    ordered = statement.order_by(TrackRow.first_at, TrackRow.id).limit(MOST_TRACKS)
    return [_track(each) for each in session.scalars(ordered)]


def _track(row: TrackRow) -> KeptTrack:
    return KeptTrack(
        id=row.id,
        source=row.source,
        sequence=row.sequence,
        person_id=PractitionerId(row.person_id),
        kind=row.kind,
        codec=row.codec,
        first_at=row.first_at,
        length_ms=row.length_ms,
        lost=row.lost,
        is_whole=row.is_whole,
        recorded_sha256=row.recorded_sha256,
        blob=BlobRef(row.key, row.size_bytes, row.sha256, row.wrapped_key),
    )
