"""Leases by the clock: what has run out is freed, and none outlasts a clock that was set back."""

from consult.cases import service as cases
from consult.cases.events import case_entry
from consult.kernel.work import Work
from consult.queue import service, store
from consult.queue.model import QueueLimits

AT_ONCE = 100


def tend_leases(work: Work, *, limits: QueueLimits) -> int:
    """Shorten and free (a clock's step); says how many cases were freed."""
    _shorten(work, limits=limits)
    return service.expire_leases(work)


def _shorten(work: Work, *, limits: QueueLimits) -> None:
    """No lease is longer than from now on: one that is was given by a clock that ran ahead."""
    until = work.now + limits.lease
    for claim in store.list_longer(work.session, until=until, limit=AT_ONCE):
        store.save_lease(
            work.session,
            claim.case_id,
            practitioner_id=claim.practitioner_id,
            now=work.now,
            until=until,
        )
        case = cases.get_case(work, claim.case_id)
        work.journal(case_entry(case, "case.lease_shortened", codes={"why": "clock_set_back"}))
