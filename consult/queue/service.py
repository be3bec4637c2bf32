"""The experts' cases: take, keep, put back, decline; one winner a case.

The list stands in worklist.py, sending back in service_return.py, what the panel's leader
settles in service_leader.py.
"""

from datetime import datetime

from consult.cases import service as cases
from consult.cases.drafts import require_reason
from consult.cases.errors import CaseChangedError
from consult.cases.events import case_entry
from consult.cases.model import Case, CaseStatus, CaseStepNotAllowedError
from consult.cases.returns import service as returns
from consult.cases.service import Said
from consult.kernel.errors import Fact
from consult.kernel.ids import CaseId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.queue import absence, further, holding, store
from consult.queue.errors import (
    CaseKeptError,
    CaseNotYoursError,
    NotOnPanelError,
)
from consult.queue.model import (
    FURTHER,
    WAITING,
    Claim,
    ClaimEnd,
    QueueLimits,
)
from consult.queue.tables import ClaimRow

EXPIRED_AT_ONCE = 50
DECLINED = "case.declined"


def claim_case(work: Work, *, case_id: CaseId, limits: QueueLimits) -> Case:
    """Take a waiting case.

    Raises CaseTakenError with the winner when somebody was first, NotOnPanelError from outside,
    CaseKeptError where it came back for another expert, AlreadyReadError and NotArbiterError for
    whom a case that was read once is not.
    """
    # the claim is read before the case, so that a claim that is seen is never older than the case
    live = store.find_live(work.session, case_id)
    case = cases.get_case(work, case_id)
    _require_panel(work, case)
    absence.refuse_away(work)
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    if live is not None and holding.is_held(work, case, live):
        holding.refuse_other(work, live)
        return case
    _refuse_kept(work, case)
    further.require_turn(work, case)
    try:
        return take_free(work, case, stale=live, limits=limits)
    except (CaseChangedError, CaseStepNotAllowedError):
        winner = store.find_live(work.session, case.id)
        if winner is None:
            raise
        holding.refuse_other(work, winner)
        return cases.get_case(work, case_id)


def take_free(work: Work, case: Case, *, stale: Claim | None, limits: QueueLimits) -> Case:
    """Take a case that nobody holds; whoever calls has asked whether the actor may.

    Raises CaseChangedError, CaseStepNotAllowedError where somebody was first.
    """
    after = _accept(work, case, stale=stale)
    store.save_claim(
        work.session,
        ClaimRow(
            id=new_id(),
            case_id=case.id,
            live_case_id=case.id,
            practitioner_id=work.actor.person,
            claimed_at=work.now,
            lease_until=work.now + limits.lease,
        ),
    )
    return after


def start_reading(work: Work, *, case_id: CaseId) -> Case:
    """The expert who took the case opens its images."""
    case, _claim = require_claim(work, case_id)
    if case.status is not CaseStatus.ACCEPTED:
        return case
    return cases.step(work, case, CaseStatus.READING, kind="case.reading", owner_id=case.owner_id)


def renew_lease(work: Work, *, case_id: CaseId, limits: QueueLimits) -> datetime:
    """Keep the case while its page is open.

    Raises CaseNotYoursError once the lease has run out, NotOnPanelError for whoever has left.
    """
    case = cases.get_case(work, case_id)
    _require_panel(work, case)
    until = work.now + limits.lease
    kept = store.save_lease(
        work.session,
        case.id,
        practitioner_id=work.actor.person,
        now=work.now,
        until=until,
    )
    if not kept:
        raise CaseNotYoursError(case.id)
    work.journal(
        Entry("case.lease_renewed", "case", case.id, case_id=case.id, patient_id=case.patient_id)
    )
    return until


def release_case(work: Work, *, case_id: CaseId) -> Case:
    """Put the case back at its place; the draft stays its author's."""
    case, claim = require_claim(work, case_id)
    return holding.free(work, case, claim, how=ClaimEnd.RELEASED, kind="case.released")


