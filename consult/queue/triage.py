"""Triage of what waits (分诊): given to an expert by name, or another urgency (Q-06)."""

from consult.cases import service as cases
from consult.cases import service_urgency
from consult.cases.model import Case, CaseStatus, Priority
from consult.cases.rules import CaseRules
from consult.cases.service import Said
from consult.kernel.ids import CaseId, PractitionerId
from consult.kernel.work import Work
from consult.people.duty import service as duty
from consult.people.organisations.model import Panel
from consult.queue import absence, holding
from consult.queue.errors import NotAbleError, NotWaitingError
from consult.queue.model import WAITING, QueueLimits

ALLOTTED = "case.allotted"
_BEFORE = WAITING | {CaseStatus.DECLINED}


def allot_case(work: Work, *, case_id: CaseId, expert_id: str, limits: QueueLimits) -> Case:
    """Give a case that waits to an expert of the panel, who holds it for an ordinary lease.

    Raises NotAbleError where she is away, may not sign or has read it, NotWaitingError,
    NotPanelLeaderError, CaseTakenError.
    """
    case = cases.get_case(work, case_id)
    panel = holding.require_triage(work, case)
    person = PractitionerId(expert_id)
    case = holding.free_own(work, case)
    if case.status not in WAITING:
        raise NotWaitingError(case.id)
    if not absence.may_be_given(work, case, panel, person):
        raise NotAbleError("expert_id")
    said = Said(codes={"to": person})
    after = cases.step(work, case, CaseStatus.ACCEPTED, kind=ALLOTTED, owner_id=person, said=said)
    absence.give_claim(work, after, person, limits=limits)
    return after


def set_urgency(
    work: Work, *, case_id: CaseId, priority: Priority, reason: str, rules: CaseRules
) -> Case:
    """Give a case that waits another urgency, with a reason; its promise follows.

    Raises NotPanelLeaderError, NotWaitingError.
    """
    case = cases.get_case(work, case_id)
    holding.require_triage(work, case)
    if case.status not in _BEFORE:
        raise NotWaitingError(case.id)
    return service_urgency.set_waiting_urgency(
        work, case, priority=priority, reason=reason, rules=rules
    )


def list_able(work: Work, case: Case, panel: Panel) -> list[tuple[PractitionerId, bool]]:
    """To whom of the panel the case can be given, and whether she is on duty now."""
    there = set(duty.attendance_of(work, panel).on_duty)
    return [
        (person, person in there)
        for person in duty.roster_of(work, panel).members
        if absence.may_be_given(work, case, panel, person)
    ]
