"""Readings that are held back: both for the arbiter, and afterwards for the panel (Q-10)."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.reports.second import readings
from server.doors import Routes
from server.i18n import N_
from server.pages import render
from server.requests import path_id
from server.transactions import in_unit
from server.views import second_readings as views

routes = Routes("second_readings")


@routes.get("/cases/{case_id}/readings", action=Action.SEE_REPORT, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """The readings as a page."""
    found = await in_unit(request, views.open_page, path_id(request, "case_id"))
    return await render(
        request,
        "second_readings/show.html",
        title=N_("Readings of this case"),
        page=found,
        columns=found.columns(request),
        differences=found.differences(request),
    )


@routes.get(
    "/api/cases/{case_id}/readings",
    action=Action.SEE_REPORT,
    owns=ObjectType.CASE,
    answer=views.ReadingsAnswer,
)
async def read(request: web.Request) -> web.Response:
    """The same as data."""
    found = await in_unit(request, views.open_page, path_id(request, "case_id"))
    return web.json_response(views.as_json(found))


@routes.post(
    "/api/cases/{case_id}/readings/{reading_id}/adopt",
    action=Action.WRITE_REPORT,
    owns=ObjectType.CASE,
    answer=views.AdoptedAnswer,
)
async def adopt(request: web.Request) -> web.Response:
    """The arbiter's draft begins as this reading; the answer holds what gave way to it."""
    adopted = await in_unit(
        request,
        readings.adopt_reading,
        case_id=path_id(request, "case_id"),
        reading_id=path_id(request, "reading_id"),
    )
    return web.json_response(views.as_adopted(adopted))