def decline_case(work: Work, *, case_id: CaseId, reason: str, limits: QueueLimits) -> Case:
    """Decline with a reason; the panel's leader is accountable for what happens next.

    From the third decline on the case is pressed: it stands on top until it is settled (Q-08).
    """
    live = store.find_live(work.session, case_id)
    case = cases.get_case(work, case_id)
    _require_panel(work, case)
    why = require_reason(reason)
    if live is not None:
        if holding.is_held(work, case, live):
            holding.refuse_other(work, live)
        case = holding.free(work, case, live, how=ClaimEnd.DECLINED, kind="case.released")
    panel = holding.panel_of(work, case)
    after = cases.step(
        work,
        case,
        CaseStatus.DECLINED,
        kind=DECLINED,
        owner_id=holding.answering(work, panel),
        said=Said(codes={"panel": panel.id}, words={"reason": why}),
        declines=case.declines + 1,
    )
    if after.declines >= limits.declines_to_escalate:
        codes: dict[str, Fact] = {"declines": after.declines, "panel": panel.id}
        work.journal(case_entry(after, "case.escalated", codes=codes))
    return after


def expire_leases(work: Work) -> int:
    """Free the cases whose lease has run out (a clock's step); says how many."""
    expired = store.list_expired(work.session, now=work.now, limit=EXPIRED_AT_ONCE)
    for claim in expired:
        case = cases.get_case(work, claim.case_id)
        holding.free(work, case, claim, how=ClaimEnd.LEASE_EXPIRED, kind="case.lease_expired")
    return len(expired)


def end_claim(work: Work, *, case_id: CaseId, how: ClaimEnd) -> None:
    """The claim ends because the case has moved on (reported, withdrawn)."""
    live = store.find_live(work.session, case_id)
    if live is not None:
        store.save_end(work.session, live.id, at=work.now, how=how)


def find_claim(work: Work, case_id: CaseId) -> Claim | None:
    """Who has taken the case, if anybody."""
    return store.find_live(work.session, case_id)


def require_claim(work: Work, case_id: CaseId) -> tuple[Case, Claim]:
    """The case and its live claim; raises CaseNotYoursError unless it is the actor's."""
    case = cases.get_case(work, case_id)
    claim = store.find_live(work.session, case_id)
    if claim is None or claim.practitioner_id != work.actor.practitioner_id:
        raise CaseNotYoursError(case.id)
    if claim.lease_until <= work.now:
        raise CaseNotYoursError(case.id)
    return case, claim


def list_signed(work: Work, *, since: datetime, limit: int) -> list[str]:
    """The cases that the actor had taken and signed a reading of since then, the newest first."""
    return store.list_signed_ids(work.session, work.actor.person, since=since, limit=limit)


def _accept(work: Work, case: Case, *, stale: Claim | None) -> Case:
    """The case's own step settles who is first; a claim left behind keeps nobody away."""
    if stale is not None:
        case = holding.free(
            work, case, stale, how=ClaimEnd.LEASE_EXPIRED, kind="case.lease_expired"
        )
    if case.status in FURTHER:
        return cases.change(work, case, kind="case.claimed", owner_id=work.actor.person)
    if case.status not in WAITING:
        raise CaseStepNotAllowedError(case.id, case.status, CaseStatus.ACCEPTED)
    return cases.step(
        work, case, CaseStatus.ACCEPTED, kind="case.claimed", owner_id=work.actor.person
    )


def _refuse_kept(work: Work, case: Case) -> None:
    """Raise CaseKeptError for all but the expert for whom the case came back, and the leader."""
    kept = returns.kept_for(work, [case]).get(case.id)
    if kept is None or kept.expert_id == work.actor.practitioner_id:
        return
    if not holding.leads(work, holding.panel_of(work, case)):
        names = practitioners.names_of(work, [kept.expert_id])
        raise CaseKeptError(case.id, by=names[kept.expert_id], until=kept.until)


def _require_panel(work: Work, case: Case) -> None:
    if case.panel_id not in work.actor.panel_ids:
        raise NotOnPanelError
