"""Parts of recordings as web keeps them, for tests: rows without bytes."""

from datetime import UTC, datetime

from consult.blobs.store import BlobRef
from consult.cases.model import Case
from consult.kernel.ids import new_id
from consult.rooms.recordings.model import KeptPart, KeptTrack

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SIZE_BYTES = 3_000_000_000


def make_part(case: Case, recording_id: str, sequence: int) -> KeptPart:
    """A part with one track."""
    blob = BlobRef(f"{case.institution_id}/{new_id()}", SIZE_BYTES, "ab" * 32, b"key")
    track = KeptTrack(
        id=new_id(),
        source="ab" * 16,
        sequence=sequence,
        person_id=case.requesting_physician_id,  # type: ignore[arg-type] - the case was submitted
        kind="camera",
        codec="vp8",
        first_at=NOW,
        length_ms=1000,
        lost=0,
        is_whole=True,
        recorded_sha256="cd" * 32,
        blob=blob,
    )
    return KeptPart("ab" * 16, sequence, recording_id, NOW, NOW, "stopped", {"gaps": []}, [track])
