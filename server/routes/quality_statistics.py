"""Supervision's table of eyes that could not be read, by site and photographer; also as a file."""

from aiohttp import web

from consult.access.model import Action
from consult.dossiers.statistics import note_counted
from server.doors import Routes
from server.i18n import N_
from server.pages import render
from server.requests import signed_in
from server.statistics_forms import Asked, as_file, asked_of
from server.transactions import in_read, in_unit
from server.views import quality_statistics as views

routes = Routes("quality_statistics")


@routes.get("/oversight/quality", action=Action.SEE_JOURNAL)
async def index(request: web.Request) -> web.Response:
    """The eyes of a period."""
    page = await _counted(request, asked_of(request), is_export=False)
    return await render(
        request,
        "oversight/quality.html",
        title=N_("Image quality by site and photographer"),
        page=page,
        heads=views.heads(request),
        lines=views.lines(request, page),
    )


@routes.get("/api/oversight/quality", action=Action.SEE_JOURNAL, answer=views.QualityAnswer)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    page = await _counted(request, asked_of(request), is_export=False)
    return web.json_response(views.as_json(page))


@routes.get("/oversight/quality.csv", action=Action.SEE_JOURNAL, takes_out=True)
async def download(request: web.Request) -> web.Response:
    """The same as a table that Excel opens."""
    asked = asked_of(request)
    page = await _counted(request, asked, is_export=True)
    return as_file(asked, views.as_csv(request, page), name="image-quality")


async def _counted(request: web.Request, asked: Asked, *, is_export: bool) -> views.Page:
    """Counted beside the writers; then the journal says who looked."""
    page = await in_read(request, views.make_page, asked, zone=signed_in(request).zone)
    await in_unit(request, note_counted, asked.wanted, by="quality", is_export=is_export)
    return page
