"""A camera's clock that is wrong by a constant, learnt from sets that people confirmed (U1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor


@dataclass(frozen=True, slots=True)
class ClockRules:
    """How many sets must agree before a camera's clock is corrected (config/uploads.toml)."""

    least_sets: int
    sets_kept: int
    least_percent: int
    days_kept: int


NEVER_LEARNT = ClockRules(least_sets=1, sets_kept=0, least_percent=100, days_kept=0)


@dataclass(frozen=True, slots=True)
class ClockSample:
    """What one confirmed set says: the clock is behind by at least and at most so many seconds."""

    least_s: int
    most_s: int

    def holds(self, offset_s: int, *, margin_s: int = 0) -> bool:
        """Whether a clock that is behind by this much explains the set."""
        return self.least_s - margin_s <= offset_s <= self.most_s


def sample_of(
    times: Sequence[tuple[datetime, datetime]], *, opened_at: datetime
) -> ClockSample | None:
    """What one set says of its camera; None where no constant explains it.

    `times` are capture by the camera's clock and arrival by ours: each picture was taken after
    the patient's case was open, and before it arrived.
    """
    least = max(ceil((opened_at - captured).total_seconds()) for captured, _arrived in times)
    most = min(floor((arrived - captured).total_seconds()) for captured, arrived in times)
    return ClockSample(least, most) if least <= most else None


def offset_of(samples: Sequence[ClockSample], *, rules: ClockRules, margin_s: int) -> int:
    """By how many seconds the clock is behind (ahead: less than 0), the newest sets first.

    0 until enough sets agree, and while a right clock explains them too, where a picture may have
    been taken up to the margin before the case was open. Else the middle of what they agree on.
    """
    kept = samples[: rules.sets_kept]
    if _agree(sum(each.holds(0, margin_s=margin_s) for each in kept), kept, rules):
        return 0
    ends = [end for sample in kept for end in (sample.least_s, sample.most_s)]
    best = max(ends, key=lambda end: (_count(kept, end), -abs(end), end), default=0)
    agreeing = [sample for sample in kept if sample.holds(best)]
    if not _agree(len(agreeing), kept, rules):
        return 0
    least = max(sample.least_s for sample in agreeing)
    return (least + min(sample.most_s for sample in agreeing)) // 2


def _count(samples: Sequence[ClockSample], offset_s: int) -> int:
    return sum(sample.holds(offset_s) for sample in samples)


def _agree(count: int, kept: Sequence[ClockSample], rules: ClockRules) -> bool:
    return count >= rules.least_sets and 100 * count >= rules.least_percent * len(kept)
