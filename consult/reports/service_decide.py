"""The inviting side's answer: receipt, and its own decision, which is the record of treatment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.model import Case, CaseEvent, CaseStatus, require_event
from consult.cases.service import Said
from consult.kernel.ids import CaseId, new_id
from consult.kernel.work import Entry, Work
from consult.reports import store
from consult.reports.after import follow_on
from consult.reports.after_rules import AfterRules
from consult.reports.alerts.service import require_confirmed
from consult.reports.errors import (
    CaseDecidedError,
    ReasonNeededError,
    ReferralReasonNeededError,
    ReportReceivedError,
    ReportRetractedError,
    ReportSupersededError,
    ReportUnreceivedError,
)
from consult.reports.model import ReferralNeed
from consult.reports.service import get_report
from consult.reports.tables import DecisionRow, ReceiptRow
from consult.reports.tellings.opening import must_be_told
from consult.reports.verify import content_of
from consult.reports.versions import Choice, Decision, NextStep, Report


@dataclass(frozen=True, slots=True)
class Decided:
    """What the inviting physician says; a reason where the opinion is not followed in full."""

    choice: Choice
    next_step: NextStep
    reason: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


def receive_report(work: Work, *, report_id: str) -> Report:
    """Confirm that the inviting side has read this version (确认接收), each version by itself.

    Raises ReportSupersededError once a newer version has arrived: that one is to be read.
    """
    report = get_report(work, report_id)
    case = cases.get_own_case(work, report.case_id)
    newest = store.list_of_case(work.session, case.id)[0]
    if newest.id != report.id:
        raise ReportSupersededError(report.id, newest=newest.version)
    row = ReceiptRow(
        report_id=report.id, case_id=case.id, practitioner_id=work.actor.person, at=work.now
    )
    if not store.save_receipt(work.session, row):
        raise ReportReceivedError(report.id)
    work.journal(
        Entry(
            "report.received",
            ObjectType.REPORT,
            report.id,
            codes={"version": report.version},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
    if case.status is CaseStatus.REPORTED:
        cases.step(work, case, CaseStatus.ACKNOWLEDGED, kind="case.acknowledged", amended=False)
    elif case.amended:
        cases.change(work, case, kind="case.acknowledged", amended=False)
    return report


def decide_case(work: Work, *, case_id: str, said: Decided, rules: AfterRules) -> Decision:
    """Record whether the opinion is followed and what happens to the patient (RPT-07).

    From then on the patient is to be told; where something was found, the case stays open for it.
    A referral confirms the receipt too, where that is still to be done: from the signed report to
    the booked slot it is one act less (REF-01).
    Raises ReasonNeededError when an opinion is not followed in full and no reason is given,
    ReferralReasonNeededError when a referral that it asks for is not made without a reason,
    ReportUnreceivedError before the newest version was received, ReportRetractedError where an
    opinion that was taken back would be followed or referred on, AlertOpenError for the end of a
    case whose urgent alert nobody has confirmed.
    """
    case = cases.get_own_case(work, case_id)
    _require_undecided(work, case)
    if said.next_step is NextStep.CLOSE:
        require_confirmed(work, case)
    if said.next_step is NextStep.REFER:
        case = _receive_with_referral(work, case)
    require_event(case, event=CaseEvent.DECIDED)
    report = _require_newest(work, case, said)
    decision = store.save_decision(
        work.session,
        DecisionRow(
            id=new_id(),
            case_id=case.id,
            report_id=report.id,
            practitioner_id=work.actor.person,
            choice=said.choice,
            reason=said.reason.strip(),
            next_step=said.next_step,
            note=said.note.strip(),
            decided_at=work.now,
        ),
    )
    if decision is None:
        raise CaseDecidedError(case.id)
    _tell_journal(work, case, decision)
    decided = cases.get_case(work, case.id)
    follow_on(work, decided, report, rules=rules)
    if decided.status is CaseStatus.ACKNOWLEDGED:
        _go_on(work, CaseId(decided.id), said.next_step)
    return decision


def asks_for_referral(report: Report) -> bool:
    """Whether the opinion says that the patient is to be referred."""
    if not report.is_opinion:
        return False
    body = content_of(report).get("body")
    need = body.get("referral_need") if isinstance(body, Mapping) else None
    return need not in {None, ReferralNeed.NONE.value}


def _tell_journal(work: Work, case: Case, decision: Decision) -> None:
    said = Said(
        codes={
            "choice": decision.choice.value,
            "next_step": decision.next_step.value,
            "report": decision.report_id,
        },
        words={"reason": decision.reason, "note": decision.note},
    )
    cases.change(work, case, kind="case.decided", said=said, decided_at=work.now)


def _receive_with_referral(work: Work, case: Case) -> Case:
    """The case, its report received by the act that refers the patient.

    A report that was changed later is received by itself: what it changed is to be read.
    """
    if case.amended:
        return case
    for report in store.list_of_case(work.session, case.id)[:1]:
        if report.is_opinion and store.find_receipt(work.session, report.id) is None:
            receive_report(work, report_id=report.id)
            return cases.get_own_case(work, case.id)
    return case


def _require_newest(work: Work, case: Case, said: Decided) -> Report:
    """The version that the decision is about: the newest, and it was received."""
    reason = said.reason.strip()
    if said.choice is not Choice.ACCEPTED and not reason:
        raise ReasonNeededError
    report = store.list_of_case(work.session, case.id)[0]
    if store.find_receipt(work.session, report.id) is None:
        raise ReportUnreceivedError(case.id, version=report.version)
    if not report.is_opinion and said.choice is not Choice.NOT_ACCEPTED:
        raise ReportRetractedError("choice")
    if not report.is_opinion and said.next_step is NextStep.REFER:
        raise ReportRetractedError("next_step")
    if said.next_step is not NextStep.REFER and not reason and asks_for_referral(report):
        raise ReferralReasonNeededError
    return report


def _require_undecided(work: Work, case: Case) -> None:
    """A decision is recorded once on a version, wherever the case has gone since."""
    newest = store.list_of_case(work.session, case.id)[:1]
    decided = {known.report_id for known in store.list_decisions(work.session, case.id)}
    if any(report.id in decided for report in newest):
        raise CaseDecidedError(case.id)


def _go_on(work: Work, case_id: CaseId, next_step: NextStep) -> None:
    """Without a referral the case goes on by itself; a referral is opened by its own step.

    It is not closed before a patient with a finding was told, which closes it then.
    """
    case = cases.get_case(work, case_id)
    if next_step is NextStep.FOLLOW_UP:
        cases.step(work, case, CaseStatus.FOLLOW_UP, kind="case.follow_up")
    elif next_step is NextStep.CLOSE and not must_be_told(work, case.id):
        cases.step(work, case, CaseStatus.CLOSED, kind="case.closed", closed_at=work.now)
