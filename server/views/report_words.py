"""The names of a report's fields, and what was found in words, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from aiohttp import web
from pydantic import BaseModel

from consult.kernel.errors import FieldProblem
from consult.reports.outcome import Outcome
from consult.reports.service_check import Checked
from server.errors import sentence
from server.i18n import ENGLISH, N_
from server.keys import LANGUAGES, RULES
from server.requests import Audience, language

_EYES = ("right", "left")
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "eye_status": N_("Eye"),
        "quality": N_("Image quality"),
        "causes": N_("Cause"),
        "icdr": N_("DR grade"),
        "dme": N_("Macular oedema (DME)"),
        "findings": N_("Image findings"),
        "waiver": N_("Why no retake is needed"),
        "diagnoses": N_("Diagnoses (ICD-10)"),
        "impression": N_("Impression"),
        "answer": N_("Answer to the question"),
        "advice": N_("Recommendation"),
        "referral_need": N_("Need for referral"),
        "referral_urgency": N_("Urgency of referral"),
        "interval_months": N_("Re-examine in (months)"),
        "override_reason": N_("Why below the rule"),
        "limits": N_("Limits"),
        "images": N_("Photographs"),
        "materials": N_("Rests on"),
        "amendment_reason": N_("Why it is amended"),
        "patient": N_("Patient"),
    }
)


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


class CheckAnswer(BaseModel):
    """The state of an unsigned report."""

    outcome: OutcomeAnswer | None
    problems: list[ProblemAnswer]


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one reader."""

    request: Audience

    @property
    def tongue(self) -> str:
        """Her language."""
        return language(self.request)

    def say(self, message: str) -> str:
        """A sentence of the catalogue."""
        return self.request.app[LANGUAGES].text(self.tongue, message)

    def term(self, group: str, code: object) -> str:
        """The words of a code."""
        return self.request.app[RULES].terms.text(self.tongue, group, str(code))

    def join(self, parts: Sequence[str]) -> str:
        """A list in a sentence."""
        comma = "; " if self.tongue == ENGLISH else "；"
        return comma.join(part for part in parts if part)

    def label(self, field: str) -> str:
        """What a field is called, with its eye where it has one."""
        eye, _, rest = field.partition(".")
        if eye in _EYES:
            return f"{self.term('eye', eye)} {self.say(LABELS.get(rest, rest))}"
        return self.say(LABELS.get(eye, field))


def check_as_json(request: web.Request, checked: Checked) -> dict[str, object]:
    """The check in the reader's words."""
    speech = Speech(request)
    outcome = None if checked.outcome is None else _outcome(speech, checked.outcome)
    problems = [_problem(request, problem) for problem in checked.problems]
    return CheckAnswer(outcome=outcome, problems=problems).model_dump()


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


def _problem(request: web.Request, problem: FieldProblem) -> ProblemAnswer:
    speech = Speech(request)
    label, anchor = speech.label(problem.field), "f-" + problem.field.replace(".", "-")
    part, _, instance_id = problem.field.partition(".")
    if part == "images":
        anchor = f"film-{instance_id}" if instance_id else "films"
        eye, field = problem.facts.get("eye"), problem.facts.get("field")
        terms = request.app[RULES].terms
        named = [str(terms.resolve(speech.tongue, fact)) for fact in (eye, field) if fact]
        label = " ".join(named) or label
    return ProblemAnswer(
        field=problem.field,
        code=problem.code,
        label=label,
        sentence=sentence(request, problem.code, problem.facts),
        anchor=anchor,
    )
