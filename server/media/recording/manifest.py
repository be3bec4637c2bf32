"""What lies beside the files of one part: who, what, when, and by what hash."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

VERSION: Final = 1
FILE: Final = "manifest.json"
RECORDING, CLOSED = "recording", "closed"
BROKEN_OFF: Final = "broken-off"
"""Why a part ended whose process died."""
_MOST_SIZES: Final = 200


@dataclass(slots=True)
class TrackFacts:
    """One file: one source of one participant, in one codec.

    Of a file whose process died nobody has counted the frames, nor hashed what is sealed.
    """

    file: str
    participant: str
    source: str
    codec: str
    first_at: str = ""
    length_ms: int = 0
    frames: int = 0
    lost: int = 0
    sizes: list[Mapping[str, int]] = field(default_factory=list)
    bytes: int = 0
    sha256: str = ""
    webm_sha256: str = ""
    is_whole: bool = False

    def note_size(self, at_ms: int, size: tuple[int, int]) -> bool:
        """Whether the picture has another size from here on; so many are noted, then no more."""
        told = {"width": size[0], "height": size[1]}
        before = (
            {name: n for name, n in self.sizes[-1].items() if name != "at_ms"} if self.sizes else {}
        )
        if told == before or len(self.sizes) >= _MOST_SIZES:
            return False
        self.sizes.append({"at_ms": at_ms, **told})
        return True


@dataclass(slots=True)
class Manifest:
    """One part of a recording: from a start to its end; a later start makes another part."""

    source: str
    sequence: int
    recording: str
    room: str
    began_at: str
    consented: list[str]
    state: str = RECORDING
    ended_at: str = ""
    code: str = ""
    gaps: list[dict[str, str]] = field(default_factory=list)
    tracks: list[TrackFacts] = field(default_factory=list)

    def as_json(self) -> bytes:
        """What is written."""
        told = {"version": VERSION, **asdict(self)}
        return json.dumps(told, indent=1, sort_keys=True).encode() + b"\n"


def read_manifest(data: bytes) -> Manifest:
    """What was written; raises ValueError, TypeError or KeyError where it was not by us."""
    told: dict[str, Any] = json.loads(data)
    if told.pop("version") != VERSION:
        raise ValueError
    tracks = [TrackFacts(**each) for each in told.pop("tracks")]
    return Manifest(**told, tracks=tracks)


def format_instant(unix_s: float) -> str:
    """An instant in UTC, to the millisecond."""
    text = datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
