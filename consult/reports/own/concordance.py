"""How far community doctors' own readings agree with the experts', by month (TRN-02)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from consult.access import policy
from consult.access.model import ObjectType
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.own import store
from consult.reports.own.model import Finding, OwnReading
from consult.reports.own.rules import OwnRules

Pair = tuple[Finding, Finding]
_REACH: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Tally:
    """Eyes that both read, and what of them is alike; the expert's reading is what counts.

    Sensitivity and specificity are about referable eyes, of those that both could grade.
    """

    eyes: int
    same: int
    referable: int
    found: int
    others: int
    left_alone: int
    skipped: int

    @property
    def agreement(self) -> float | None:
        """In percent."""
        return _percent(self.same, self.eyes)

    @property
    def sensitivity(self) -> float | None:
        """Of the expert's referable eyes those that she called so, in percent."""
        return _percent(self.found, self.referable)

    @property
    def specificity(self) -> float | None:
        """Of the others those that she did not call referable, in percent."""
        return _percent(self.left_alone, self.others)


@dataclass(frozen=True, slots=True)
class Curve:
    """One doctor's months, the oldest first, and all of them together."""

    doctor_id: str
    name: PersonName | None
    months: tuple[tuple[str, Tally], ...]
    total: Tally


def tally(pairs: Iterable[Pair], *, skipped: int = 0) -> Tally:
    """Count pairs of her finding and the expert's."""
    told = list(pairs)
    graded = [pair for pair in told if Finding.UNGRADABLE not in pair]
    referable = [own for own, expert in graded if expert is Finding.REFERABLE]
    others = [own for own, expert in graded if expert is not Finding.REFERABLE]
    return Tally(
        eyes=len(told),
        same=sum(own is expert for own, expert in told),
        referable=len(referable),
        found=sum(own is Finding.REFERABLE for own in referable),
        others=len(others),
        left_alone=sum(own is not Finding.REFERABLE for own in others),
        skipped=skipped,
    )


def count_curves(work: Work, *, everybody: bool, rules: OwnRules, zone: str) -> list[Curve]:
    """The last twelve months of the actor, or of every doctor of her institution.

    Only readings that were locked before the opinion was open count, against its newest version;
    one that was taken back counts for nothing.
    """
    one = None if everybody else work.actor.person
    since, at = work.now - _REACH, work.actor.institution
    readings = store.list_blind(work.session, at, since=since, author_id=one)
    skipped = store.list_skipped(work.session, at, since=since, by_id=one)
    rows: dict[str, dict[str, list[Pair]]] = {}
    for reading, pairs in _paired(work, readings, rules):
        months = rows.setdefault(reading.author_id, {})
        months.setdefault(_month(reading.locked_at, zone), []).extend(pairs)
    passed: dict[tuple[str, str], int] = {}
    for wait in skipped:
        if wait.by_id is not None and wait.ended_at is not None:
            key = (str(wait.by_id), _month(wait.ended_at, zone))
            passed[key] = passed.get(key, 0) + 1
            rows.setdefault(key[0], {}).setdefault(key[1], [])
    names = practitioners.names_of(work, rows)
    return [
        _curve(doctor, names.get(doctor), months, passed) for doctor, months in sorted(rows.items())
    ]


def _curve(
    doctor_id: str,
    name: PersonName | None,
    months: Mapping[str, list[Pair]],
    passed: Mapping[tuple[str, str], int],
) -> Curve:
    counted = tuple(
        (month, tally(pairs, skipped=passed.get((doctor_id, month), 0)))
        for month, pairs in sorted(months.items())
    )
    everything = [pair for pairs in months.values() for pair in pairs]
    total = tally(everything, skipped=sum(each.skipped for _month, each in counted))
    return Curve(doctor_id, name, counted, total)


def _paired(
    work: Work, readings: list[OwnReading], rules: OwnRules
) -> Iterator[tuple[OwnReading, list[Pair]]]:
    contents = store.newest_contents(
        work.session,
        [reading.case_id for reading in readings],
        visible=policy.visible_ids(work, ObjectType.REPORT),
    )
    for reading in readings:
        pairs = list(pairs_of(reading, _body(contents.get(reading.case_id)), rules=rules))
        if pairs:
            yield reading, pairs


def pairs_of(
    reading: OwnReading, body: Mapping[str, Any] | None, *, rules: OwnRules
) -> Iterator[Pair]:
    """Her finding and the expert's, of each eye that both read."""
    for eye in Eye:
        own = reading.said.eye(eye)
        expert = None if body is None else rules.finding_of(body[eye.value])
        if own is not None and expert is not None:
            yield own.finding, expert


def _body(canonical: bytes | None) -> Mapping[str, Any] | None:
    """What was signed; a retraction has none."""
    if canonical is None:
        return None
    body: Mapping[str, Any] | None = json.loads(canonical).get("body")
    return body


def _month(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m}"


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
