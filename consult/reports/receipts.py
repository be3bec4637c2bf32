"""Receiving many unremarkable answers at once; every other one is received by itself (RPT-07)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consult.cases import answered
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import ConflictError
from consult.kernel.work import Work
from consult.reports import service as reports
from consult.reports.after import follow_on
from consult.reports.after_rules import AfterRules
from consult.reports.rereads import pending_of
from consult.reports.service_decide import Decided, decide_case, receive_report
from consult.reports.unremarkable import ReceiptRules, Singly, Version, why_singly
from consult.reports.verify import content_of
from consult.reports.versions import Choice, NextStep, Report


class SinglyError(ConflictError):
    """Among the answers is one that is received by itself."""

    def __init__(self, case: Case, why: Singly) -> None:
        super().__init__("receipt-singly", number=case.number, why=f"term:singly.{why}")
        self.case, self.why = case, why


@dataclass(frozen=True, slots=True)
class Answer:
    """A signed version that waits for its receipt; `singly` is None where it may go with others."""

    case: Case
    report: Report
    content: Mapping[str, Any] = field(repr=False)
    singly: Singly | None


def list_answers(work: Work, *, rules: ReceiptRules) -> list[Answer]:
    """The answers that wait at the acting institution and may be seen there, the oldest first.

    At most `rules.most`: how many there are says `count_answers`.
    """
    found = []
    for case in answered.list_answered(work, limit=rules.most):
        versions = reports.list_reports(work, case.id)
        if versions:
            found.append(_answer(work, case, versions, rules=rules))
    return found


def count_answers(work: Work) -> int:
    """How many answers wait at the acting institution."""
    return answered.count_answered(work)


def receive_together(
    work: Work, *, report_ids: Sequence[str], accepts: bool = False, rules: AfterRules
) -> int:
    """Receive unremarkable answers by one act, all or none; says how many.

    Who `accepts` decides on each as well: the opinion is followed, and the case is closed (U24).
    Each patient is on the list of those to be told from then on.
    One that a colleague has received meanwhile is passed over. Raises SinglyError for one that is
    not unremarkable, ReportSupersededError where a newer version has arrived.
    """
    count = 0
    for report_id in dict.fromkeys(report_ids):
        report = reports.get_report(work, report_id)
        case = cases.get_own_case(work, report.case_id)
        answer = _answer(
            work, case, reports.list_reports(work, case.id), rules=rules.tellings.plain
        )
        if answer.singly is not None:
            raise SinglyError(case, answer.singly)
        if reports.find_receipt(work, report) is None:
            reports.open_report(work, report.id)
            receive_report(work, report_id=report.id)
            _go_on(work, report, accepts=accepts, rules=rules)
            count += 1
    return count


def _go_on(work: Work, report: Report, *, accepts: bool, rules: AfterRules) -> None:
    if accepts:
        said = Decided(Choice.ACCEPTED, NextStep.CLOSE)
        decide_case(work, case_id=report.case_id, said=said, rules=rules)
    else:
        follow_on(work, cases.get_own_case(work, report.case_id), report, rules=rules)


def _answer(work: Work, case: Case, versions: Sequence[Report], *, rules: ReceiptRules) -> Answer:
    report, content = versions[0], content_of(versions[0])
    signed = Version(report.service_type, report.version, report.status)
    why = why_singly(signed, content, rules=rules)
    if why is None and pending_of(work, report, versions):
        why = Singly.REREAD
    return Answer(case, report, content, why)
