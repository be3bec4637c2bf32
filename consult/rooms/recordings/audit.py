"""Every stored track as the rows tell of it, for whoever checks that the bytes are still those."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.db.stored import stored_rows
from consult.kernel.faults import Fault
from consult.rooms.recordings.tables import TrackRow


def count_tracks(session: Session) -> int:
    """How many there are, for whoever waits."""
    return session.scalar(select(func.count()).select_from(TrackRow)) or 0


def named_tracks(session: Session) -> Iterator[BlobRef | Fault]:
    """The bytes of every track, and every row that cannot be read."""
    for row in stored_rows(session, TrackRow, by="id"):
        values = row.values
        if row.unreadable:
            yield Fault("image-unreadable", str(values["id"]))
        else:
            yield BlobRef(
                values["key"], values["size_bytes"], values["sha256"], values["wrapped_key"]
            )


def tracks_after(session: Session, key: str, *, limit: int) -> list[tuple[BlobRef, str, str, str]]:
    """The next tracks behind a key: kind, id and source of each."""
    statement = select(TrackRow).where(TrackRow.key > key).order_by(TrackRow.key).limit(limit)
    return [
        (
            BlobRef(row.key, row.size_bytes, row.sha256, row.wrapped_key),
            "recording",
            row.id,
            row.kind,
        )
        for row in session.scalars(statement)
    ]


def is_track_named(session: Session, key: str) -> bool:
    """Whether the row is there yet."""
    return session.scalar(select(TrackRow.key).where(TrackRow.key == key)) is not None
