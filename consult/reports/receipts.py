"""Receiving many unremarkable answers at once; every other one is received by itself (RPT-07)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consult.cases import answered
from consult.cases import service as cases
from consult.cases.model import Case, ServiceType
from consult.kernel.errors import ConflictError
from consult.kernel.eyes import EyeStatus
from consult.kernel.rules import RuleTable
from consult.kernel.work import Work
from consult.reports import service as reports
from consult.reports.grading import OutcomeRank
from consult.reports.lesions import Said
from consult.reports.model import Dme, Quality, ReferralNeed
from consult.reports.rereads import pending_of
from consult.reports.service_decide import receive_report
from consult.reports.verify import content_of
from consult.reports.versions import Report

_EYES = ("right", "left")


class Singly(enum.StrEnum):
    """Why an answer is received by itself."""

    OTHER_SERVICE = "other_service"
    AMENDED = "amended"
    REREAD = "reread"
    UNGRADABLE = "ungradable"
    FINDING = "finding"


class SinglyError(ConflictError):
    """Among the answers is one that is received by itself."""

    def __init__(self, case: Case, why: Singly) -> None:
        super().__init__("receipt-singly", number=case.number, why=f"term:singly.{why}")
        self.case, self.why = case, why


@dataclass(frozen=True, slots=True)
class ReceiptRules:
    """Which answers may be received together, and how many (config/receipts.toml)."""

    name: str
    version: str
    source: str
    on_for: frozenset[ServiceType]
    clean_words: frozenset[str]
    most: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A signed version that waits for its receipt; `singly` is None where it may go with others."""

    case: Case
    report: Report
    content: Mapping[str, Any] = field(repr=False)
    singly: Singly | None


def parse_receipt_rules(mapping: Mapping[str, object]) -> ReceiptRules:
    """The rules of config/receipts.toml."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "on_for", "clean_words", "most")
    return ReceiptRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        on_for=frozenset(table.codes("on_for", ServiceType)),
        clean_words=frozenset(table.texts("clean_words")),
        most=table.whole("most", lowest=1),
    )


def list_answers(work: Work, *, rules: ReceiptRules) -> list[Answer]:
    """The answers that wait at the acting institution and may be seen there, the newest first."""
    found = []
    for case in answered.list_answered(work, limit=rules.most):
        versions = reports.list_reports(work, case.id)
        if versions:
            found.append(_answer(work, case, versions, rules=rules))
    return found


def receive_together(work: Work, *, report_ids: Sequence[str], rules: ReceiptRules) -> int:
    """Receive unremarkable answers by one act, all or none; says how many.

    One that a colleague has received meanwhile is passed over. Raises SinglyError for one that is
    not unremarkable, ReportSupersededError where a newer version has arrived.
    """
    count = 0
    for report_id in dict.fromkeys(report_ids):
        report = reports.get_report(work, report_id)
        case = cases.get_own_case(work, report.case_id)
        answer = _answer(work, case, reports.list_reports(work, case.id), rules=rules)
        if answer.singly is not None:
            raise SinglyError(case, answer.singly)
        if reports.find_receipt(work, report) is None:
            reports.open_report(work, report.id)
            receive_report(work, report_id=report.id)
            count += 1
    return count


def why_singly(report: Report, content: Mapping[str, Any], *, rules: ReceiptRules) -> Singly | None:
    """Why a version is received by itself; None where both eyes were read and nothing was found."""
    if report.service_type not in rules.on_for:
        return Singly.OTHER_SERVICE
    if report.version > 1 or not report.is_opinion:
        return Singly.AMENDED
    body = content["body"]
    readings = [body[eye] for eye in _EYES if body[eye]["eye_status"] != EyeStatus.ABSENT]
    if not readings or any(not _is_read(reading) for reading in readings):
        return Singly.UNGRADABLE
    rank = (content.get("outcome") or {}).get("rank")
    calm = (OutcomeRank.FOLLOW_UP, ReferralNeed.NONE, None)
    if (rank, body["referral_need"], body["referral_urgency"]) != calm:
        return Singly.FINDING
    return None if all(_is_clean(each, rules) for each in readings) else Singly.FINDING


def _answer(work: Work, case: Case, versions: Sequence[Report], *, rules: ReceiptRules) -> Answer:
    report, content = versions[0], content_of(versions[0])
    why = why_singly(report, content, rules=rules)
    if why is None and pending_of(work, report, versions):
        why = Singly.REREAD
    return Answer(case, report, content, why)


def _is_read(reading: Mapping[str, Any]) -> bool:
    """Whether an eye that is there was read and graded."""
    graded = reading["icdr"] is not None and reading["dme"] not in {None, Dme.CANNOT_TELL}
    return graded and reading["quality"] not in {None, Quality.UNGRADABLE}


def _is_clean(reading: Mapping[str, Any], rules: ReceiptRules) -> bool:
    """Whether nothing was found in an eye, neither by a grade nor in words."""
    words = reading["findings"].strip().rstrip("。.")
    is_graded_clean = reading["icdr"] == 0 and reading["dme"] == Dme.NONE
    return is_graded_clean and words in rules.clean_words | {""} and not _has_lesion(reading)


def _has_lesion(reading: Mapping[str, Any]) -> bool:
    lesions = (reading.get("lesions") or {}).values()
    return any(lesion["said"] == Said.PRESENT for lesion in lesions)
