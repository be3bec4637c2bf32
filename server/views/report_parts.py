"""The report and the inviting side's decision as parts of a case's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consult.access.model import Action
from consult.cases.model import EVENT_FROM, Case, CaseEvent
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import service as reports
from consult.reports.verify import content_of
from consult.reports.versions import Decision, Receipt, Report
from server.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class ReportPart:
    """The newest signed version: who signed it when, and what it says."""

    report: Report
    content: Mapping[str, Any]
    author: PersonName | None
    receipt: Receipt | None
    received_by: PersonName | None
    may_receive: bool


@dataclass(frozen=True, slots=True)
class DecisionPart:
    """The decision that was recorded, or the form for it; `waits` for the receipt comes first."""

    decision: Decision | None
    decided_by: PersonName | None
    may_decide: bool
    waits: bool


def report_part(work: Work, case: Case, rules: Rulebook) -> ReportPart | None:
    """The card of the report; None before there is one."""
    newest = reports.list_reports(work, case.id)[:1]
    if not newest:
        return None
    report = newest[0]
    receipt = reports.find_receipt(work, report)
    people = [report.author_id] + ([] if receipt is None else [receipt.practitioner_id])
    names = practitioners.names_of(work, people)
    is_own = case.institution_id == work.actor.institution_id
    permits = rules.roles.permits(work.actor, Action.RECEIVE_REPORT)
    return ReportPart(
        report=report,
        content=content_of(report),
        author=names.get(report.author_id),
        receipt=receipt,
        received_by=None if receipt is None else names.get(receipt.practitioner_id),
        may_receive=is_own and permits and receipt is None,
    )


def decision_part(work: Work, case: Case, rules: Rulebook) -> DecisionPart | None:
    """The card of the decision; None before there is a report."""
    newest = reports.list_reports(work, case.id)[:1]
    if not newest:
        return None
    decision = next(
        (each for each in reports.list_decisions(work, case.id) if each.report_id == newest[0].id),
        None,
    )
    is_own = case.institution_id == work.actor.institution_id
    permits = rules.roles.permits(work.actor, Action.DECIDE_CASE)
    decided_by = None
    if decision is not None:
        names = practitioners.names_of(work, [decision.practitioner_id])
        decided_by = names.get(decision.practitioner_id)
    elif not (is_own and permits):
        return None
    return DecisionPart(
        decision=decision,
        decided_by=decided_by,
        may_decide=decision is None and case.status in EVENT_FROM[CaseEvent.DECIDED],
        waits=decision is None and case.status not in EVENT_FROM[CaseEvent.DECIDED],
    )
