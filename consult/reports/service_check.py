"""What still keeps a report from being signed, and what the rule finds: while it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.work import Work
from consult.queue import service as queue
from consult.reports.body import parse_body
from consult.reports.check import check_report
from consult.reports.outcome import Outcome, find_outcome
from consult.reports.service_amend import is_answered, require_author
from consult.reports.service_looks import check_looks, pictured_eyes, valid_looks
from consult.reports.versions import ReportRules


@dataclass(frozen=True, slots=True)
class Checked:
    """Every problem at once; an outcome only once both eyes are told without a contradiction."""

    outcome: Outcome | None
    problems: Sequence[FieldProblem]


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
        body = parse_body(content)
    except FormRefusedError as refusal:
        return Checked(None, [*refusal.problems, *unseen])
    problems = check_report(
        rules.form,
        body,
        rules=rules.outcome,
        diagnosis_codes=rules.diagnoses,
        pictured=pictured_eyes(found, looks),
    )
    if is_amended and not body.amendment_reason:
        problems.append(FieldProblem("amendment_reason", "field-missing"))
    outcome = None
    if not any(problem.field.startswith(("right.", "left.")) for problem in problems):
        outcome = find_outcome(rules.outcome, right=body.right, left=body.left)
    return Checked(outcome, [*problems, *unseen])
