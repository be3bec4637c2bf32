"""From lesions to the grades of both eyes: computed, given by the reader, or overridden by her."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from consult.kernel.eyes import Eye
from consult.reports.lesion_rules import LesionRules, Scale, Span
from consult.reports.lesions import Lesion, Lesions, Said, present_in
from consult.reports.model import (
    Dme,
    EyeReading,
    NhsMaculopathy,
    NhsRetinopathy,
    ReportBody,
)

ICDR: Final = "icdr"
Facts = Mapping[str, bool | None]
"""What the case tells of an eye, None where it does not."""


class Basis(enum.StrEnum):
    """Where a grade comes from."""

    COMPUTED = "computed"
    READER = "reader"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Grade:
    """One scale of one eye: what agrees with the lesions, and what was given.

    `given` is None where neither the rule nor the reader has one.
    """

    scale: str
    span: Span
    given: str | None
    basis: Basis

    def as_json(self) -> dict[str, object]:
        """The grade as it is signed."""
        return {
            "scale": self.scale,
            "low": self.span.low,
            "high": self.span.high,
            "given": self.given,
            "basis": self.basis.value,
        }


def grades_of(rules: LesionRules, reading: EyeReading, facts: Facts) -> tuple[Grade, ...]:
    """Every scale of an eye of which a lesion was said; nothing of one that was not read."""
    if not reading.lesions or not reading.is_read:
        return ()
    said = _said(rules, reading.lesions, facts)
    return tuple(_grade(scale, said, reading) for scale in rules.scales)


def settle(rules: LesionRules, body: ReportBody, facts: Mapping[Eye, Facts]) -> ReportBody:
    """The report with the grades that the rule computes where the reader has given none."""
    return replace(
        body,
        right=_settle(rules, body.right, facts.get(Eye.RIGHT, {})),
        left=_settle(rules, body.left, facts.get(Eye.LEFT, {})),
    )


def unsaid(rules: LesionRules, reading: EyeReading) -> tuple[str, ...]:
    """The lesions of which nobody has said anything, and which could be there."""
    known = rules.completed(reading.lesions)
    return tuple(rule.code for rule in rules.lesions if rule.code not in known)


def _settle(rules: LesionRules, reading: EyeReading, facts: Facts) -> EyeReading:
    if reading.is_ungradable:
        return replace(reading, grade_reason="", least_icdr=_least(rules, reading))
    grades = {grade.scale: grade for grade in grades_of(rules, reading, facts)}
    is_overridden = any(grade.basis is Basis.OVERRIDE for grade in grades.values())
    icdr, dme, nhs_r, nhs_m = (
        grades[code].given if code in grades else None for code in (ICDR, "dme", "nhs_r", "nhs_m")
    )
    return replace(
        reading,
        icdr=reading.icdr if icdr is None else int(icdr),
        dme=reading.dme if dme is None else Dme(dme),
        nhs_r=reading.nhs_r if nhs_r is None else NhsRetinopathy(nhs_r),
        nhs_m=reading.nhs_m if nhs_m is None else NhsMaculopathy(nhs_m),
        grade_reason=reading.grade_reason if is_overridden else "",
    )


def _least(rules: LesionRules, reading: EyeReading) -> int | None:
    """What an eye shows although it cannot be graded: a clear sign counts all the same (C8)."""
    seen = {code: reading.lesions[code] for code in present_in(reading.lesions)}
    least = int(rules.scale(ICDR).span(seen).low)
    return least or None


def _grade(scale: Scale, said: Lesions, reading: EyeReading) -> Grade:
    span = scale.span(said)
    stated = _stated(reading, scale.code) if scale.is_stated else None
    if stated is None or (span.is_settled and stated == span.low):
        given = span.low if span.is_settled else None
        return Grade(scale.code, span, given, Basis.COMPUTED)
    basis = Basis.READER if scale.agrees(span, stated) else Basis.OVERRIDE
    return Grade(scale.code, span, stated, basis)


def _stated(reading: EyeReading, scale: str) -> str | None:
    value = {
        ICDR: reading.icdr,
        "dme": reading.dme,
        "nhs_r": reading.nhs_r,
        "nhs_m": reading.nhs_m,
    }[scale]
    return None if value is None else str(value)


def _said(rules: LesionRules, lesions: Lesions, facts: Facts) -> Lesions:
    known = rules.completed(lesions)
    for code in rules.facts:
        told = facts.get(code)
        if told is not None:
            known[code] = Lesion(Said.PRESENT if told else Said.ABSENT)
    return known
