"""What is kept of a recording: parts as web takes them, and who plays them.

Whoever may know what was said of a case may hear its recordings (Q-10); each playing and each file
that leaves is a line of the journal.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import InstitutionId
from consult.kernel.work import Work
from consult.rooms.recordings import kept_store, store
from consult.rooms.recordings.model import MOST_TRACKS, Answer, KeptPart, KeptTrack, Recording
from consult.rooms.recordings.planning import journal_recording, open_key
from consult.rooms.rights import Talks, require_side
from consult.studies.quotas import service as quotas


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a recording is to lie: its case's institution, and the key that opens it."""

    case_id: str
    institution_id: InstitutionId
    is_kept: bool
    key: bytes


@dataclass(frozen=True, slots=True)
class Playable:
    """A recording with everything that is kept of it."""

    case: Case
    recording: Recording
    parts: list[KeptPart]
    answers: list[Answer]


def find_place(work: Work, *, recording_id: str, source: str, sequence: int) -> Place | None:
    """For a part that waits; None where nobody knows its recording (system)."""
    row = store.find_recording(work.session, recording_id)
    if row is None or row.deleted_at is not None:
        return None
    case = cases.get_case(work, row.case_id)
    is_kept = kept_store.is_kept(work.session, source, sequence)
    key = open_key(work, row.id, row.key)
    return Place(case.id, case.institution_id, is_kept, key)


def keep_part(work: Work, *, part: KeptPart) -> bool:
    """Write a part down; False where it was written before (system).

    It counts among what its institution keeps, and is never refused: it was recorded already.
    """
    row = store.find_recording(work.session, part.recording_id)
    if row is None or kept_store.is_kept(work.session, part.source, part.sequence):
        return False
    case = cases.get_case(work, row.case_id)
    size_bytes = sum(each.blob.size_bytes for each in part.tracks)
    quotas.count(work, case.institution_id, size_bytes=size_bytes)
    kept_store.save_part(work.session, part, at=work.now)
    hashes = " ".join(each.blob.sha256 for each in part.tracks[:MOST_TRACKS])
    journal_recording(
        work,
        case,
        "kept",
        row.room_id,
        recording=row.id,
        sequence=part.sequence,
        code=part.code,
        sha256=hashes,
    )
    return True


def list_recordings(work: Work, case: Case) -> list[Recording]:
    """The recordings of a case that the actor may know of; policy is the caller's to ask."""
    return store.list_of_case(work.session, case.id)


def open_recording(work: Work, *, case_id: str, recording_id: str, talks: Talks) -> Playable:
    """Everything that is kept of it, for whoever opens it to play it; raises NotFoundError."""
    found = get_recording(work, case_id=case_id, recording_id=recording_id, talks=talks)
    room_id = found.recording.room_id
    journal_recording(work, found.case, "opened", room_id, recording=recording_id)
    return found


def get_recording(work: Work, *, case_id: str, recording_id: str, talks: Talks) -> Playable:
    """The same without a line in the journal; raises NotFoundError."""
    case = require_side(work, case_id, talks=talks)
    row = store.find_recording(work.session, recording_id)
    if row is None or row.case_id != case.id or row.began_at is None:
        raise NotFoundError
    parts = kept_store.list_parts(work.session, recording_id)
    answers = store.list_answers(work.session, row.room_id)
    return Playable(case, store.recording_of(row), parts, answers)


def get_track(
    work: Work, *, case_id: str, recording_id: str, track_id: str, talks: Talks
) -> KeptTrack:
    """One track of a recording that the actor may play; raises NotFoundError."""
    case = require_side(work, case_id, talks=talks)
    row = store.find_recording(work.session, recording_id)
    found = kept_store.find_track(work.session, track_id)
    if row is None or row.case_id != case.id or found is None or found[1] != recording_id:
        raise NotFoundError
    return found[0]


def play_track(
    work: Work, *, case_id: str, recording_id: str, track_id: str, talks: Talks
) -> KeptTrack:
    """The same, played from its beginning: a line of the journal. Raises NotFoundError."""
    codes = {"recording": recording_id, "track": track_id}
    return _noted(work, case_id, "played", codes, talks=talks)


def take_out_track(
    work: Work, *, case_id: str, recording_id: str, track_id: str, reason: str, talks: Talks
) -> KeptTrack:
    """The same, as a file that leaves the house, with its reason; raises NotFoundError."""
    codes = {"recording": recording_id, "track": track_id, "reason": reason}
    return _noted(work, case_id, "downloaded", codes, talks=talks)


def take_out_recording(
    work: Work, *, case_id: str, recording_id: str, reason: str, talks: Talks
) -> Playable:
    """All of it, as one file that leaves the house, with its reason; raises NotFoundError."""
    found = get_recording(work, case_id=case_id, recording_id=recording_id, talks=talks)
    room_id, codes = found.recording.room_id, {"recording": recording_id, "reason": reason}
    tracks = sum(len(part.tracks) for part in found.parts)
    journal_recording(work, found.case, "downloaded", room_id, **codes, tracks=tracks)
    return found


def named_keys(work: Work, keys: Collection[str]) -> frozenset[str]:
    """Which of these blobs are tracks of recordings."""
    return kept_store.named_keys(work.session, keys)


def _noted(
    work: Work, case_id: str, word: str, codes: Mapping[str, str], *, talks: Talks
) -> KeptTrack:
    track = get_track(
        work,
        case_id=case_id,
        recording_id=codes["recording"],
        track_id=codes["track"],
        talks=talks,
    )
    row = store.find_recording(work.session, codes["recording"])
    if row is None:
        raise NotFoundError
    case = cases.get_case(work, case_id)
    journal_recording(work, case, word, row.room_id, **codes, sha256=track.blob.sha256)
    return track
