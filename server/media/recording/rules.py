"""The bounds of recordings, from config/media.toml."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordingRules:
    """What every recording keeps to; lengths of time in seconds."""

    write_every_s: float
    cluster_s: float
    patience_s: float
    most_held: int
    most_waiting_bytes: int
    keyframe_again_s: float
    most_files: int
    most_pauses: int
    most_bytes: int
    most_s: int
    least_free_bytes: int
    most_shown_bytes: int
