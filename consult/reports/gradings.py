"""What the readers of earlier cases graded, and what they could not (IMG-12, VW-03)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consult.cases.recognition.model import Reading
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.reports import store
from consult.reports.changes import newest_opinion
from consult.reports.model import Quality
from consult.reports.verify import content_of
from consult.reports.versions import Report


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader signed of an exam: the outcome by rule, and the grade of each eye."""

    signed_at: datetime
    rank: str | None
    icdr: Mapping[Eye, int | None]


def readings_of(work: Work, case_ids: Collection[str]) -> dict[str, Reading]:
    """What the newest opinion on each of these cases says; a retracted one says nothing.

    Whoever asks must know whose cases she asks about: no words and no findings are told.
    """
    return {
        case_id: Reading(newest.signed_at, _ungradable(content_of(newest)))
        for case_id, newest in _newest(work, case_ids)
    }


def opinions_of(work: Work, case_ids: Collection[str]) -> dict[str, Opinion]:
    """What was graded then, for whoever may look at these exams; no words are told."""
    return {case_id: _opinion(newest) for case_id, newest in _newest(work, case_ids)}


def _newest(work: Work, case_ids: Collection[str]) -> Iterator[tuple[str, Report]]:
    """The newest opinion on each case, of those on which one stands."""
    for case_id in case_ids:
        versions = store.list_of_case(work.session, case_id)
        newest = newest_opinion(versions)
        if newest is not None and newest.version == versions[0].version:
            yield case_id, newest


def _opinion(report: Report) -> Opinion:
    content: Mapping[str, Any] = content_of(report)
    outcome, said = content.get("outcome"), content.get("body", {})
    return Opinion(
        signed_at=report.signed_at,
        rank=None if outcome is None else outcome["rank"],
        icdr={eye: said.get(eye.value, {}).get("icdr") for eye in Eye},
    )


def _ungradable(content: Mapping[str, Any]) -> frozenset[Eye]:
    said = content.get("body", {})
    return frozenset(
        eye for eye in Eye if said.get(eye.value, {}).get("quality") == Quality.UNGRADABLE
    )
