"""What still keeps a report from being signed, and what the rules find, in the writer's words."""

from aiohttp import web
from pydantic import BaseModel

from consult.kernel.errors import FieldProblem
from consult.reports.forms import ReportForm
from consult.reports.outcome import Outcome
from consult.reports.proposals import propose
from consult.reports.service_check import Checked
from consult.reports.versions import ReportRules
from server.errors import sentence
from server.i18n import N_
from server.keys import RULES
from server.views.report_grades import GradedAnswer, graded_as_json
from server.views.report_words import Speech


class ProblemAnswer(BaseModel):
    """One thing that keeps the report from being signed, with its place on the page."""

    field: str
    code: str
    label: str
    sentence: str
    anchor: str


class OutcomeAnswer(BaseModel):
    """What the rule finds in the readings."""

    rank: str
    text: str
    why: str
    rule: str
    max_interval_months: int | None


class ProposedAnswer(BaseModel):
    """What one key puts into the form, by its fields; an empty one is the reader's own to say."""

    advice: str
    referral_need: str
    referral_urgency: str
    interval_months: str


class CheckAnswer(BaseModel):
    """The state of an unsigned report; `graded` has the eyes of which a lesion was said."""

    outcome: OutcomeAnswer | None
    proposed: ProposedAnswer | None
    problems: list[ProblemAnswer]
    graded: dict[str, GradedAnswer]


def check_as_json(request: web.Request, checked: Checked, rules: ReportRules) -> dict[str, object]:
    """The check in the reader's words."""
    speech = Speech(request)
    outcome, proposed = None, None
    if checked.outcome is not None:
        outcome = _outcome(speech, checked.outcome)
        proposed = _proposed(speech, checked.outcome, rules)
    problems = [_problem(request, problem, rules.form) for problem in checked.problems]
    graded = {eye.value: graded_as_json(speech, each) for eye, each in checked.graded.items()}
    return CheckAnswer(
        outcome=outcome, proposed=proposed, problems=problems, graded=graded
    ).model_dump()


def _proposed(speech: Speech, outcome: Outcome, rules: ReportRules) -> ProposedAnswer | None:
    found = propose(rules.form.proposed, rules.outcome, outcome)
    if found is None:
        return None
    return ProposedAnswer(
        advice=found.advice.said_in(speech.tongue),
        referral_need=found.referral_need,
        referral_urgency=found.referral_urgency or "",
        interval_months="" if found.interval_months is None else str(found.interval_months),
    )


def _outcome(speech: Speech, outcome: Outcome) -> OutcomeAnswer:
    months = outcome.max_interval_months
    said = [speech.term("outcome_action", outcome.action)]
    if months is not None:
        said.append(speech.say(N_("interval at most {n} months")).format(n=months))
    return OutcomeAnswer(
        rank=outcome.rank.value,
        text=speech.join(said),
        why=speech.join(
            [
                f"{speech.term('eye', why.eye)} {speech.term('outcome_reason', why.code)}"
                for why in outcome.deciding
            ]
        ),
        rule=f"{outcome.rule_name} {outcome.rule_version}",
        max_interval_months=months,
    )


def _problem(request: web.Request, problem: FieldProblem, form: ReportForm) -> ProblemAnswer:
    speech = Speech(request)
    label, anchor = speech.label(problem.field), "f-" + problem.field.replace(".", "-")
    part, _, instance_id = problem.field.partition(".")
    if part == "images":
        anchor = f"film-{instance_id}" if instance_id else "films"
        eye, field = problem.facts.get("eye"), problem.facts.get("field")
        terms = request.app[RULES].terms
        named = [str(terms.resolve(speech.tongue, fact)) for fact in (eye, field) if fact]
        label = " ".join(named) or label
    if part == "sections":
        words = [each.label for each in form.sections if each.code == instance_id]
        label = words[0].said_in(speech.tongue) if words else label
    return ProblemAnswer(
        field=problem.field,
        code=problem.code,
        label=label,
        sentence=sentence(request, problem.code, problem.facts),
        anchor=anchor,
    )
