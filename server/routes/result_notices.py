"""Result notices for patients: as a page to print, and as sentences to be read aloud."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.reports.result_notice.service import NoticeRules
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import notice_choice as choice
from server.views import result_notices as views
from server.views.sign_in import as_json

routes = Routes("result_notices")
NEEDED = (Action.SEE_NAME, Action.SEE_REPORT)
_GROUPS = {"together": True, "singly": False}


@routes.get("/result-notices", action=Action.TELL_PATIENT, needs=NEEDED)
async def print_all(request: web.Request) -> web.Response:
    """The notices of all patients to be told: those without a finding, or the others."""
    return await _page(request, await _all(request), back="/tellings")


@routes.get("/screening/notices", action=Action.TELL_PATIENT, needs=NEEDED)
async def choose(request: web.Request) -> web.Response:
    """The notices that wait, those of today ticked: the normal in a batch, the rest singly."""
    page = await in_read(
        request, choice.make_choice, rules=_rules(request), listing=request.app[RULES].screening
    )
    return await render(
        request, "result_notices/choose.html", title=N_("Result notices"), page=page
    )


@routes.get("/screening/notices/print", action=Action.TELL_PATIENT, needs=NEEDED)
async def print_chosen(request: web.Request) -> web.Response:
    """The chosen notices of patients without a finding; others are printed singly."""
    chosen = request.query.getall("case", [])[: request.app[RULES].result_notice.most]
    found = await in_unit(
        request, views.find_all, together=True, rules=_rules(request), chosen=frozenset(chosen)
    )
    return await _page(request, _written(request, found), back="/screening/notices")


@routes.get(
    "/cases/{case_id}/result-notice",
    action=Action.TELL_PATIENT,
    needs=NEEDED,
    owns=ObjectType.CASE,
)
async def print_one(request: web.Request) -> web.Response:
    """The notice of one patient."""
    case_id = path_id(request, "case_id")
    return await _page(request, await _one(request), back=f"/tellings/{case_id}")


@routes.get(
    "/api/cases/{case_id}/result-notice",
    action=Action.TELL_PATIENT,
    needs=NEEDED,
    owns=ObjectType.CASE,
    answer=views.NoticeAnswer,
)
async def read_aloud(request: web.Request) -> web.Response:
    """The same as sentences."""
    (sheet,) = await _one(request)
    said = views.read_aloud(request, sheet)
    return as_json(
        views.NoticeAnswer(case_id=sheet.case_id, language=language(request), sentences=said)
    )


async def _all(request: web.Request) -> list[views.NoticeText]:
    of = request.query.get("of", "together")
    if of not in _GROUPS:
        raise RefusedError("field-not-a-choice", field="of")
    found = await in_unit(request, views.find_all, together=_GROUPS[of], rules=_rules(request))
    return _written(request, found)


async def _one(request: web.Request) -> list[views.NoticeText]:
    found = await in_unit(
        request, views.find_one, case_id=path_id(request, "case_id"), rules=_rules(request)
    )
    return _written(request, found)


def _written(request: web.Request, found: list[views.Found]) -> list[views.NoticeText]:
    words = request.app[RULES].result_notice
    return [views.write_notice(request, each, words) for each in found]


async def _page(request: web.Request, sheets: list[views.NoticeText], *, back: str) -> web.Response:
    return await render(
        request,
        "result_notices/paper.html",
        title=N_("Result notice"),
        sheets=sheets,
        back=back,
    )


def _rules(request: web.Request) -> NoticeRules:
    rules = request.app[RULES]
    return NoticeRules(
        rules.result_notice, rules.tellings, rules.booking.referrals.periods.within_days
    )
