"""Whether lesions and grades agree: a contradiction is refused with its field (VW-06)."""

from collections.abc import Iterator, Mapping

from consult.kernel.errors import FieldProblem
from consult.kernel.eyes import Eye, EyeStatus
from consult.reports.graded import Basis, Facts, grades_of
from consult.reports.lesion_rules import LesionRule, LesionRules
from consult.reports.lesions import absent_in
from consult.reports.model import EyeReading, ReportBody


def check_lesions(
    rules: LesionRules, body: ReportBody, facts: Mapping[Eye, Facts]
) -> list[FieldProblem]:
    """Every lesion that cannot be, and every grade that contradicts them without a reason."""
    return [
        problem
        for eye in Eye
        for problem in _check_eye(rules, eye, body.reading(eye), facts.get(eye, {}))
    ]


def _check_eye(
    rules: LesionRules, eye: Eye, reading: EyeReading, facts: Facts
) -> Iterator[FieldProblem]:
    known = {rule.code: rule for rule in rules.lesions}
    for code in reading.lesions:
        if code not in known:
            yield FieldProblem(f"{eye}.lesions.{code}", "lesion-unknown")
    misplaced = _misplaced(reading)
    if misplaced is not None:
        yield FieldProblem(f"{eye}.lesions.{misplaced[0]}", misplaced[1])
    else:
        for code in (code for code in known if code in reading.lesions):
            yield from _check_lesion(eye, reading, known[code])
    if reading.is_read:
        yield from _check_grades(rules, eye, reading, facts)
    elif reading.nhs_r is not None or reading.nhs_m is not None:
        field = f"{eye}.nhs_r" if reading.nhs_r is not None else f"{eye}.nhs_m"
        code = "ungradable-has-no-grade" if reading.is_ungradable else "grade-needs-quality"
        yield FieldProblem(field, code)


def _misplaced(reading: EyeReading) -> tuple[str, str] | None:
    """The first lesion that such an eye cannot have, and why: said once, not for each of twenty."""
    if reading.eye_status is EyeStatus.ABSENT:
        return next(((code, "not-for-absent-eye") for code in reading.lesions), None)
    if reading.quality is None:
        return next(((code, "grade-needs-quality") for code in reading.lesions), None)
    if reading.is_ungradable:
        unseen = absent_in(reading.lesions)
        return next(((code, "ungradable-excludes-nothing") for code in unseen), None)
    return None


def _check_lesion(eye: Eye, reading: EyeReading, rule: LesionRule) -> Iterator[FieldProblem]:
    field, lesion = f"{eye}.lesions.{rule.code}", reading.lesions[rule.code]
    needed = [reading.lesions.get(code) for code in rule.needs]
    if lesion.quadrants and not rule.has_quadrants:
        yield FieldProblem(field, "lesion-has-no-quadrants")
    elif lesion.is_present and needed and all(one and not one.is_present for one in needed):
        facts = {"needed": f"term:lesion.{rule.needs[0]}"}
        yield FieldProblem(field, "lesion-needs-another", facts)


def _check_grades(
    rules: LesionRules, eye: Eye, reading: EyeReading, facts: Facts
) -> Iterator[FieldProblem]:
    if reading.grade_reason.strip():
        return
    for grade in grades_of(rules, reading, facts):
        if grade.basis is Basis.OVERRIDE:
            low, high = (f"term:{grade.scale}.{end}" for end in (grade.span.low, grade.span.high))
            told = {"low": low, "high": high, "rule": f"{rules.name} {rules.version}"}
            code = "grade-contradicts-lesions" if low == high else "grade-outside-lesions"
            yield FieldProblem(f"{eye}.{grade.scale}", code, told)
