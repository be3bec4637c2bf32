"""Sending a case back for what is missing: by whoever holds it, or before anybody has taken it."""

from consult.cases import service as cases
from consult.cases.model import Case
from consult.cases.returns import service as returns
from consult.cases.returns.model import Wanted
from consult.cases.rules import CaseRules
from consult.kernel.ids import CaseId
from consult.kernel.work import Work
from consult.queue import holding, store
from consult.queue.errors import NotOnPanelError
from consult.queue.model import TAKEN, Claim, ClaimEnd
from consult.queue.service import require_claim


def return_case(work: Work, *, case_id: CaseId, wanted: Wanted, rules: CaseRules) -> Case:
    """Send a case back; its promise pauses, the draft stays its author's, and it returns to her.

    A case that is taken is sent back by whoever holds it, one that waits by the panel's leader or a
    coordinator of its hospital (C3). Raises CaseNotYoursError and NotPanelLeaderError otherwise.
    """
    case = cases.get_case(work, case_id)
    expert_id = None
    if case.status in TAKEN:
        case, claim = _require_own(work, case)
        expert_id = claim.practitioner_id
        store.save_end(work.session, claim.id, at=work.now, how=ClaimEnd.RETURNED)
    else:
        holding.require_triage(work, case)
        case = holding.free_own(work, case)
    return returns.send_back(
        work,
        case,
        wanted=wanted,
        rules=rules.returns,
        form=rules.forms[case.service_type],
        expert_id=expert_id,
    )


def may_return(work: Work, case: Case) -> bool:
    """Whether the actor may send the case back as it stands now."""
    if case.status in TAKEN:
        claim = store.find_live(work.session, case.id)
        is_held = claim is not None and claim.lease_until > work.now
        return (
            is_held
            and claim is not None
            and claim.practitioner_id == work.actor.practitioner_id
            and case.panel_id in work.actor.panel_ids
        )
    return holding.may_triage(work, case)


def _require_own(work: Work, case: Case) -> tuple[Case, Claim]:
    if case.panel_id not in work.actor.panel_ids:
        raise NotOnPanelError
    return require_claim(work, case.id)
