"""A planned report as the content that an expert writes."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from consult.kernel.eyes import Eye, EyeStatus
from consult.reports.forms import ReportForm, RequiredPart
from consult.reports.lesion_rules import LesionRule
from consult.reports.lesions import NOTHING_SAID, Lesion, Quadrant, Said
from consult.reports.model import (
    EyeReading,
    Quality,
    QualityCause,
    ReferralNeed,
    ReferralUrgency,
    ReportBody,
)
from server.demo.case_model import EyeReadingPlan, ReportPlan

_SEVERE: Final = 3
_NO_REFERRAL: Final = "none"


def body_of(
    report: ReportPlan, form: ReportForm, *, lesions: Iterable[LesionRule] = ()
) -> ReportBody:
    """The content of the report; its limits are the phrase that the form offers.

    `lesions` are those of the rules: what is ticked of an eye says something of each.
    """
    codes = [rule.code for rule in lesions]
    readings = {plan.eye: _reading(plan, codes) for plan in report.eyes}
    limits = [each.text.zh for each in form.phrases if each.part is RequiredPart.LIMITS]
    urgency = None if report.referral == _NO_REFERRAL else ReferralUrgency(report.referral)
    return ReportBody(
        right=readings.get(Eye.RIGHT, _UNSEEN),
        left=readings.get(Eye.LEFT, _UNSEEN),
        diagnoses=report.icd10,
        impression=report.impression,
        answer=report.answer or "",
        advice=report.advice,
        referral_need=_need(report, urgency),
        referral_urgency=urgency,
        interval_months=report.interval_months,
        override_reason=report.override or "",
        limits=limits[0] if limits else "",
    )


def _reading(plan: EyeReadingPlan, codes: Iterable[str]) -> EyeReading:
    """What is said of an eye; where lesions are ticked the rules grade it."""
    is_graded = plan.quality is not Quality.UNGRADABLE and plan.seen is None
    return EyeReading(
        eye_status=EyeStatus.PRESENT,
        quality=plan.quality,
        causes=() if plan.quality_cause is None else (QualityCause(plan.quality_cause),),
        icdr=plan.icdr if is_graded else None,
        dme=plan.dme if is_graded else None,
        findings=plan.findings,
        waiver="",
        lesions=NOTHING_SAID if plan.seen is None else _ticked(codes, plan.seen),
    )


def _ticked(codes: Iterable[str], seen: Mapping[str, tuple[Quadrant, ...]]) -> Mapping[str, Lesion]:
    """Every lesion of the rules, seen or not seen."""
    return MappingProxyType(
        {
            code: Lesion(Said.PRESENT, seen[code]) if code in seen else Lesion(Said.ABSENT)
            for code in codes
        }
    )


_UNSEEN: Final = EyeReading(
    eye_status=EyeStatus.PRESENT,
    quality=None,
    causes=(),
    icdr=None,
    dme=None,
    findings="",
    waiver="",
)


def _need(report: ReportPlan, urgency: ReferralUrgency | None) -> ReferralNeed:
    if urgency is None:
        return ReferralNeed.NONE
    severe = any((plan.icdr or 0) >= _SEVERE for plan in report.eyes)
    if urgency is ReferralUrgency.EMERGENCY or (severe and report.override is None):
        return ReferralNeed.URGENT
    return ReferralNeed.REFER
