"""Whether a report may be signed: everything that is missing or contradicts itself, at once."""

from collections.abc import Container, Iterator, Sequence

from consult.kernel.errors import FieldProblem
from consult.kernel.eyes import Eye, EyeStatus
from consult.reports.forms import EyesAsked, ReportForm, RequiredPart
from consult.reports.grading import OutcomeRank, OutcomeRules
from consult.reports.model import (
    EyeReading,
    Quality,
    QualityCause,
    ReferralNeed,
    ReferralUrgency,
    ReportBody,
)
from consult.reports.outcome import find_outcome


def check_report(
    form: ReportForm,
    body: ReportBody,
    *,
    rules: OutcomeRules,
    diagnosis_codes: Container[str],
    pictured: Container[Eye],
) -> list[FieldProblem]:
    """Every problem that keeps the report from being signed; none means that it may be signed.

    `pictured` are the eyes of which the report rests on a picture: none of them is passed over.
    """
    problems: list[FieldProblem] = []
    if form.has_eyes:
        problems += [each for eye in Eye for each in _check_eye(form, eye, body.reading(eye))]
        problems += _check_eyes_asked(form, body, pictured=pictured)
    if form.has_eyes and not problems:
        problems += _check_outcome(form, body, rules=rules)
    problems += _check_parts(form, body)
    problems += [
        FieldProblem("diagnoses", "diagnosis-unknown", {"diagnosis": code})
        for code in body.diagnoses
        if code not in diagnosis_codes
    ]
    problems += _check_urgency(body)
    return problems


def _check_eye(form: ReportForm, eye: Eye, reading: EyeReading) -> Iterator[FieldProblem]:
    if reading.eye_status is None:
        yield FieldProblem(f"{eye}.eye_status", "field-missing")
        return
    if reading.eye_status is EyeStatus.ABSENT:
        given = _given(reading)
        yield from (FieldProblem(f"{eye}.{key}", "not-for-absent-eye") for key in given)
        return
    if reading.quality is None:
        given = _given(reading)
        yield from (FieldProblem(f"{eye}.{key}", "grade-needs-quality") for key in given)
        return
    yield from _check_quality(eye, reading)
    if reading.is_read:
        yield from _check_read(form, eye, reading)


def _given(reading: EyeReading) -> list[str]:
    """Which of the fields that rest on photographs are filled in."""
    filled = {
        "quality": reading.quality is not None,
        "causes": bool(reading.causes),
        "icdr": reading.icdr is not None,
        "dme": reading.dme is not None,
        "waiver": bool(reading.waiver.strip()),
    }
    return [key for key, is_filled in filled.items() if is_filled]


def _check_quality(eye: Eye, reading: EyeReading) -> Iterator[FieldProblem]:
    if reading.quality is Quality.UNGRADABLE:
        if not reading.causes:
            yield FieldProblem(f"{eye}.causes", "cause-required")
        if reading.icdr is not None:
            yield FieldProblem(f"{eye}.icdr", "ungradable-has-no-grade")
        if reading.dme is not None:
            yield FieldProblem(f"{eye}.dme", "ungradable-has-no-grade")
        return
    if reading.waiver.strip():
        yield FieldProblem(f"{eye}.waiver", "waiver-only-for-ungradable")
    if reading.quality is Quality.GOOD and reading.causes:
        yield FieldProblem(f"{eye}.causes", "good-has-no-cause")
    elif QualityCause.NO_IMAGE in reading.causes:
        yield FieldProblem(f"{eye}.causes", "no-image-is-ungradable")


def _check_read(form: ReportForm, eye: Eye, reading: EyeReading) -> Iterator[FieldProblem]:
    if form.grade_required and reading.icdr is None:
        yield FieldProblem(f"{eye}.icdr", "field-missing")
    if form.grade_required and reading.dme is None:
        yield FieldProblem(f"{eye}.dme", "field-missing")
    if form.findings_required and not reading.findings.strip():
        yield FieldProblem(f"{eye}.findings", "field-missing")


def _check_eyes_asked(
    form: ReportForm, body: ReportBody, *, pictured: Container[Eye]
) -> Iterator[FieldProblem]:
    there = [eye for eye in Eye if body.reading(eye).eye_status is not EyeStatus.ABSENT]
    unrated = [
        eye
        for eye in there
        if body.reading(eye).eye_status is EyeStatus.PRESENT and body.reading(eye).quality is None
    ]
    passed_over = [eye for eye in unrated if eye in pictured]
    for eye in unrated:
        if form.eyes is EyesAsked.BOTH:
            yield FieldProblem(f"{eye}.quality", "field-missing")
        elif eye in passed_over:
            yield FieldProblem(f"{eye}.quality", "picture-needs-quality")
    if there and not passed_over:
        yield from _check_one_told(form, body, there)


def _check_one_told(
    form: ReportForm, body: ReportBody, there: Sequence[Eye]
) -> Iterator[FieldProblem]:
    rated = [eye for eye in there if body.reading(eye).quality is not None]
    described = [eye for eye in there if body.reading(eye).findings.strip()]
    if form.eyes is EyesAsked.ONE and not rated:
        yield FieldProblem(f"{there[0]}.quality", "one-eye-required")
    if form.eyes is EyesAsked.DESCRIBED and not rated and not described:
        yield FieldProblem(f"{there[0]}.findings", "one-eye-required")


def _check_outcome(
    form: ReportForm, body: ReportBody, *, rules: OutcomeRules
) -> Iterator[FieldProblem]:
    outcome = find_outcome(rules, right=body.right, left=body.left)
    facts = {"rank": outcome.rank.value, "rule": outcome.rule_name, "version": outcome.rule_version}
    limit = outcome.max_interval_months
    interval = body.interval_months
    if interval is not None and limit is not None and interval > limit:
        yield FieldProblem("interval_months", "interval-contradicts-rule", facts | {"most": limit})
    need = body.referral_need
    below = need is not None and need.place < rules.least_need[outcome.rank].place
    if below and not body.override_reason.strip():
        yield FieldProblem("referral_need", "referral-below-rule", facts)
    stays = outcome.rank is OutcomeRank.FOLLOW_UP and need is ReferralNeed.NONE
    if form.interval_required and stays and interval is None:
        yield FieldProblem("interval_months", "field-missing")


def _check_parts(form: ReportForm, body: ReportBody) -> Iterator[FieldProblem]:
    filled = {
        RequiredPart.DIAGNOSES: bool(body.diagnoses),
        RequiredPart.IMPRESSION: bool(body.impression.strip()),
        RequiredPart.ANSWER: bool(body.answer.strip()),
        RequiredPart.ADVICE: bool(body.advice.strip()),
        RequiredPart.REFERRAL_NEED: body.referral_need is not None,
        RequiredPart.LIMITS: bool(body.limits.strip()),
    }
    for part in form.required:
        if not filled[part]:
            yield FieldProblem(part, "field-missing")


def _check_urgency(body: ReportBody) -> Iterator[FieldProblem]:
    match body.referral_need, body.referral_urgency:
        case (None | ReferralNeed.NONE, ReferralUrgency()):
            yield FieldProblem("referral_urgency", "urgency-without-referral")
        case (ReferralNeed.REFER | ReferralNeed.URGENT, None):
            yield FieldProblem("referral_urgency", "field-missing")
        case (ReferralNeed.URGENT, ReferralUrgency.ROUTINE):
            yield FieldProblem("referral_urgency", "urgency-contradicts-need")
        case _:
            pass
