"""What is told of a promised time that runs out, and when (Q-04)."""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from consult.cases.model import CaseStatus
from consult.cases.promise import Promise, PromiseRules, PromiseSpan
from consult.cases.working_days import Reckoning
from consult.kernel.ids import CaseId

_WHOLE: Final = 100
_S = CaseStatus
_WAITS = frozenset({_S.SUBMITTED, _S.ASSIGNED, _S.DECLINED})
_IS_ANSWERED = frozenset({_S.ACCEPTED, _S.SCHEDULED, _S.IN_CONSULT, _S.READING})
_LATER_READERS = frozenset({_S.SECOND_READ, _S.ARBITRATION, _S.REPORT_REVIEW})


class Term(enum.StrEnum):
    """Which of the two promised times."""

    ACCEPT = "accept"
    REPORT = "report"


class Rung(enum.StrEnum):
    """How far up it goes: whoever holds the case, the panel's leader, the backup panel."""

    REMIND = "remind"
    LEADER = "leader"
    BACKUP = "backup"


RUNNING: Final[Mapping[Term, frozenset[CaseStatus]]] = MappingProxyType(
    {Term.ACCEPT: _WAITS, Term.REPORT: _WAITS | _IS_ANSWERED | _LATER_READERS}
)
"""In which statuses each promised time still runs."""
RESTING: Final[Mapping[Term, frozenset[CaseStatus]]] = MappingProxyType({Term.ACCEPT: _IS_ANSWERED})
"""In which statuses nobody is told, but will be once the case waits again: somebody holds it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """When a rung of a case is due."""

    case_id: CaseId
    term: Term
    rung: Rung
    due_at: datetime


def make_marks(
    case_id: CaseId,
    promise: Promise,
    *,
    rules: PromiseRules,
    span: PromiseSpan,
    reckoning: Reckoning,
) -> Iterator[Mark]:
    """Every mark of a promise; what was paused needs no other rule, since they count from its end.

    The backup panel is only asked while nobody has taken the case.
    """
    ladder = rules.ladder
    ends = {
        Term.ACCEPT: (promise.accept_by, span.accept),
        Term.REPORT: (promise.report_by, span.report),
    }
    for term, (due, whole) in ends.items():
        yield Mark(case_id, term, Rung.REMIND, _at(due, whole, ladder.remind_percent, reckoning))
        yield Mark(case_id, term, Rung.LEADER, _at(due, whole, ladder.leader_percent, reckoning))
    due, whole = ends[Term.ACCEPT]
    yield Mark(case_id, Term.ACCEPT, Rung.BACKUP, _at(due, whole, ladder.backup_percent, reckoning))


def _at(due: datetime, whole: timedelta, percent: int, reckoning: Reckoning) -> datetime:
    """The instant at so many percent of a time that ends at `due`."""
    if percent <= _WHOLE:
        return reckoning.before(due, whole * (_WHOLE - percent) / _WHOLE)
    return reckoning.after(due, whole * (percent - _WHOLE) / _WHOLE)
