"""The bounds of video rooms, from config/media.toml."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from server.media.recording.rules import RecordingRules
from server.media.together.rules import TogetherRules

FILE: Final = "media.toml"
_TWO, _FOUR = 2, 4


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What one camera may send, in bits a second."""

    two: int
    four: int
    six: int
    floor: int
    sound: int

    def of(self, people: int) -> int:
        """The ceiling in a room of so many people."""
        if people <= _TWO:
            return self.two
        return self.four if people <= _FOUR else self.six


@dataclass(frozen=True, slots=True)
class RoomRules:
    """What every room keeps to; lengths of time in seconds."""

    most_people: int
    most_tracks: int
    most_room_tracks: int
    most_sections: int
    most_rooms_long: int
    recorded_costs: float
    longest_sdp_bytes: int
    most_candidates: int
    messages_at_once: int
    messages_a_second: float
    descriptions_at_once: int
    descriptions_a_second: float
    most_connections: int
    rejoin_s: float
    answer_s: float
    connect_s: float
    silent_s: float
    gone_s: float
    history_video: int
    history_audio: int
    most_resent_a_second: int
    keyframe_every_s: float
    ceilings: Ceilings
    recording: RecordingRules
    together: TogetherRules


@dataclass(frozen=True, slots=True)
class ProcessRules:
    """What the process may take of the machine."""

    memory_bytes: int
    nice: int


def load_media_rules(config_dir: Path) -> tuple[RoomRules, ProcessRules]:
    """Read the file; a missing or misspelt key is an error of whoever changed it."""
    told: dict[str, Any] = tomllib.loads((config_dir / FILE).read_text("utf-8"))
    parts: dict[str, Any] = {
        "ceilings": Ceilings(**told["ceilings"]),
        "recording": RecordingRules(**told["recording"]),
        "together": TogetherRules(**told["together"]),
    }
    plain = {each.name: told[each.name] for each in fields(RoomRules) if each.name not in parts}
    return (
        RoomRules(**plain, **parts),
        ProcessRules(**told["process"]),
    )
