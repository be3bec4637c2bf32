"""Cases that change hands: no open case is left to somebody who has gone (Q-12)."""

from consult.access import policy
from consult.cases import service as cases
from consult.cases import store, store_panels
from consult.cases.answering import OPEN, ROLES, count_without_physician
from consult.cases.errors import (
    InstitutionHasCasesError,
    LastPhysicianError,
    SuccessorNeededError,
    SuccessorNotEligibleError,
)
from consult.cases.events import case_ref
from consult.cases.model import (
    ACCOUNTABLE,
    NEXT_STATUS,
    Accountable,
    Case,
    CaseStatus,
)
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Role, Work
from consult.people.duty import service as duty
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations

_AT_PANEL = frozenset({CaseStatus.SUBMITTED, CaseStatus.ASSIGNED, CaseStatus.DECLINED})
_EXPERT_SIDE = frozenset({Accountable.EXPERT, Accountable.PANEL_LEADER, Accountable.COORDINATOR})
_AT_ONCE = 500
_MOST_OWNED = 10_000


def stop_affiliation(work: Work, *, affiliation_id: str, revision: int) -> PractitionerId:
    """End a person's place and hand over her open cases there, in one unit.

    Raises SuccessorNeededError where nobody else holds the role in which she answers, and
    LastPhysicianError where no physician would be left for a case that the institution sent.
    """
    leaving = affiliations.get_affiliation(work, affiliation_id)
    place = leaving.institution_id
    person = affiliations.stop_affiliation(work, affiliation_id=affiliation_id, revision=revision)
    rehome_cases(work, practitioner_id=person, institution_id=place)
    if Role.REQUESTING_PHYSICIAN in leaving.roles:
        left = count_without_physician(work, place)
        if left:
            raise LastPhysicianError(left)
    return person


def stop_institution(work: Work, *, institution_id: str, revision: int) -> None:
    """Let nobody act for an institution any more.

    Raises InstitutionHasCasesError while a case is under way there; a draft that was never sent
    concerns nobody else.
    """
    under_way = OPEN - {CaseStatus.DRAFT}
    count = store.count_open_at(work, institution_id, statuses=under_way)
    if count:
        raise InstitutionHasCasesError(count)
    organisations.stop_institution(work, institution_id=institution_id, revision=revision)


def set_panel_leader(work: Work, *, panel_id: str, revision: int, practitioner_id: str) -> None:
    """Replace a panel's leader, who answers from now on for the cases that wait before it."""
    panels.set_panel_leader(
        work, panel_id=panel_id, revision=revision, practitioner_id=practitioner_id
    )
    leader = PractitionerId(practitioner_id)
    while waiting := store_panels.list_waiting(
        work, panel_id=panel_id, statuses=_AT_PANEL, not_owned_by=leader, limit=_AT_ONCE
    ):
        for case in waiting:
            said = cases.Said(codes={"left": case.owner_id}, reason="leader_changed")
            cases.change(work, case, kind="case.rehomed", owner_id=leader, said=said)


def rehome_cases(
    work: Work, *, practitioner_id: str, institution_id: str, successor_id: str | None = None
) -> list[Case]:
    """Give every open case for which a person who leaves this institution answers to another.

    A case being read goes back to its panel; what a requesting physician, reviewer or desk held
    goes to the successor, or to the first colleague of the same role where none is named.
    """
    owned = [
        case
        for case in store.list_owned(work, practitioner_id, statuses=OPEN, limit=_MOST_OWNED)
        if not _stays(work, case, leaving=institution_id)
    ]
    heirs = {
        case.id: _heir(work, case, leaving=institution_id, successor_id=successor_id)
        for case in owned
    }
    orphans = sum(heir is None for heir in heirs.values())
    if orphans:
        raise SuccessorNeededError(orphans)
    return [_rehome(work, case, heirs[case.id]) for case in owned]


def _rehome(work: Work, case: Case, heir: PractitionerId | None) -> Case:
    said = cases.Said(codes={"left": case.owner_id}, reason="owner_left")
    leads_back = ACCOUNTABLE[case.status] is Accountable.EXPERT
    if leads_back and CaseStatus.ASSIGNED in NEXT_STATUS[case.status]:
        return cases.step(
            work, case, CaseStatus.ASSIGNED, kind="case.rehomed", owner_id=heir, said=said
        )
    return cases.change(work, case, kind="case.rehomed", owner_id=heir, said=said)


def _heir(
    work: Work, case: Case, *, leaving: str, successor_id: str | None
) -> PractitionerId | None:
    """Who takes over; None where nobody can."""
    part = ACCOUNTABLE[case.status]
    if part in _EXPERT_SIDE and case.panel_id is not None:
        answers = duty.answering(work, organisations.panel_in_use(work, case.panel_id))
        if answers != case.owner_id:
            return answers
    place = _place_of(work, case, leaving=leaving)
    found = affiliations.list_people_with_role(work, place, ROLES[part])
    able = [each.practitioner_id for each in found if each.practitioner_id != case.owner_id]
    if successor_id is None:
        return able[0] if able else None
    if successor_id not in able:
        raise SuccessorNotEligibleError
    return PractitionerId(successor_id)


def _stays(work: Work, case: Case, *, leaving: str) -> bool:
    """Whether she goes on answering for it, at another institution where she has the role."""
    place = _place_of(work, case, leaving=leaving)
    return (
        case.owner_id is not None
        and place != leaving
        and affiliations.holds_role(
            work,
            practitioner_id=case.owner_id,
            institution_id=place,
            role=ROLES[ACCOUNTABLE[case.status]],
        )
    )


def _place_of(work: Work, case: Case, *, leaving: str) -> str:
    """The institution for which the accountable person acts.

    A referral office is at whichever hospital the case was opened to, so the one that is left
    stands for it where it sees the case.
    """
    part = ACCOUNTABLE[case.status]
    if part is Accountable.REQUESTING_PHYSICIAN:
        return case.institution_id
    if part is Accountable.REFERRAL_DESK and policy.is_open_to(work, case_ref(case.id), leaving):
        return leaving
    return case.invited_institution_id or case.institution_id
