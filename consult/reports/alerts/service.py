"""What people do with urgent alerts: confirm them, and record calls about them (RPT-08)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.accountable import physician_of
from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.journal.rows import kept
from consult.kernel.errors import RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.reports.alerts import keeping, store
from consult.reports.alerts.errors import AlertChangedError, AlertOpenError, AlertOverError
from consult.reports.alerts.model import (
    Alert,
    AlertCall,
    AlertContact,
    AlertRules,
    AlertState,
    Called,
    Escalation,
    Heard,
)
from consult.reports.alerts.tables import AlertCallRow, AlertRow
from consult.reports.verify import content_of
from consult.reports.versions import Report

MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Said:
    """A call as somebody tells of it."""

    whom: Called
    result: Heard
    spoken_to: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


def raise_alert(work: Work, case: Case, report: Report, *, rules: AlertRules) -> None:
    """Raise an alert where a version that was signed a moment ago says that it must be told now.

    One that is still open for an earlier version is replaced: what was changed is confirmed anew.
    A later version that says nothing urgent, or takes the report back, leaves an open one open.
    """
    if not rules.is_raised_by(report.service_type, content_of(report)):
        return
    known = store.find_open(work.session, case.id)
    if known is not None:
        ended = replace(known, state=AlertState.REPLACED, ended_at=work.now, next_at=None)
        by = cases.Said(codes={"report": report.id})
        keeping.move(work, case, known, ended, kind="alert.replaced", said=by)
    alert = Alert(
        id=new_id(),
        case_id=case.id,
        number=case.number,
        patient_id=case.patient_id,
        report_id=report.id,
        institution_id=case.institution_id,
        owner_id=physician_of(work, case),
        raised_at=work.now,
        rules=f"{rules.name} {rules.version}",
        step=0,
        next_at=rules.due_at(work.now, 0),
        state=AlertState.OPEN,
        ended_at=None,
        ended_by_id=None,
        contact=None,
        note="",
        revision=1,
    )
    keeping.raise_one(work, case, alert)


def is_waiting(work: Work, case: Case) -> bool:
    """Whether an urgent alert of a case waits for its confirmation."""
    return store.find_open(work.session, case.id) is not None


def require_confirmed(work: Work, case: Case) -> None:
    """Raise AlertOpenError while nobody has confirmed the urgent alert of a case."""
    if is_waiting(work, case):
        raise AlertOpenError(case.id)


def confirm_alert(
    work: Work, *, case_id: str, revision: int, contact: AlertContact, note: str
) -> Alert:
    """Confirm that the finding was received, and who was told of it, for the inviting side.

    Whoever was told somehow else than in person or by the family is named in the note.
    """
    case = cases.get_own_case(work, case_id)
    alert = _open(work, case, revision)
    told = note.strip()
    if contact is AlertContact.ARRANGED and not told:
        raise RefusedError("field-missing", field="note")
    ended = replace(_ended(work, alert, AlertState.CONFIRMED), contact=contact, note=told)
    said = cases.Said(codes={"contact": contact.value}, words={"note": told})
    return keeping.move(work, case, alert, ended, kind="alert.confirmed", said=said)


def log_call(work: Work, *, case_id: str, revision: int, said: Said) -> Alert:
    """Write down a call about an open alert.

    When the invited side has reached the inviting one, and says whom, that confirms the alert: the
    finding was told by one person to another.
    """
    case = cases.get_case(work, case_id)
    alert = _open(work, case, revision)
    is_theirs = work.actor.institution_id != case.institution_id
    confirms = is_theirs and (said.whom, said.result) == (Called.OTHER_SIDE, Heard.REACHED)
    spoken_to = said.spoken_to.strip()
    if confirms and not spoken_to:
        raise RefusedError("field-missing", field="spoken_to")
    _keep_call(work, case, alert, replace(said, spoken_to=spoken_to))
    if not confirms:
        return alert
    ended = _ended(work, alert, AlertState.CALLED)
    by = cases.Said(codes={"by": "call"})
    return keeping.move(work, case, alert, ended, kind="alert.confirmed", said=by)


def list_before_actor(work: Work) -> tuple[list[Alert], int]:
    """Open alerts of the acting institution or that went on to the actor, the newest first.

    And how many there are in all.
    """
    before = store.before(
        institution_id=work.actor.institution_id,
        person_id=work.actor.practitioner_id,
        seen=policy.seen_clause(work, ObjectType.CASE, AlertRow.case_id),
    )
    found = store.list_open(work.session, before, limit=MOST_SHOWN)
    if len(found) < MOST_SHOWN:
        return found, len(found)
    return found, store.count_open(work.session, before)


def list_of_case(work: Work, case: Case) -> list[Alert]:
    """Every alert of a case that the actor was shown, the newest first."""
    return store.list_of_case(work.session, case.id)


def list_steps(work: Work, alert: Alert) -> list[Escalation]:
    """To whom an alert of a case that the actor was shown has gone on."""
    return store.list_steps(work.session, alert.id)


def list_calls(work: Work, alerts: Sequence[Alert]) -> list[AlertCall]:
    """The calls about alerts that the actor was shown, the newest first."""
    return store.list_calls(work.session, [alert.id for alert in alerts])


def _open(work: Work, case: Case, revision: int) -> Alert:
    alert = store.find_open(work.session, case.id)
    if alert is None:
        raise AlertOverError(case.id)
    if alert.revision != revision:
        raise AlertChangedError(case.id)
    return alert


def _ended(work: Work, alert: Alert, state: AlertState) -> Alert:
    return replace(
        alert, state=state, ended_at=work.now, ended_by_id=work.actor.person, next_at=None
    )


def _keep_call(work: Work, case: Case, alert: Alert, said: Said) -> None:
    call = AlertCall(
        id=new_id(),
        alert_id=alert.id,
        institution_id=work.actor.institution,
        caller_id=work.actor.person,
        called_at=work.now,
        whom=said.whom,
        result=said.result,
        spoken_to=said.spoken_to,
        note=said.note.strip(),
    )
    store.save_call(work.session, call)
    codes = {
        "alert": alert.id,
        "whom": call.whom.value,
        "result": call.result.value,
        **kept(work, AlertCallRow, call.id),
    }
    words = {"spoken_to": call.spoken_to, "note": call.note}
    work.journal(case_entry(case, "alert.called", codes=codes, words=words))
