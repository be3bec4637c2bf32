"""Who opened a case: one entry a minute a session, however often a live page redraws itself."""

from datetime import timedelta

from consult.journal import service as journal
from consult.kernel.work import Work

OPENED = "case.opened"
_SAME_OPENING = timedelta(minutes=1)
_NEWEST = 30


def was_just_opened(work: Work, case_id: str) -> bool:
    """Whether this very session has an entry of opening the case within the last minute."""
    actor = work.actor
    return any(
        (line.practitioner_id, line.session_id) == (actor.practitioner_id, actor.session_id)
        and line.institution_id == actor.institution_id
        and work.now - line.at < _SAME_OPENING
        for line in journal.lines_of_kinds(work.session, case_id, kinds={OPENED}, limit=_NEWEST)
    )
