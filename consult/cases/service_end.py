"""Cases that are withdrawn by their sender, or change hands when a person leaves."""

from collections.abc import Mapping
from types import MappingProxyType

from consult.cases import service as cases
from consult.cases import sharing, store
from consult.cases.drafts import require_reason
from consult.cases.errors import (
    SubmitterNotPhysicianError,
    SuccessorNeededError,
    SuccessorNotEligibleError,
)
from consult.cases.model import (
    ACCOUNTABLE,
    NEXT_STATUS,
    Accountable,
    Case,
    CaseStatus,
    is_open,
)
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations

_OPEN = frozenset(status for status in CaseStatus if is_open(status))
_EXPERT_SIDE = frozenset({Accountable.EXPERT, Accountable.PANEL_LEADER, Accountable.COORDINATOR})
_AT_PANEL = frozenset({CaseStatus.SUBMITTED, CaseStatus.ASSIGNED, CaseStatus.DECLINED})
_ROLES: Mapping[Accountable, Role] = MappingProxyType(
    {
        Accountable.REQUESTING_PHYSICIAN: Role.REQUESTING_PHYSICIAN,
        Accountable.COORDINATOR: Role.EXPERT,
        Accountable.PANEL_LEADER: Role.EXPERT,
        Accountable.EXPERT: Role.EXPERT,
        Accountable.SECOND_READER: Role.EXPERT,
        Accountable.ARBITER: Role.REVIEWER,
        Accountable.REVIEWER: Role.REVIEWER,
        Accountable.REFERRAL_DESK: Role.REFERRAL_DESK,
    }
)
_AT_ONCE = 200


def withdraw_case(work: Work, *, case_id: str, revision: int, reason: str) -> Case:
    """Take a case back before it is answered; the invited side keeps no access to the patient."""
    case = cases.get_own_case(work, case_id)
    if Role.REQUESTING_PHYSICIAN not in work.actor.roles:
        raise SubmitterNotPhysicianError
    cases.require_revision(case, revision)
    said = cases.Said(words={"reason": require_reason(reason)})
    after = cases.step(work, case, CaseStatus.WITHDRAWN, kind="case.withdrawn", said=said)
    sharing.close_to_invited(work, after)
    return after


def rehome_cases(
    work: Work, *, practitioner_id: str, successor_id: str | None = None
) -> list[Case]:
    """Give every open case of a person who leaves to somebody else (Q-12).

    A case being read goes back to its panel; a leader's goes to the panel's present leader; what a
    requesting physician, reviewer or desk held goes to the successor. Raises SuccessorNeededError.
    """
    owned = store.list_owned(work, practitioner_id, statuses=_OPEN, limit=_AT_ONCE)
    named = None if successor_id is None else _successor(work, successor_id, owned)
    orphans = [case for case in owned if _heir(work, case, named) in {None, practitioner_id}]
    if orphans:
        raise SuccessorNeededError(len(orphans))
    return [_rehome(work, case, named) for case in owned]


def follow_leader(work: Work, *, panel_id: str) -> list[Case]:
    """Hand the cases that wait before a panel to its present leader."""
    leader = organisations.get_panel(work, panel_id).leader_id
    waiting = store.list_waiting(
        work, panel_id=panel_id, statuses=_AT_PANEL, not_owned_by=leader, limit=_AT_ONCE
    )
    return [
        cases.change(
            work,
            case,
            kind="case.rehomed",
            owner_id=leader,
            said=cases.Said(codes={"left": case.owner_id}, reason="leader_changed"),
        )
        for case in waiting
    ]


def _rehome(work: Work, case: Case, named: PractitionerId | None) -> Case:
    heir = _heir(work, case, named)
    said = cases.Said(codes={"left": case.owner_id}, reason="owner_left")
    leads_back = ACCOUNTABLE[case.status] is Accountable.EXPERT
    if leads_back and CaseStatus.ASSIGNED in NEXT_STATUS[case.status]:
        return cases.step(
            work, case, CaseStatus.ASSIGNED, kind="case.rehomed", owner_id=heir, said=said
        )
    return cases.change(work, case, kind="case.rehomed", owner_id=heir, said=said)


def _heir(work: Work, case: Case, named: PractitionerId | None) -> PractitionerId | None:
    if ACCOUNTABLE[case.status] not in _EXPERT_SIDE or case.panel_id is None:
        return named
    leader = organisations.get_panel(work, case.panel_id).leader_id
    return named if leader == case.owner_id else leader


def _successor(work: Work, successor_id: str, owned: list[Case]) -> PractitionerId:
    """The successor, who must hold the role in which the leaver answered for each case."""
    for case in owned:
        part = ACCOUNTABLE[case.status]
        at = case.institution_id
        if part is not Accountable.REQUESTING_PHYSICIAN:
            at = case.invited_institution_id or at
        if not affiliations.holds_role(
            work, practitioner_id=successor_id, institution_id=at, role=_ROLES[part]
        ):
            raise SuccessorNotEligibleError
    return PractitionerId(successor_id)
