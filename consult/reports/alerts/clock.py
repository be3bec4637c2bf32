"""An alert that nobody confirms goes on by the clock: to one person after the other (U4)."""

from dataclasses import replace

from consult.cases import service as cases
from consult.cases.accountable import physician_of
from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Role, Work
from consult.people.duty import leaves
from consult.people.duty import service as duty
from consult.people.organisations import consortia
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.reports.alerts import keeping, store
from consult.reports.alerts.model import Alert, AlertPart, AlertRules, Escalation
from consult.reports.alerts.tables import EscalationRow

AT_ONCE = 100


def list_due(work: Work) -> list[Alert]:
    """The alerts whose next step is due, the longest due first."""
    return store.list_due(work.session, now=work.now, limit=AT_ONCE)


def escalate(work: Work, *, alert: Alert, rules: AlertRules) -> None:
    """Take every step of an alert that is due, each once (a clock's step).

    Its owner is named anew where she does not work there any more. Raises AlertChangedError where
    somebody was first.
    """
    case = cases.get_case(work, alert.case_id)
    at = _rehome(work, case, alert)
    for step in rules.due_steps(at, now=work.now):
        at = _go_on(work, case, at, step, rules=rules)


def _rehome(work: Work, case: Case, alert: Alert) -> Alert:
    places = affiliations.list_holding(work, alert.owner_id)
    if any(place.institution_id == alert.institution_id for place in places):
        return alert
    owner = physician_of(work, case)
    if owner == alert.owner_id:
        return alert
    return keeping.move(work, case, alert, replace(alert, owner_id=owner), kind="alert.rehomed")


def _go_on(work: Work, case: Case, alert: Alert, step: int, *, rules: AlertRules) -> Alert:
    gone = Escalation(
        id=new_id(),
        alert_id=alert.id,
        step=step,
        part=rules.part_of(step),
        person_id=_find(work, case, rules.part_of(step)),
        at=work.now,
    )
    store.save_step(work.session, gone)
    after = replace(alert, step=step + 1, next_at=rules.due_at(alert.raised_at, step + 1))
    codes = {"part": gone.part.value, "person": gone.person_id, "step": step + 1}
    said = Said(codes={**codes, **kept(work, EscalationRow, gone.id)})
    return keeping.move(work, case, alert, after, kind="alert.escalated", said=said)


def _find(work: Work, case: Case, part: AlertPart) -> PractitionerId | None:
    """Who holds this part today; None where nobody does, and the next step comes all the same."""
    match part:
        case AlertPart.COORDINATOR:
            place = case.invited_institution_id
            return None if place is None else duty.first_there(work, place, Role.COORDINATOR)
        case AlertPart.PANEL_LEADER:
            if case.panel_id is None:
                return None
            return duty.answering(work, organisations.get_panel(work, case.panel_id))
        case AlertPart.CONSORTIUM_ADMINISTRATOR:
            return _administrator(work, case)


def _administrator(work: Work, case: Case) -> PractitionerId | None:
    """The first administrator of the consortium who is not on leave; where all are, the first."""
    away = None
    for member in consortia.list_members(work, case.consortium_id):
        place = member.institution.id
        found = duty.first_there(work, place, Role.CONSORTIUM_ADMINISTRATOR)
        if found is None:
            continue
        if leaves.find_present(work, found, institution_id=place) is None:
            return found
        away = away or found
    return away
