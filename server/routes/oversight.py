"""Supervision: a list with filters, and one page a case that a regulator asks for."""

from datetime import datetime

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases import service_oversight
from consult.cases.model import ServiceType
from consult.cases.oversight_store import Filter
from consult.dossiers.sheet import Sheet, make_sheet
from consult.kernel.work import Work
from consult.reports.seal import Seal
from server import queries
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES, SEAL
from server.months import following, midnight, parse_month
from server.pages import render
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit
from server.views import oversight as views
from server.views import oversight_list as lists

routes = Routes("oversight")


@routes.get("/oversight", action=Action.SEE_JOURNAL)
async def index(request: web.Request) -> web.Response:
    """Submitted cases of the own institution and of supervised consortia."""
    page = await in_read(request, lists.make_list, _filter(request), request.query.get("month", ""))
    return await render(request, "oversight/list.html", title=N_("Oversight"), page=page)


@routes.get("/api/oversight/cases", action=Action.SEE_JOURNAL, answer=lists.OverseenAnswer)
async def list_cases(request: web.Request) -> web.Response:
    """The same as JSON."""
    page = await in_read(request, lists.make_list, _filter(request), request.query.get("month", ""))
    return web.json_response(lists.list_as_json(page))


@routes.get("/oversight/cases/{case_id}", action=Action.SEE_JOURNAL, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """One case on one page."""
    sheet = await _open(request)
    title = N_("Case record for supervision")
    return await render(
        request,
        "oversight/show.html",
        title=title,
        page=sheet,
        turns=views.turn_lines(request, sheet),
        corrections=views.correction_lines(request, sheet.corrections),
        kept=views.kept_lines(request, sheet, request.app[RULES].retention),
        is_told=views.is_told(sheet),
    )


@routes.get(
    "/api/oversight/cases/{case_id}",
    action=Action.SEE_JOURNAL,
    owns=ObjectType.CASE,
    answer=views.SheetAnswer,
)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    return web.json_response(
        views.sheet_as_json(await _open(request), request.app[RULES].retention)
    )


async def _open(request: web.Request) -> Sheet:
    """Gathered beside the writers; then the journal says who looked."""
    case_id = path_id(request, "case_id")
    seal: Seal = request.app[SEAL]
    sheet = await in_read(request, make_sheet, case_id=case_id, seal=seal)
    await in_unit(request, _note, case_id)
    return sheet


def _note(work: Work, case_id: str) -> None:
    service_oversight.note_overseen(work, service_oversight.get_overseen(work, case_id))


def _filter(request: web.Request) -> Filter:
    query = request.query
    start, end = _month(query.get("month", ""), zone=signed_in(request).zone)
    return Filter(
        institution_id=queries.optional_id(request, "institution"),
        submitted_from=start,
        submitted_until=end,
        service_type=queries.optional_choice(request, "service", ServiceType),
        before=queries.optional_id(request, "before"),
    )


def _month(text: str, *, zone: str) -> tuple[datetime | None, datetime | None]:
    """First and last moment of a month as the acting institution reckons it."""
    if not text:
        return None, None
    first = parse_month(text, field="month")
    return midnight(first, zone=zone), midnight(following(first), zone=zone)
