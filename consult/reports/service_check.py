"""What still keeps a report from being signed, and what the rule finds: while it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.queue import service as queue
from consult.reports.body import parse_body
from consult.reports.case_facts import facts_of
from consult.reports.checking import check_body
from consult.reports.graded import Grade, grades_of, unsaid
from consult.reports.model import ReportBody
from consult.reports.outcome import Outcome, find_outcome
from consult.reports.service_amend import is_answered, require_author
from consult.reports.service_looks import check_looks, pictured_eyes, valid_looks
from consult.reports.versions import ReportRules

_EYES: Final = ("right.", "left.")


@dataclass(frozen=True, slots=True)
class Graded:
    """The grades of one eye, and the lesions of which nobody has said anything."""

    grades: Sequence[Grade]
    unsaid: Sequence[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """Every problem at once; an outcome only once both eyes are told without a contradiction."""

    outcome: Outcome | None
    problems: Sequence[FieldProblem]
    graded: Mapping[Eye, Graded]


def check_content(
    work: Work, *, case_id: str, content: Mapping[str, object], rules: ReportRules
) -> Checked:
    """Look at what is on the page, saved or not; only whoever holds or amends the case may ask."""
    case = cases.get_case(work, case_id)
    is_amended = is_answered(case)
    if is_amended:
        require_author(work, case)
    else:
        queue.require_claim(work, case.id)
    looks = valid_looks(work, case)
    found = images.list_case_images(work, case.id)
    unseen = check_looks(rules.form, found, looks)
    try:
        written = parse_body(content)
    except FormRefusedError as refusal:
        return Checked(None, [*refusal.problems, *unseen], {})
    checked = check_body(case, written, rules=rules, pictured=pictured_eyes(found, looks))
    body, problems = checked.body, checked.problems
    if is_amended and not body.amendment_reason:
        problems.append(FieldProblem("amendment_reason", "field-missing"))
    outcome = None
    if rules.form.has_eyes and not any(problem.field.startswith(_EYES) for problem in problems):
        outcome = find_outcome(rules.outcome, right=body.right, left=body.left)
    return Checked(outcome, [*problems, *unseen], _graded(case, body, rules))


def _graded(case: Case, body: ReportBody, rules: ReportRules) -> Mapping[Eye, Graded]:
    """What the rule makes of the lesions of each eye of which one was said."""
    facts = facts_of(case, rules.grades)
    return {
        eye: Graded(
            grades_of(rules.grades, body.reading(eye), facts.get(eye, {})),
            unsaid(rules.grades, body.reading(eye)),
        )
        for eye in Eye
        if rules.form.has_eyes and body.reading(eye).lesions
    }
