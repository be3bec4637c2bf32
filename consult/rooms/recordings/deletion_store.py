"""The only SQL of recordings that have come to the end of their period."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.rooms.recordings.tables import PartRow, RecordingRow, TrackRow


def list_old(session: Session, *, before: datetime, after: str, limit: int) -> list[str]:
    """Those that ended before this instant and are still kept, by id, behind an id."""
    statement = select(RecordingRow.id).where(
        RecordingRow.ended_at < before,
        RecordingRow.deleted_at.is_(None),
        RecordingRow.began_at.is_not(None),
        RecordingRow.id > after,
    )
    return list(session.scalars(statement.order_by(RecordingRow.id).limit(limit)))


def find_kept(session: Session, recording_id: str) -> RecordingRow | None:
    """One that is still kept, which nobody else moves before the unit ends."""
    statement = select(RecordingRow).where(
        RecordingRow.id == recording_id, RecordingRow.deleted_at.is_(None)
    )
    return session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def delete_tracks(session: Session, recording_id: str) -> Sequence[BlobRef]:
    """Take every track of it out of the rows; the parts with their manifests stay."""
    parts = select(PartRow.source, PartRow.sequence).where(PartRow.recording_id == recording_id)
    found: list[BlobRef] = []
    for source, sequence in session.execute(parts.order_by(PartRow.source, PartRow.sequence)):
        mine = (TrackRow.source == source, TrackRow.sequence == sequence)
        found += [
            BlobRef(row.key, row.size_bytes, row.sha256, row.wrapped_key)
            for row in session.scalars(select(TrackRow).where(*mine).order_by(TrackRow.id))
        ]
        session.execute(delete(TrackRow).where(*mine))
    return found
