"""The bounds of looking together, from config/media.toml."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TogetherRules:
    """How much is said, and how much of it the room keeps for whoever comes later."""

    said_at_once: int
    said_a_second: float
    most_strokes: int
    most_points: int
    longest_stroke: int
    points_at_once: int
