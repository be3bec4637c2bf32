"""A recording of a room: who agreed to it, what follows from that, and what is kept of it."""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from consult.blobs.store import BlobRef
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

MOST_ANSWERS: Final = 2000
"""Read of one room: more than all who may knock on it can give."""
MOST_AGREEMENTS: Final = 20
"""So often one person agrees in one call; a refusal is always taken."""
MOST_RECORDINGS: Final = 100
MOST_PARTS: Final = 200
MOST_TRACKS: Final = 2000
HELD_FOR: Final = timedelta(seconds=10)
"""How long nothing is recorded for somebody who is on her way in and has not agreed."""


class Consent(enum.StrEnum):
    """What somebody said when she was asked whether a call may be recorded."""

    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RecordingEnd(enum.StrEnum):
    """Why a recording ended."""

    STOPPED = "stopped"
    REFUSED = "refused"
    ROOM_ENDED = "room_ended"
    FAILED = "failed"


class Wish(enum.StrEnum):
    """What the media process shall do for a recording now."""

    WAIT = "wait"
    RECORD = "record"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said last in one room; it holds for the whole call."""

    person_id: PractitionerId
    institution_id: InstitutionId
    consent: Consent
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording; `why` is set when it shall end, `ended_at` once nothing is recorded.

    `deleted_at` is set once its period was over and nothing of it is kept any more.
    """

    id: str
    room_id: str
    case_id: CaseId
    asked_by_id: PractitionerId
    asked_at: datetime
    began_at: datetime | None
    is_private: bool
    why: RecordingEnd | None
    code: str
    ended_at: datetime | None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What shall happen to a recording now, and who is waited for; `key` is for media alone."""

    recording: Recording
    wish: Wish
    agreed: tuple[str, ...]
    refused: tuple[str, ...]
    awaited: tuple[str, ...]
    key: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class KeptTrack:
    """One file of a part as it is kept: sound or picture of one person."""

    id: str
    source: str
    sequence: int
    person_id: PractitionerId
    kind: str
    codec: str
    first_at: datetime
    length_ms: int
    lost: int
    is_whole: bool
    recorded_sha256: str
    blob: BlobRef


@dataclass(frozen=True, slots=True)
class KeptPart:
    """One part as it is kept, with the manifest that the media process wrote."""

    source: str
    sequence: int
    recording_id: str
    began_at: datetime
    ended_at: datetime | None
    code: str
    manifest: Mapping[str, object]
    tracks: Sequence[KeptTrack]


def plan_of(
    recording: Recording,
    *,
    is_open: bool,
    is_held: bool,
    present: Collection[str],
    answers: Sequence[Answer],
) -> Plan:
    """What follows from who is there and what each said: nobody is recorded who did not agree."""
    agreed = {each.person_id for each in answers if each.consent is Consent.AGREED}
    refused = {each.person_id for each in answers} - agreed
    awaited = set(present) - agreed - refused
    if recording.why is not None or refused or not is_open:
        wish = Wish.STOP
    elif present and not (awaited or is_held or recording.is_private):
        wish = Wish.RECORD
    else:
        wish = Wish.WAIT if recording.began_at is None else Wish.PAUSE
    return Plan(
        recording, wish, tuple(sorted(agreed)), tuple(sorted(refused)), tuple(sorted(awaited))
    )


def end_of(recording: Recording, *, is_open: bool) -> RecordingEnd:
    """Why it ends, where it shall end and nobody said why."""
    if recording.why is not None:
        return recording.why
    return RecordingEnd.REFUSED if is_open else RecordingEnd.ROOM_ENDED
