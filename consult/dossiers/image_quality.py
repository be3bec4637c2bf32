"""How many eyes could not be read, by site, photographer and month (IMG-08).

It counts what readers said of the quality in the newest opinion on each case that was submitted in
the period: the eyes that were rated, never the pictures that a program measured. Whoever prepared
the case counts as its photographer.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from consult.access import oversight, policy
from consult.access.model import ObjectType
from consult.cases.oversight_store import Filter
from consult.dossiers import statistics_store as store
from consult.dossiers.statistics import MOST_ROWS
from consult.kernel.errors import RefusedError
from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.work import Work
from consult.reports.model import Quality

MOST_READ: Final = 20_000
CAUSE: Final = "cause."
"""What stands before the code of a cause; only eyes that could not be read are counted by it."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one row is about; `month` is the month of submission, as 2026-11."""

    month: str
    institution_id: str
    photographer_id: str | None


@dataclass(frozen=True, slots=True)
class QualityCounts:
    """The eyes of each row: `eyes`, one number a quality, and one a cause; and of all."""

    rows: Sequence[tuple[Key, Mapping[str, int]]]
    total: Mapping[str, int]
    at: datetime


def count_quality(work: Work, wanted: Filter, *, zone: str) -> QualityCounts:
    """Count the eyes of cases that the actor may count; RefusedError for too many at once.

    Of more than MOST_ROWS rows those with the most eyes are here; `total` is of all of them.
    """
    cohort = store.Cohort(
        wanted,
        visible=policy.countable_ids(work, ObjectType.CASE),
        overseen=oversight.overseen_ids(work),
        by=store.IN_ALL,
    )
    if store.is_larger(work.session, cohort, than=MOST_READ):
        raise RefusedError("too-many-cases", field="until", limit=MOST_READ)
    rows: dict[Key, Counter[str]] = {}
    total: Counter[str] = Counter()
    for opinion in store.newest_opinions(work.session, cohort):
        counts = Counter(_counted(opinion.canonical))
        if counts:
            month = opinion.submitted_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m")
            key = Key(month, opinion.institution_id, opinion.photographer_id)
            rows.setdefault(key, Counter()).update(counts)
            total.update(counts)
    largest = sorted(rows.items(), key=lambda row: -row[1]["eyes"])[:MOST_ROWS]
    shown = sorted(largest, key=lambda row: (row[0].month, row[0].institution_id, -row[1]["eyes"]))
    return QualityCounts(shown, total, work.now)


def _counted(canonical: bytes) -> Iterable[str]:
    """What each rated eye of one report adds to the counts."""
    body = json.loads(canonical).get("body", {})
    for eye in Eye:
        reading = body.get(eye.value, {})
        quality = reading.get("quality")
        if quality is None or reading.get("eye_status") == EyeStatus.ABSENT:
            continue
        yield "eyes"
        yield quality
        if quality == Quality.UNGRADABLE:
            yield from (CAUSE + cause for cause in reading.get("causes", ()))
