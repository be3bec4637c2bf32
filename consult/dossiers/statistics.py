"""How many cases, answered in time or not, and what happened to them: counts for supervision.

They are counts of cases that were submitted in a period, and of everything that happened to these
cases until now, so that every number can be counted again from the list of cases.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from consult.access import oversight, policy
from consult.access.model import ObjectType
from consult.cases.oversight_store import Filter
from consult.dossiers import statistics_store as store
from consult.kernel.errors import RefusedError
from consult.kernel.work import Entry, Work

REPEATED: Final = store.REPEATED
MOST_CASES: Final = 50_000
MOST_ROWS: Final = 500


class GroupedBy(enum.StrEnum):
    """What a row stands for."""

    INVITING = "inviting"
    INVITED = "invited"
    SERVICE = "service"


COUNTED: Final = (
    *("cases", "accepted_in_time", "accepted_late"),
    *("reported_in_time", "reported_late", "reported_open"),
    *("returned", "declined", "withdrawn", "corrected", "retracted"),
    *("pictures_corrected", "emergencies", "exports", "recognised", "repeated"),
    *("calls", "calls_unanswered"),
)
"""The numbers of a row.

A call is unanswered as often as it rang everybody in vain. Late are also those that are overdue
without an acceptance or a report; a case that was withdrawn before it had a report is neither in
time nor late nor open. Beside them stands a number for each reason for which an exam was repeated,
`repeated.<code>`, where there is one.
"""
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Each row's key (an institution's id, a service type, or none) and its numbers, and all.

    Of more than MOST_ROWS rows those with the most cases are here; `total` is of all of them.
    """

    rows: Sequence[tuple[str | None, Counts]]
    total: Counts
    at: datetime


def count(work: Work, wanted: Filter, *, by: GroupedBy) -> Statistics:
    """Count the cases that the actor may see or supervises; RefusedError for too many at once.

    What she sees by an emergency alone is not counted: whoever takes the table away sees the same.
    """
    cohort = store.Cohort(
        wanted,
        visible=policy.countable_ids(work, ObjectType.CASE),
        overseen=oversight.overseen_ids(work),
        by=by.value,
    )
    if store.is_larger(work.session, cohort, than=MOST_CASES):
        raise RefusedError("too-many-cases", field="until", limit=MOST_CASES)
    total: Counts
    found = store.count_rows(work.session, cohort, now=work.now, limit=MOST_ROWS)
    rows = [(key, _whole(numbers)) for key, numbers in found.items()]
    if len(rows) < MOST_ROWS:
        names = {name for _key, counts in rows for name in counts} | set(COUNTED)
        total = {name: sum(counts.get(name, 0) for _key, counts in rows) for name in names}
    else:  # there may be more rows than are shown
        in_all = replace(cohort, by=store.IN_ALL)
        counted = store.count_rows(work.session, in_all, now=work.now, limit=1)
        total = _whole(next(iter(counted.values()), {}))
    return Statistics(rows, total, work.now)


def _whole(numbers: Mapping[str, int]) -> Counts:
    return {**dict.fromkeys(COUNTED, 0), **numbers}


def note_counted(work: Work, wanted: Filter, *, by: str, is_export: bool) -> None:
    """Write down who looked at statistics or took them away, of what and of which period."""
    period = (wanted.submitted_from, wanted.submitted_until)
    first, last = (None if at is None else at.isoformat() for at in period)
    work.journal(
        Entry(
            "statistics.exported" if is_export else "statistics.opened",
            ObjectType.INSTITUTION,
            work.actor.institution,
            codes={
                "first": first,
                "last": last,
                "by": by,
                "institution": wanted.institution_id,
                "service": None if wanted.service_type is None else wanted.service_type.value,
            },
        )
    )
