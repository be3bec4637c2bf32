"""What becomes of an expert's cases while she is on leave: none of them waits for her (ID-10)."""

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.cases.service import Said
from consult.kernel.ids import InstitutionId, PractitionerId, new_id
from consult.kernel.work import Role, Work
from consult.people.duty import leaves
from consult.people.duty import service as duty
from consult.people.duty.model import Leave
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.queue import holding, store
from consult.queue.errors import OnLeaveError
from consult.queue.model import FURTHER, TAKEN, WAITING, Claim, ClaimEnd, QueueLimits
from consult.queue.tables import ClaimRow

BEGUN = "case.leave_began"
STOOD_IN = "case.stood_in"
REROUTED = "case.rerouted"
UNCLAIMED = WAITING | FURTHER | {CaseStatus.DECLINED}
MOST_AT_ONCE = 200


def refuse_away(work: Work) -> None:
    """Raise OnLeaveError where the actor is on leave from the institution for which she acts."""
    leave = leaves.find_present(work, work.actor.person, institution_id=work.actor.institution)
    if leave is not None:
        raise OnLeaveError(leave.day_until)


def free_all_absent(work: Work, *, limits: QueueLimits) -> int:
    """Free what those hold whose leave has begun (a clock's step); says how many cases moved."""
    return sum(free_absent(work, leave, limits=limits) for leave in leaves.list_away(work))


def free_absent(work: Work, leave: Leave, *, limits: QueueLimits) -> int:
    """Nothing waits for whoever is on leave: her taken cases go to who stands in, or to the panel.

    Whatever waits before a panel while she answers for it has another who does.
    """
    held = store.list_live_of(work.session, leave.expert_id, limit=MOST_AT_ONCE)
    moved = 0
    for case_id in sorted(held):
        case = cases.get_case(work, case_id)
        claim = store.find_live(work.session, case_id)
        if claim is not None and _is_here(work, case, leave):
            _free(work, case, claim, leave, limits=limits)
            moved += 1
    return moved + _give_over(work, leave.expert_id, institution_id=leave.institution_id)


def return_to(work: Work, leader_id: PractitionerId, *, institution_id: InstitutionId) -> None:
    """A leader is there again: she answers for what waits before her panels."""
    for panel_id in sorted(organisations.panel_ids_at(work, institution_id)):
        panel = organisations.panel_in_use(work, panel_id)
        if panel.leader_id == leader_id:
            for case in cases.list_before(work, panel_id=panel_id, statuses=UNCLAIMED):
                change_owner(work, case, panel)


def change_owner(work: Work, case: Case, panel: Panel, *, said: Said | None = None) -> bool:
    """Let whoever answers for the panel now answer for this case; False where she does."""
    owner_id = duty.answering(work, panel)
    if owner_id == case.owner_id:
        return False
    told = said or Said(codes={"panel": panel.id, "before": case.owner_id, "newly": owner_id})
    cases.change(work, case, kind=REROUTED, owner_id=owner_id, said=told)
    return True


def _give_over(work: Work, person: PractitionerId, *, institution_id: InstitutionId) -> int:
    """What waits while this person answers for it: another does from now on."""
    moved = 0
    for case in cases.list_owned(work, owner_id=person, statuses=UNCLAIMED):
        if case.panel_id is None or case.invited_institution_id != institution_id:
            continue
        moved += change_owner(work, case, holding.panel_of(work, case))
    return moved


def _free(work: Work, case: Case, claim: Claim, leave: Leave, *, limits: QueueLimits) -> None:
    panel = holding.panel_of(work, case)
    was_taken = case.status in TAKEN
    free = holding.free(work, case, claim, how=ClaimEnd.LEAVE, kind=BEGUN)
    stands_in = leave.substitute_id
    if not was_taken or stands_in is None or not may_be_given(work, free, panel, stands_in):
        return
    cases.step(
        work,
        free,
        CaseStatus.ACCEPTED,
        kind=STOOD_IN,
        owner_id=stands_in,
        said=Said(codes={"claimed_by": leave.expert_id, "to": stands_in, "leave": leave.id}),
    )
    give_claim(work, free, stands_in, limits=limits)


def give_claim(work: Work, case: Case, person: PractitionerId, *, limits: QueueLimits) -> None:
    """A case that this person was given is hers for an ordinary lease."""
    row = ClaimRow(
        id=new_id(),
        case_id=case.id,
        live_case_id=case.id,
        practitioner_id=person,
        claimed_at=work.now,
        lease_until=work.now + limits.lease,
    )
    store.save_claim(work.session, row)


def may_be_given(work: Work, case: Case, panel: Panel, person: PractitionerId) -> bool:
    """Whether this person sits on the panel, is there, may sign, and has not read the case."""
    here = {"institution_id": panel.institution_id}
    works = affiliations.holds_role(work, practitioner_id=person, role=Role.EXPERT, **here)
    if person not in panel.member_ids or not works:
        return False
    if leaves.find_present(work, person, institution_id=panel.institution_id) is not None:
        return False
    today = organisations.today_at(work, panel.institution_id)
    is_licensed = practitioners.get_practitioner(work, person).is_licensed(today)
    return is_licensed and person not in store.list_readers(work.session, case.id)


def _is_here(work: Work, case: Case, leave: Leave) -> bool:
    if case.panel_id is None:
        return False
    return holding.panel_of(work, case).institution_id == leave.institution_id
