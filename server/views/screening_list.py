"""The report of a pasted list, line by line, in the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from consult.cases.screening.errors import ListUnreadableError
from consult.cases.screening.model import Column, LineReport, ListReport
from consult.kernel.errors import FieldProblem
from server.errors import sentence
from server.i18n import N_
from server.keys import LANGUAGES
from server.requests import language

_COLUMNS = {
    Column.NAME: N_("Name"),
    Column.DOCUMENT_KIND: N_("Document"),
    Column.DOCUMENT_NUMBER: N_("Document number"),
    Column.SEX: N_("Sex"),
    Column.BIRTH_ON: N_("Date of birth"),
    Column.PHONE: N_("Telephone"),
    Column.ADDRESS: N_("Address"),
    Column.DIABETES_TYPE: N_("Type of diabetes"),
    Column.DIABETES_SINCE: N_("Year of diagnosis"),
}


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the report: `reasons` say why it is not taken."""

    number: int
    name: str
    verdict: str
    same_as: int | None
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class ListPage:
    """The report; `text` is what was checked, `refusal` why there is no report."""

    lines: Sequence[LineView] = ()
    unread: Sequence[str] = ()
    count: int = 0
    text: str = ""
    refusal: str = ""


def of_report(request: web.Request, text: str, report: ListReport) -> ListPage:
    """What becomes of each line."""
    return ListPage(
        lines=[_line(request, line) for line in report.lines],
        unread=report.unread,
        count=report.count,
        text=text,
    )


def of_refusal(request: web.Request, refusal: ListUnreadableError) -> ListPage:
    """Why the whole list cannot be taken."""
    return ListPage(refusal=sentence(request, refusal.code, refusal.facts))


def _line(request: web.Request, line: LineReport) -> LineView:
    return LineView(
        number=line.number,
        name=line.name,
        verdict=line.verdict,
        same_as=line.same_as,
        reasons=[_reason(request, problem) for problem in line.problems],
    )


def _reason(request: web.Request, problem: FieldProblem) -> str:
    """The column, and what is wrong in it."""
    said = sentence(request, problem.code, problem.facts)
    if problem.field not in set(Column):
        return said
    tongue = language(request)
    words = request.app[LANGUAGES]
    column = words.text(tongue, _COLUMNS[Column(problem.field)])
    return column + words.text(tongue, N_(": ")) + said
