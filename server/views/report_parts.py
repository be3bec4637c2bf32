"""The report and the inviting side's decision as parts of a case's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import web

from consult.access.model import Action
from consult.cases.model import EVENT_FROM, Case, CaseEvent, CaseStatus
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import service as reports
from consult.reports.reviewed import reviewed_at
from consult.reports.service_decide import asks_for_referral
from consult.reports.verify import content_of, shown_content
from consult.reports.versions import Decision, Receipt, Report
from server.rules.rulebook import Rulebook
from server.views.marks_out import may_take
from server.views.report_changes import ChangeLine
from server.views.report_versions import (
    Rights,
    VersionLine,
    changes_text,
    lines_of,
    rights_of,
)
from server.views.report_words import Speech


@dataclass(frozen=True, slots=True)
class ReportPart:
    """The newest signed version: who signed it when, what it says, and what came before it."""

    report: Report
    content: Mapping[str, Any]
    author: PersonName | None
    receipt: Receipt | None
    received_by: PersonName | None
    may_receive: bool
    versions: Sequence[VersionLine]
    rights: Rights
    may_take_marks: bool
    changes: Sequence[ChangeLine] = ()

    @property
    def reviewed_at(self) -> datetime | None:
        """When the physician signed whose report was reviewed."""
        return reviewed_at(self.content)

    def said_to(self, request: web.Request) -> "ReportPart":
        """With the changes in the reader's words."""
        return replace(self, changes=changes_text(Speech(request), self.content))


@dataclass(frozen=True, slots=True)
class DecisionPart:
    """The decision that was recorded, or the form for it; `waits` for the receipt comes first.

    `refers` says that the report asks for a referral, which confirms the receipt by itself.
    `older` is a decision on an earlier version, which a newer one has overtaken.
    """

    decision: Decision | None
    decided_by: PersonName | None
    may_decide: bool
    waits: bool
    refers: bool
    is_received: bool
    older: Decision | None
    older_version: int
    newest: Report
    content: Mapping[str, Any]
    changes: Sequence[ChangeLine] = ()

    def said_to(self, request: web.Request) -> "DecisionPart":
        """With what has changed since the older decision in the reader's words."""
        return replace(self, changes=changes_text(Speech(request), self.content))


def report_part(work: Work, case: Case, rules: Rulebook) -> ReportPart | None:
    """The card of the report; None before there is one."""
    versions = reports.list_reports(work, case.id)
    if not versions:
        return None
    report = versions[0]
    receipt = reports.find_receipt(work, report)
    people = [report.author_id] + ([] if receipt is None else [receipt.practitioner_id])
    names = practitioners.names_of(work, people)
    is_own = case.institution_id == work.actor.institution_id
    permits = rules.roles.permits(work.actor, Action.RECEIVE_REPORT)
    content = shown_content(work.actor, content_of(report))
    return ReportPart(
        report=report,
        content=content,
        author=names.get(report.author_id),
        receipt=receipt,
        received_by=None if receipt is None else names.get(receipt.practitioner_id),
        may_receive=is_own and permits and receipt is None,
        versions=lines_of(versions),
        rights=rights_of(work, case, versions, rules),
        may_take_marks="marks" in content and may_take(work, reports.report_ref(report.id), rules),
    )


def decision_part(work: Work, case: Case, rules: Rulebook) -> DecisionPart | None:
    """The card of the decision; None before there is a report."""
    versions = reports.list_reports(work, case.id)
    if not versions:
        return None
    newest, made = versions[0], reports.list_decisions(work, case.id)
    decision = next((each for each in made if each.report_id == newest.id), None)
    older = next((each for each in made if each.report_id != newest.id), None)
    is_own = case.institution_id == work.actor.institution_id
    permits = rules.roles.permits(work.actor, Action.DECIDE_CASE) and is_own
    if not (made or permits):
        return None
    shown = decision or older
    names = practitioners.names_of(work, [] if shown is None else [shown.practitioner_id])
    is_open = case.status in EVENT_FROM[CaseEvent.DECIDED]
    is_received = reports.find_receipt(work, newest) is not None
    may_decide = permits and decision is None and is_open
    if not is_received:
        waiting = case.status is CaseStatus.REPORTED and not case.amended
        may_decide = permits and decision is None and waiting and newest.is_opinion
    return DecisionPart(
        decision=decision,
        decided_by=None if shown is None else names.get(shown.practitioner_id),
        may_decide=may_decide,
        waits=permits and decision is None and not may_decide,
        refers=asks_for_referral(newest),
        is_received=is_received,
        older=older if decision is None else None,
        older_version=_version_of(versions, older),
        newest=newest,
        content=shown_content(work.actor, content_of(newest)),
    )


def _version_of(versions: Sequence[Report], decision: Decision | None) -> int:
    decided = None if decision is None else decision.report_id
    return next((each.version for each in versions if each.id == decided), 0)
