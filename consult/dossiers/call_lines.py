"""How good the lines of calls were, by site and month: the middle, and the worst tenth (VID-10).

From what each browser measured itself while it was in a call, and told every few seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil
from statistics import median
from typing import Final

from consult.access import oversight, policy
from consult.access.model import ObjectType
from consult.cases.oversight_store import Filter
from consult.dossiers import call_lines_store as store
from consult.dossiers.statistics_store import IN_ALL, Cohort
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import local_day

MOST_ROWS: Final = 500
_TENTH: Final = 10


@dataclass(frozen=True, slots=True)
class Sampled:
    """One measurement of one browser: of which site, and what it said of its line."""

    institution_id: str
    taken_at: datetime
    lost_per_mille: int
    round_trip_ms: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of a number, and that beyond which its worst tenth lies."""

    median: int
    worst: int


@dataclass(frozen=True, slots=True)
class LinesOfMonth:
    """The lines of a site in a month; whoever came by a link counts for the site that made it."""

    institution_id: str
    month_on: date
    samples: int
    lost_per_mille: Spread
    round_trip_ms: Spread
    height_px: Spread


def count_lines(work: Work, wanted: Filter) -> list[LinesOfMonth]:
    """Of the calls of the cases that the actor may see or supervises, newest months first."""
    cohort = Cohort(
        wanted,
        visible=policy.countable_ids(work, ObjectType.CASE),
        overseen=oversight.overseen_ids(work),
        by=IN_ALL,
    )
    samples = [Sampled(*row) for row in store.list_samples(work.session, cohort)]
    inside = replace(work, actor=SYSTEM)
    sites = {each.institution_id for each in samples}
    zones = {each: organisations.get_institution(inside, each).zone for each in sites}
    return gather(samples, zones)[:MOST_ROWS]


def gather(samples: Iterable[Sampled], zones: Mapping[str, str]) -> list[LinesOfMonth]:
    """One line a site and month of its own clock, the newest months first."""
    found: dict[tuple[date, str], list[Sampled]] = {}
    for each in samples:
        on = local_day(each.taken_at, zone=zones[each.institution_id]).replace(day=1)
        found.setdefault((on, each.institution_id), []).append(each)
    return [
        LinesOfMonth(
            institution_id=site,
            month_on=on,
            samples=len(own),
            lost_per_mille=spread([each.lost_per_mille for each in own]),
            round_trip_ms=spread([each.round_trip_ms for each in own]),
            height_px=spread([each.height_px for each in own], lower_is_worse=True),
        )
        for (on, site), own in sorted(found.items(), key=_newest_first)
    ]


def spread(numbers: Sequence[int], *, lower_is_worse: bool = False) -> Spread:
    """The middle, and the best number of the worst tenth."""
    ordered = sorted(numbers, reverse=lower_is_worse)
    return Spread(round(median(ordered)), ordered[-ceil(len(ordered) / _TENTH)])


def _newest_first(item: tuple[tuple[date, str], list[Sampled]]) -> tuple[int, str]:
    (on, site), _own = item
    return -on.toordinal(), site
