"""What still stops a submission, each with its place on the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from consult.cases.model import Case
from consult.cases.service_submit import Readiness
from consult.kernel.errors import FieldProblem
from server.errors import sentence
from server.i18n import N_
from server.keys import LANGUAGES, RULES
from server.requests import language

_PLACES = {
    "consent": (N_("Consent"), "#consent"),
    "images": (N_("Photographs"), "#images"),
    "recognition": (N_("Earlier exams"), "#exams"),
    "panel_id": (N_("Expert panel"), "#panel"),
    "hub_reason": (N_("Why past the hub"), "#panel"),
    "answers": (N_("Request"), "#request"),
}
_ITEM = "consent.items."


@dataclass(frozen=True, slots=True)
class Block:
    """One missing thing: where it stands, what it is called, what is wrong."""

    label: str
    sentence: str
    href: str


def blocks_of(request: web.Request, case: Case, readiness: Readiness) -> Sequence[Block]:
    """The blocks in the order of the page."""
    return [_block(request, case, problem) for problem in readiness.problems]


def consent_lacks(request: web.Request, readiness: Readiness) -> Sequence[str]:
    """What a recorded consent does not cover, in words."""
    fields = [problem.field for problem in readiness.problems]
    return [_item(request, field[len(_ITEM) :]) for field in fields if field.startswith(_ITEM)]


def _item(request: web.Request, rest: str) -> str:
    terms = request.app[RULES].terms
    return terms.text(language(request), "consent_item", rest.rpartition(".")[2])


def _block(request: web.Request, case: Case, problem: FieldProblem) -> Block:
    tongue = language(request)
    part, _, rest = problem.field.partition(".")
    label, href = _PLACES.get(part, (N_("Case"), "#main"))
    words = request.app[LANGUAGES].text(tongue, label)
    if part == "consent" and rest:
        words = _item(request, rest)
    if part == "answers":
        key = rest.partition(".")[0]
        form = request.app[RULES].cases.forms[case.service_type]
        words = form.question(key).label.said_in(tongue)
        href = f"#q-{key}"
    said = sentence(request, problem.code, problem.facts)
    if part == "images":  # several things may be missing among them: each says which
        words = said.partition("。")[0].partition(". ")[0].rstrip(".")
    return Block(words, said, href)
