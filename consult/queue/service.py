"""The experts' list: take, keep, put back, decline; one winner a case."""

from datetime import datetime

from consult.cases import service as cases
from consult.cases.drafts import require_reason
from consult.cases.errors import CaseChangedError
from consult.cases.model import Case, CaseStatus, CaseStepNotAllowedError
from consult.cases.service import Said
from consult.kernel.ids import CaseId, PractitionerId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.queue import store
from consult.queue.errors import (
    CaseNotYoursError,
    CaseTakenError,
    NotOnPanelError,
    NotPanelLeaderError,
)
from consult.queue.model import (
    ON_THE_LIST,
    TAKEN,
    WAITING,
    Claim,
    ClaimEnd,
    QueuedCase,
    QueueLimits,
)
from consult.queue.tables import ClaimRow

LONGEST_LIST = 200
EXPIRED_AT_ONCE = 50


def list_worklist(work: Work, *, limit: int = LONGEST_LIST) -> list[QueuedCase]:
    """The cases before the actor's panels, in order of promise, with who has taken which."""
    waiting = cases.list_for_panels(
        work,
        panel_ids=work.actor.panel_ids,
        statuses=ON_THE_LIST,
        limit=min(limit, LONGEST_LIST),
    )
    claims = {
        claim.case_id: claim for claim in store.list_live(work.session, [c.id for c in waiting])
    }
    return [QueuedCase(case, claims.get(case.id)) for case in waiting]


def claim_case(work: Work, *, case_id: CaseId, limits: QueueLimits) -> Case:
    """Take a waiting case.

    Raises CaseTakenError with the winner when somebody was first, NotOnPanelError from outside.
    """
    # the claim is read before the case, so that a claim that is seen is never older than the case
    live = store.find_live(work.session, case_id)
    case = cases.get_case(work, case_id)
    _require_panel(work, case)
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    if live is not None and _is_held(work, case, live):
        _refuse_other(work, live)
        return case
    try:
        after = _accept(work, case, stale=live)
    except (CaseChangedError, CaseStepNotAllowedError):
        winner = store.find_live(work.session, case.id)
        if winner is None:
            raise
        _refuse_other(work, winner)
        return cases.get_case(work, case_id)
    until = work.now + limits.lease
    store.save_claim(
        work.session,
        ClaimRow(
            id=new_id(),
            case_id=case.id,
            live_case_id=case.id,
            practitioner_id=work.actor.person,
            claimed_at=work.now,
            lease_until=until,
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
    return _free(work, case, claim, how=ClaimEnd.RELEASED, kind="case.released")


def decline_case(work: Work, *, case_id: CaseId, reason: str) -> Case:
    """Decline with a reason; the panel's leader is accountable for what happens next."""
    live = store.find_live(work.session, case_id)
    case = cases.get_case(work, case_id)
    _require_panel(work, case)
    why = require_reason(reason)
    if live is not None:
        if _is_held(work, case, live):
            _refuse_other(work, live)
        case = _free(work, case, live, how=ClaimEnd.DECLINED, kind="case.released")
    return cases.step(
        work,
        case,
        CaseStatus.DECLINED,
        kind="case.declined",
        owner_id=_leader(work, case),
        said=Said(words={"reason": why}),
    )


def send_on(work: Work, *, case_id: CaseId) -> Case:
    """The panel's leader puts a declined case before the panel again."""
    case = cases.get_case(work, case_id)
    leader_id = _require_leader(work, case)
    return cases.step(work, case, CaseStatus.ASSIGNED, kind="case.reassigned", owner_id=leader_id)


def reject_case(work: Work, *, case_id: CaseId, reason: str) -> Case:
    """The panel's leader turns a declined case down for good, with the reason."""
    case = cases.get_case(work, case_id)
    _require_leader(work, case)
    said = Said(words={"reason": require_reason(reason)})
    return cases.step(work, case, CaseStatus.REJECTED, kind="case.rejected", said=said)


def expire_leases(work: Work) -> int:
    """Free the cases whose lease has run out (a clock's step); says how many."""
    expired = store.list_expired(work.session, now=work.now, limit=EXPIRED_AT_ONCE)
    for claim in expired:
        case = cases.get_case(work, claim.case_id)
        _free(work, case, claim, how=ClaimEnd.LEASE_EXPIRED, kind="case.lease_expired")
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


def _accept(work: Work, case: Case, *, stale: Claim | None) -> Case:
    """The case's own step settles who is first; a claim left behind keeps nobody away."""
    if stale is not None:
        case = _free(work, case, stale, how=ClaimEnd.LEASE_EXPIRED, kind="case.lease_expired")
    if case.status not in WAITING:
        raise CaseStepNotAllowedError(case.id, case.status, CaseStatus.ACCEPTED)
    return cases.step(
        work, case, CaseStatus.ACCEPTED, kind="case.claimed", owner_id=work.actor.person
    )


def _is_held(work: Work, case: Case, claim: Claim) -> bool:
    """Whether the claim keeps others away: its lease runs, and the case did not go back."""
    return claim.lease_until > work.now and case.status not in WAITING


def _free(work: Work, case: Case, claim: Claim, *, how: ClaimEnd, kind: str) -> Case:
    store.save_end(work.session, claim.id, at=work.now, how=how)
    if case.status not in TAKEN:
        return case
    return cases.step(
        work,
        case,
        CaseStatus.ASSIGNED,
        kind=kind,
        owner_id=_leader(work, case),
        said=Said(codes={"claimed_by": claim.practitioner_id}),
    )


def _leader(work: Work, case: Case) -> PractitionerId:
    if case.panel_id is None:
        raise NotOnPanelError
    return organisations.panel_in_use(work, case.panel_id).leader_id


def _require_leader(work: Work, case: Case) -> PractitionerId:
    leader_id = _leader(work, case)
    if leader_id != work.actor.practitioner_id:
        raise NotPanelLeaderError
    return leader_id


def _require_panel(work: Work, case: Case) -> None:
    if case.panel_id not in work.actor.panel_ids:
        raise NotOnPanelError


def _refuse_other(work: Work, claim: Claim) -> None:
    """Raise CaseTakenError, with who and when, unless the claim is the actor's own."""
    if claim.practitioner_id == work.actor.practitioner_id:
        return
    names = practitioners.names_of(work, [claim.practitioner_id])
    raise CaseTakenError(claim.case_id, by=names[claim.practitioner_id], at=claim.claimed_at)
