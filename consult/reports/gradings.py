"""Which eyes the readers of earlier cases could not grade: those are no valid exam (IMG-12)."""

from collections.abc import Collection, Mapping
from typing import Any

from consult.cases.recognition.model import Reading
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.reports import store
from consult.reports.changes import newest_opinion
from consult.reports.model import Quality
from consult.reports.verify import content_of


def readings_of(work: Work, case_ids: Collection[str]) -> dict[str, Reading]:
    """What the newest opinion on each of these cases says; a retracted one says nothing.

    Whoever asks must know whose cases she asks about: no words and no findings are told.
    """
    found = {}
    for case_id in case_ids:
        versions = store.list_of_case(work.session, case_id)
        newest = newest_opinion(versions)
        if newest is None or newest.version != versions[0].version:
            continue
        found[case_id] = Reading(newest.signed_at, _ungradable(content_of(newest)))
    return found


def _ungradable(content: Mapping[str, Any]) -> frozenset[Eye]:
    said = content.get("body", {})
    return frozenset(
        eye for eye in Eye if said.get(eye.value, {}).get("quality") == Quality.UNGRADABLE
    )
