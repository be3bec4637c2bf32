"""By which words the line of a participant is told after a call, from config/call_quality.toml."""

from collections.abc import Mapping
from dataclasses import dataclass

from consult.kernel.rules import RuleTable
from consult.rooms.model import Quality


@dataclass(frozen=True, slots=True)
class CallQualityRules:
    """Bounds of packets lost (thousandths) and of the way there and back (ms)."""

    fair_lost_per_mille: int
    fair_round_trip_ms: int
    poor_lost_per_mille: int
    poor_round_trip_ms: int

    def line_of(self, quality: Quality | None) -> str:
        """How the middle of what was measured is called: good, fair, poor, or unknown."""
        if quality is None:
            return "unknown"
        lost, round_trip = quality.median_lost_per_mille, quality.median_round_trip_ms
        if lost > self.poor_lost_per_mille or round_trip > self.poor_round_trip_ms:
            return "poor"
        is_fair = lost > self.fair_lost_per_mille or round_trip > self.fair_round_trip_ms
        return "fair" if is_fair else "good"


def parse_call_quality_rules(mapping: Mapping[str, object]) -> CallQualityRules:
    """Read and check config/call_quality.toml."""
    table = RuleTable(mapping)
    fair, poor = (
        [f"{word}_{name}" for name in ("lost_per_mille", "round_trip_ms")]
        for word in ("fair", "poor")
    )
    table.only("name", "version", "source", *fair, *poor)
    for low, high in zip(fair, poor, strict=True):
        if table.whole(low, lowest=1) >= table.whole(high, lowest=1):
            raise table.wrong(low, f"must be below {high}")
    return CallQualityRules(*(table.whole(name, lowest=1) for name in (*fair, *poor)))
