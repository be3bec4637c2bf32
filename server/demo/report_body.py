"""A planned report as the content that an expert writes."""

from typing import Final

from consult.kernel.eyes import Eye, EyeStatus
from consult.reports.forms import ReportForm, RequiredPart
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


def body_of(report: ReportPlan, form: ReportForm) -> ReportBody:
    """The content of the report; its limits are the phrase that the form offers."""
    readings = {plan.eye: _reading(plan) for plan in report.eyes}
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


def _reading(plan: EyeReadingPlan) -> EyeReading:
    is_read = plan.quality is not Quality.UNGRADABLE
    return EyeReading(
        eye_status=EyeStatus.PRESENT,
        quality=plan.quality,
        causes=() if plan.quality_cause is None else (QualityCause(plan.quality_cause),),
        icdr=plan.icdr if is_read else None,
        dme=plan.dme if is_read else None,
        findings=plan.findings,
        waiver="",
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
