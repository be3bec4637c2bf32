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
from server.transactions import in_unit
from server.views import result_notices as views
from server.views.sign_in import as_json

routes = Routes("result_notices")
NEEDED = (Action.SEE_NAME, Action.SEE_REPORT)
_GROUPS = {"together": True, "singly": False}


@routes.get("/result-notices", action=Action.TELL_PATIENT, needs=NEEDED)
async def print_all(request: web.Request) -> web.Response:
    """The notices of all patients to be told: those without a finding, or the others."""
    return await _page(request, await _all(request), back="/tellings")


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
    case_id = path_id(request, "case_id")
    found = await in_unit(request, views.find_sentences, case_id=case_id, rules=_rules(request))
    (sheet,) = _written(request, found)
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
