"""What taking, sending back and sending on share: who holds a case, who answers, who decides."""

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.cases.service import Said
from consult.kernel.ids import PanelId, PractitionerId
from consult.kernel.work import Role, Work
from consult.people.duty import service as duty
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel
from consult.people.practitioners import service as practitioners
from consult.queue import store
from consult.queue.errors import CaseTakenError, NotOnPanelError, NotPanelLeaderError
from consult.queue.model import FURTHER, TAKEN, WAITING, Claim, ClaimEnd


def is_held(work: Work, case: Case, claim: Claim) -> bool:
    """Whether the claim keeps others away: its lease runs, and the case did not go back."""
    return claim.lease_until > work.now and case.status not in WAITING


def free(work: Work, case: Case, claim: Claim, *, how: ClaimEnd, kind: str) -> Case:
    """End a claim; a case that was taken waits before its panel again."""
    store.save_end(work.session, claim.id, at=work.now, how=how)
    if case.status not in TAKEN | FURTHER:
        return case
    owner_id = answering(work, panel_of(work, case))
    said = Said(codes={"claimed_by": claim.practitioner_id})
    if case.status in FURTHER:
        return cases.change(work, case, kind=kind, owner_id=owner_id, said=said)
    return cases.step(work, case, CaseStatus.ASSIGNED, kind=kind, owner_id=owner_id, said=said)


def free_own(work: Work, case: Case) -> Case:
    """The case without a claim; raises CaseTakenError where another expert holds it."""
    live = store.find_live(work.session, case.id)
    if live is None:
        return case
    if not is_held(work, case, live):
        return free(work, case, live, how=ClaimEnd.LEASE_EXPIRED, kind="case.lease_expired")
    refuse_other(work, live)
    return free(work, case, live, how=ClaimEnd.RELEASED, kind="case.released")


def panel_of(work: Work, case: Case) -> Panel:
    """The panel before which the case stands."""
    if case.panel_id is None:
        raise NotOnPanelError
    return organisations.panel_in_use(work, case.panel_id)


def answering(work: Work, panel: Panel) -> PractitionerId:
    """Who answers for what waits before a panel: its leader, or whoever does while she is away."""
    return duty.answering(work, panel)


def leads(work: Work, panel: Panel) -> bool:
    """Whether the actor leads the panel, or answers for it while its leader is away."""
    if panel.leader_id == work.actor.practitioner_id:
        return True
    sits_here = panel.id in work.actor.panel_ids
    return sits_here and answering(work, panel) == work.actor.practitioner_id


def coordinates(work: Work, panel: Panel) -> bool:
    """Whether the actor is a coordinator of the panel's hospital."""
    roles, place = work.actor.roles, work.actor.institution_id
    return Role.COORDINATOR in roles and place == panel.institution_id


def require_leader(work: Work, case: Case) -> Panel:
    """The panel, for its leader, or for a coordinator where it has none.

    Raises NotPanelLeaderError for everybody else.
    """
    panel = panel_of(work, case)
    if leads(work, panel):
        return panel
    if coordinates(work, panel) and not panels.has_leader(work, panel):
        return panel
    raise NotPanelLeaderError


def may_triage(work: Work, case: Case, *, declined: bool = False) -> bool:
    """Whether the actor may send back a case that waits, or send on one that was declined too."""
    open_in = WAITING | {CaseStatus.DECLINED} if declined else WAITING
    if case.panel_id is None or case.status not in open_in:
        return False
    panel = organisations.panel_in_use(work, case.panel_id)
    return coordinates(work, panel) or leads(work, panel)


def require_triage(work: Work, case: Case) -> Panel:
    """The panel, for its leader and the coordinators of its hospital."""
    panel = panel_of(work, case)
    if not coordinates(work, panel) and not leads(work, panel):
        raise NotPanelLeaderError
    return panel


def panels_before(work: Work) -> frozenset[PanelId]:
    """The panels whose list the actor sees: her own, and as a coordinator all of her hospital."""
    if Role.COORDINATOR not in work.actor.roles or work.actor.institution_id is None:
        return work.actor.panel_ids
    return work.actor.panel_ids | organisations.panel_ids_at(work, work.actor.institution_id)


def refuse_other(work: Work, claim: Claim) -> None:
    """Raise CaseTakenError, with who and when, unless the claim is the actor's own."""
    if claim.practitioner_id == work.actor.practitioner_id:
        return
    names = practitioners.names_of(work, [claim.practitioner_id])
    raise CaseTakenError(claim.case_id, by=names[claim.practitioner_id], at=claim.claimed_at)
