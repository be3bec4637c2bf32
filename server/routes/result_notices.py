"""Result notices for patients: as a page to print, as a PDF, as sentences to be read aloud."""

from urllib.parse import urlencode

from aiohttp import hdrs, web

from consult.access.model import Action, ObjectType
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import is_id
from consult.reports.result_notice.service import NoticeRules
from imaging.errors import JailRefusedError
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.pdf.result_notices import set_notices
from server.prefix import path_of
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


@routes.get("/result-notices.pdf", action=Action.TELL_PATIENT, needs=NEEDED, takes_out=True)
async def download_all(request: web.Request) -> web.Response:
    """The same as one PDF; 404 where none waits."""
    return await _pdf(request, await _all(request))


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
    return await _page(request, await _chosen(request), back="/screening/notices")


@routes.get(
    "/screening/notices/print.pdf", action=Action.TELL_PATIENT, needs=NEEDED, takes_out=True
)
async def download_chosen(request: web.Request) -> web.Response:
    """The same as one PDF; 404 where none of them waits."""
    return await _pdf(request, await _chosen(request))


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
    "/cases/{case_id}/result-notice.pdf",
    action=Action.TELL_PATIENT,
    needs=NEEDED,
    owns=ObjectType.CASE,
    takes_out=True,
)
async def download_one(request: web.Request) -> web.Response:
    """The same as a PDF."""
    return await _pdf(request, await _one(request))


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


async def _chosen(request: web.Request) -> list[views.NoticeText]:
    chosen = frozenset(_cases(request))
    found = await in_unit(
        request, views.find_all, together=True, rules=_rules(request), chosen=chosen
    )
    return _written(request, found)


def _cases(request: web.Request) -> list[str]:
    """The ids that the address names, as many as are printed at once."""
    named = request.query.getall("case", [])[: request.app[RULES].result_notice.most]
    return [each for each in named if is_id(each)]


async def _one(request: web.Request) -> list[views.NoticeText]:
    found = await in_unit(
        request, views.find_one, case_id=path_id(request, "case_id"), rules=_rules(request)
    )
    return _written(request, found)


def _written(request: web.Request, found: list[views.Found]) -> list[views.NoticeText]:
    words = request.app[RULES].result_notice
    return [views.write_notice(request, each, words) for each in found]


async def _page(request: web.Request, sheets: list[views.NoticeText], *, back: str) -> web.Response:
    of = request.query.get("of")
    asked = [("of", of)] if of in _GROUPS else [("case", each) for each in _cases(request)]
    return await render(
        request,
        "result_notices/paper.html",
        title=N_("Result notice"),
        sheets=sheets,
        back=back,
        pdf=f"{path_of(request)}.pdf" + (f"?{urlencode(asked)}" if asked else ""),
    )


async def _pdf(request: web.Request, sheets: list[views.NoticeText]) -> web.Response:
    if not sheets:
        raise NotFoundError
    try:
        body = await set_notices(request, sheets)
    except JailRefusedError as refusal:
        raise RefusedError("result-notice-unset", field="case_id") from refusal
    headers = {
        hdrs.CONTENT_DISPOSITION: 'attachment; filename="result-notice.pdf"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    return web.Response(body=body, content_type="application/pdf", headers=headers)


def _rules(request: web.Request) -> NoticeRules:
    rules = request.app[RULES]
    return NoticeRules(
        rules.result_notice, rules.tellings, rules.booking.referrals.periods.within_days
    )
