"""Everything that keeps a report from being signed: form, eyes, lesions, sections."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from consult.cases.model import Case
from consult.kernel.errors import FieldProblem
from consult.kernel.eyes import Eye
from consult.reports.case_facts import facts_of
from consult.reports.check import check_report
from consult.reports.forms import ReportForm
from consult.reports.graded import settle
from consult.reports.lesion_check import check_lesions
from consult.reports.model import ReportBody
from consult.reports.versions import ReportRules


@dataclass(frozen=True, slots=True)
class CheckedBody:
    """The report with its computed grades, and every problem; none means that it may be signed."""

    body: ReportBody
    problems: list[FieldProblem]


def check_body(
    case: Case, written: ReportBody, *, rules: ReportRules, pictured: Container[Eye]
) -> CheckedBody:
    """Compute the grades that follow from the lesions, then name what is missing or wrong."""
    facts = facts_of(case, rules.grades)
    body = settle(rules.grades, written, facts)
    problems = check_report(
        rules.form,
        body,
        rules=rules.outcome,
        diagnosis_codes=rules.diagnoses,
        pictured=pictured,
    )
    if rules.form.has_eyes:
        problems += check_lesions(rules.grades, body, facts)
    problems += _check_sections(rules.form, body)
    return CheckedBody(body, problems)


def _check_sections(form: ReportForm, body: ReportBody) -> Iterator[FieldProblem]:
    known = {section.code: section for section in form.sections}
    for section in form.sections:
        if section.is_required and section.code not in body.sections:
            yield FieldProblem(f"sections.{section.code}", "field-missing")
    for code, said in body.sections.items():
        if code not in known:
            yield FieldProblem(f"sections.{code}", "field-unknown")
        elif not set(said.codes) <= set(known[code].codes):
            yield FieldProblem(f"sections.{code}", "field-not-a-choice")
        elif len(said.codes) > 1 and known[code].alone & set(said.codes):
            yield FieldProblem(f"sections.{code}", "section-contradicts")
