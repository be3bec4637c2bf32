"""The manager's month: how many cases, how soon, how well, and what became of the referred.

Each number is of cases that were submitted in the month, as they stand now; the list behind it is
found by the same clause (`month_rules`).
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Final, TypeVar

from consult.cases.model import ServiceType
from consult.dossiers import month_store as store
from consult.dossiers.month_rules import Figure
from consult.dossiers.month_store import Line, Where
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work

Key = TypeVar("Key")
Tallies = defaultdict[Key, "Tally"]
MOST_OF_A_MONTH: Final = 50_000
MOST_OF_A_YEAR: Final = 200_000
MOST_ROWS: Final = 200
LONGEST_LIST: Final = 50
SPANS_S: Final = (3_600, 4 * 3_600, 8 * 3_600, 24 * 3_600, 48 * 3_600, 96 * 3_600)
"""Where one span of answering times ends and the next begins; the last has no end."""


class Tally:
    """Cases that are counted together: the figures of each as bits, and the seconds it took."""

    __slots__ = ("_answers", "_counted", "bits", "took")

    def __init__(self) -> None:
        self.bits: list[int] = []
        self.took: list[int | None] = []
        self._counted: Mapping[Figure, int] | None = None
        self._answers: list[int] | None = None

    def count(self, figure: Figure) -> int:
        """How many of them; asked once everything is counted."""
        if self._counted is None:
            kinds = Counter(self.bits).items()
            self._counted = {
                each: sum(number for bits, number in kinds if bits & bit)
                for each, bit in store.BITS.items()
            }
        return self._counted[figure]

    @property
    def answers(self) -> list[int]:
        """The seconds of every answer, the quickest first; asked once everything is counted."""
        if self._answers is None:
            self._answers = sorted(seconds for seconds in self.took if seconds is not None)
        return self._answers

    def took_at(self, share: float) -> int | None:
        """The seconds within which this share of the answers came (nearest rank); None of none."""
        answers = self.answers
        return answers[max(ceil(share * len(answers)) - 1, 0)] if answers else None


@dataclass(frozen=True, slots=True)
class Month:
    """The numbers of one month.

    `clinics` and `readers` have the most cases first, `photographers` too, by clinic and person;
    of more than MOST_ROWS those with the most are here, and `total` is of all. `days` are those
    between the moments that were asked for, `spans` the answers by SPANS_S.
    """

    total: Tally
    services: Mapping[str, Tally]
    clinics: Sequence[tuple[str, Tally]]
    clinic_services: Mapping[tuple[str, str], Tally]
    photographers: Sequence[tuple[tuple[str, str | None], Tally]]
    readers: Sequence[tuple[str | None, Tally]]
    days: Sequence[Tally]
    spans: Sequence[int]
    at: datetime


def count_month(work: Work, where: Where, *, days: Sequence[datetime]) -> Month:
    """Count the cases that the actor may count; RefusedError for too many at once.

    `days` are the moments at which the days of the month begin.
    """
    total, starts = Tally(), _texts(days)
    services: Tallies[str] = defaultdict(Tally)
    clinics: Tallies[str] = defaultdict(Tally)
    clinic_services: Tallies[tuple[str, str]] = defaultdict(Tally)
    photographers: Tallies[tuple[str, str | None]] = defaultdict(Tally)
    readers: Tallies[str | None] = defaultdict(Tally)
    by_day: Tallies[int] = defaultdict(Tally)
    for clinic, photographer, reader, service, at, took, bits in _facts(
        work, where, limit=MOST_OF_A_MONTH
    ):
        for tally in (
            *(total, services[service], clinics[clinic], clinic_services[clinic, service]),
            *(photographers[clinic, photographer], readers[reader]),
            by_day[bisect_right(starts, at) - 1],
        ):
            tally.bits.append(bits)
            tally.took.append(took)
    readers.pop(None, None)
    return Month(
        total=total,
        services=services,
        clinics=_largest(clinics),
        clinic_services=clinic_services,
        photographers=_largest(photographers),
        readers=_largest(readers),
        days=[by_day[place] for place in range(len(days))],
        spans=_by_span(total.answers),
        at=work.now,
    )


def count_months(work: Work, where: Where, *, months: Sequence[datetime]) -> Sequence[Tally]:
    """The same numbers month by month; RefusedError for too many cases at once.

    `months` are the moments at which they begin.
    """
    found, starts = [Tally() for _ in months], _texts(months)
    for *_who, at, took, bits in _facts(work, where, limit=MOST_OF_A_YEAR):
        tally = found[bisect_right(starts, at) - 1]
        tally.bits.append(bits)
        tally.took.append(took)
    return found


def list_figure(
    work: Work, where: Where, figure: Figure, *, before: str | None
) -> tuple[Sequence[Line], bool]:
    """One page of the cases of a number, the newest first, and whether there are older ones."""
    found = store.list_lines(work, where, figure, before=before, limit=LONGEST_LIST + 1)
    return found[:LONGEST_LIST], len(found) > LONGEST_LIST


def every_line(work: Work, where: Where, figure: Figure) -> Sequence[Line]:
    """All cases of a number, for a file; RefusedError for too many at once."""
    found = store.list_lines(work, where, figure, before=None, limit=MOST_OF_A_MONTH + 1)
    if len(found) > MOST_OF_A_MONTH:
        raise RefusedError("too-many-cases", field="month", limit=MOST_OF_A_MONTH)
    return found


def services_of(month: Month, clinic: str) -> Mapping[ServiceType, int]:
    """How many cases of each service a clinic submitted."""
    nothing = Tally()
    return {
        service: month.clinic_services.get((clinic, service), nothing).count(Figure.CASES)
        for service in ServiceType
    }


def _facts(work: Work, where: Where, *, limit: int) -> Iterator[store.Fact]:
    """Every case; RefusedError as soon as there are more than the limit."""
    read = 0
    for facts in store.facts_of(work, where):
        read += len(facts)
        if read > limit:
            raise RefusedError("too-many-cases", field="month", limit=limit)
        yield from facts


def _largest(found: Mapping[Key, Tally]) -> Sequence[tuple[Key, Tally]]:
    by_size = sorted(found.items(), key=lambda one: (-len(one[1].bits), str(one[0])))
    return by_size[:MOST_ROWS]


def _by_span(took: Iterable[int]) -> Sequence[int]:
    counts = Counter(bisect_right(SPANS_S, seconds) for seconds in took)
    return [counts[place] for place in range(len(SPANS_S) + 1)]


def _texts(moments: Sequence[datetime]) -> list[str]:
    """As the database keeps them, so that 10,000 of them need not be read."""
    return [each.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for each in moments]
