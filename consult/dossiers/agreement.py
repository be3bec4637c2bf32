"""How far two physicians who read the same cases agree, by pair of readers (Q-10).

Only cases whose second reading is signed are counted, so that nothing is told of a first reading
while another physician still reads.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from consult.access import oversight, policy
from consult.access.model import ObjectType
from consult.cases.oversight_store import Filter
from consult.dossiers import agreement_store, statistics_store
from consult.dossiers.image_quality import MOST_READ
from consult.dossiers.statistics import MOST_ROWS
from consult.kernel.errors import RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.reports.model import Quality
from consult.reports.second.kappa import Kappa, kappa_of, quadratic


@dataclass(slots=True)
class _Tally:
    """What is gathered of one pair: how many cases, the grades of each eye, and who could not."""

    cases: int = 0
    grades: list[tuple[int, int]] = field(default_factory=list)
    one_ungradable: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readers, the first by id first, and how far they agree on the grade of an eye."""

    readers: tuple[PractitionerId, PractitionerId]
    cases: int
    one_ungradable: int
    plain: Kappa | None
    weighted: Kappa | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Every pair of readers, those with the most cases first."""

    pairs: Sequence[Pair]
    at: datetime


def count_agreement(work: Work, wanted: Filter) -> Agreement:
    """Count the cases that the actor may count; RefusedError for too many at once."""
    cohort = statistics_store.Cohort(
        wanted,
        visible=policy.countable_ids(work, ObjectType.CASE),
        overseen=oversight.overseen_ids(work),
        by=statistics_store.IN_ALL,
    )
    if statistics_store.is_larger(work.session, cohort, than=MOST_READ):
        raise RefusedError("too-many-cases", field="until", limit=MOST_READ)
    found: dict[tuple[PractitionerId, PractitionerId], _Tally] = {}
    for first, second in agreement_store.read_twice(work.session, cohort):
        one, other = sorted((first, second), key=lambda reading: reading.author_id)
        tally = found.setdefault((one.author_id, other.author_id), _Tally())
        _add(tally, json.loads(one.canonical)["body"], json.loads(other.canonical)["body"])
    pairs = [
        Pair(
            readers,
            tally.cases,
            tally.one_ungradable,
            kappa_of(tally.grades),
            kappa_of(tally.grades, weight=quadratic),
        )
        for readers, tally in found.items()
    ]
    largest = sorted(pairs, key=lambda pair: (-pair.cases, pair.readers))
    return Agreement(largest[:MOST_ROWS], work.now)


def _add(tally: _Tally, one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    tally.cases += 1
    for eye in Eye:
        grades = (one[eye.value]["icdr"], other[eye.value]["icdr"])
        if None not in grades:
            tally.grades.append(grades)
        tally.one_ungradable += _is_ungradable(one[eye.value]) != _is_ungradable(other[eye.value])


def _is_ungradable(reading: Mapping[str, Any]) -> bool:
    return bool(reading["quality"] == Quality.UNGRADABLE)
