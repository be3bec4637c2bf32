"""What an automatic check says of a fundus photograph: faults by measure and limit, and a verdict.

It is advice to whoever holds the camera. The grade that a reader gives (IMG-08) stands elsewhere
and never comes from here.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from consult.kernel.rules import RuleTable

MEASURES: Final = (
    "field_px",
    "light",
    "clipped",
    "evenness",
    "field",
    "focus",
    "vessels",
)


class QualityFault(enum.StrEnum):
    """What is wrong with a photograph, in the order in which it is told."""

    FIELD_INCOMPLETE = "field_incomplete"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    VESSELS_UNSEEN = "vessels_unseen"
    UNEVEN = "uneven"
    TOO_SMALL = "too_small"


class QualityVerdict(enum.StrEnum):
    """What the check advises; `OTHER`: it is no fundus photograph, and nothing is said."""

    GOOD = "good"
    USABLE = "usable"
    RETAKE = "retake"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class QualityLimit:
    """From which value of a measure on a fault is spoken of, and from which it asks for a retake.

    With `is_least` the measure must not lie below, else it must not lie above.
    """

    fault: QualityFault
    measure: str
    is_least: bool
    good: float
    usable: float

    def passes(self, value: float, limit: float) -> bool:
        """Whether a value keeps to a limit of this kind."""
        return value >= limit if self.is_least else value <= limit


@dataclass(frozen=True, slots=True)
class QualityRules:
    """The limits of config/quality.toml."""

    name: str
    version: str
    source: str
    limits: tuple[QualityLimit, ...]


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """One fault with the value and the limit that it failed."""

    fault: QualityFault
    is_grave: bool
    measure: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """The verdict with everything that it rests on, so that it can be read years later."""

    verdict: QualityVerdict
    findings: tuple[QualityFinding, ...]
    measures: Mapping[str, float]
    version: str

    @property
    def worst(self) -> QualityFinding | None:
        """The fault to be told first."""
        return next((each for each in self.findings if each.is_grave), None) or next(
            iter(self.findings), None
        )


def check_quality(
    measures: Mapping[str, float | None], rules: QualityRules, *, is_fundus: bool
) -> QualityCheck:
    """Hold the measures against the limits; a measure that could not be taken finds no fault."""
    known = {name: value for name, value in measures.items() if value is not None}
    if not is_fundus:
        return QualityCheck(QualityVerdict.OTHER, (), MappingProxyType(known), rules.version)
    found = [_finding(limit, known.get(limit.measure)) for limit in rules.limits]
    worst: dict[QualityFault, QualityFinding] = {}
    for each in found:
        if each is not None and (each.is_grave or each.fault not in worst):
            worst[each.fault] = each
    told = tuple(worst[fault] for fault in QualityFault if fault in worst)
    verdict = QualityVerdict.USABLE if told else QualityVerdict.GOOD
    if any(each.is_grave for each in told):
        verdict = QualityVerdict.RETAKE
    return QualityCheck(verdict, told, MappingProxyType(known), rules.version)


def _finding(limit: QualityLimit, value: float | None) -> QualityFinding | None:
    if value is None or limit.passes(value, limit.good):
        return None
    is_grave = not limit.passes(value, limit.usable)
    failed = limit.usable if is_grave else limit.good
    return QualityFinding(limit.fault, is_grave, limit.measure, value, failed)


def parse_quality_rules(mapping: Mapping[str, object]) -> QualityRules:
    """The rules of config/quality.toml: every fault has a limit, and no limit stands twice."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "limit")
    limits = tuple(_parse_limit(row) for row in table.tables("limit"))
    if {each.fault for each in limits} != set(QualityFault):
        raise table.wrong("limit", "must name every fault")
    if len({(each.fault, each.measure, each.is_least) for each in limits}) != len(limits):
        raise table.wrong("limit", "says one thing twice")
    return QualityRules(table.text("name"), table.text("version"), table.text("source"), limits)


def _parse_limit(row: RuleTable) -> QualityLimit:
    row.only("fault", "measure", "least", "most")
    measure = row.text("measure")
    if measure not in MEASURES:
        raise row.wrong("measure", "no such measure")
    is_least = row.has("least")
    if is_least == row.has("most"):
        raise row.wrong("least", "either `least` or `most`")
    key = "least" if is_least else "most"
    limits = row.table(key)
    limits.only("good", "usable")
    good, usable = limits.number_or_none("good"), limits.number_or_none("usable")
    if good is None or usable is None:
        raise limits.wrong("good", "must be a number, and so must `usable`")
    if (good < usable) if is_least else (good > usable):
        raise limits.wrong("usable", "must be the laxer of the two")
    fault = row.code("fault", QualityFault)
    return QualityLimit(fault, measure, is_least, float(good), float(usable))


def kept(check: QualityCheck | None) -> dict[str, Any] | None:
    """The check as the row keeps it."""
    if check is None:
        return None
    findings = [
        {
            "fault": each.fault.value,
            "is_grave": each.is_grave,
            "measure": each.measure,
            "value": each.value,
            "limit": each.limit,
        }
        for each in check.findings
    ]
    return {
        "verdict": check.verdict.value,
        "findings": findings,
        "measures": dict(check.measures),
        "version": check.version,
    }


def of_kept(told: Mapping[str, Any] | None) -> QualityCheck | None:
    """The check from its row; an image that came before there was one has none."""
    if told is None:
        return None
    findings = tuple(
        QualityFinding(
            QualityFault(each["fault"]),
            each["is_grave"],
            each["measure"],
            each["value"],
            each["limit"],
        )
        for each in told["findings"]
    )
    verdict = QualityVerdict(told["verdict"])
    return QualityCheck(verdict, findings, MappingProxyType(told["measures"]), told["version"])
