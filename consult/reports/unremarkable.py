"""Which answers are unremarkable: both eyes were read, and nothing was found in either (RPT-07)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from consult.cases.model import ServiceType
from consult.kernel.eyes import EyeStatus
from consult.kernel.rules import RuleTable
from consult.reports.grading import OutcomeRank
from consult.reports.lesions import Said
from consult.reports.model import SIGNED, Dme, Quality, ReferralNeed, ReportStatus

_EYES: Final = ("right", "left")


class Singly(enum.StrEnum):
    """Why an answer is received by itself."""

    OTHER_SERVICE = "other_service"
    AMENDED = "amended"
    REREAD = "reread"
    UNGRADABLE = "ungradable"
    FINDING = "finding"


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
class Version:
    """What of a signed version the rule asks for."""

    service_type: ServiceType
    number: int
    status: ReportStatus


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


def why_singly(
    signed: Version, content: Mapping[str, Any], *, rules: ReceiptRules
) -> Singly | None:
    """Why a version is received by itself; None where both eyes were read and nothing was found."""
    if signed.service_type not in rules.on_for:
        return Singly.OTHER_SERVICE
    if signed.number > 1 or signed.status not in SIGNED:
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
