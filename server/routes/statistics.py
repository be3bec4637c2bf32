"""Supervision's statistics: how many, in time or not, and what became of them; also as a file."""

from aiohttp import web

from consult.access.model import Action
from consult.dossiers.statistics import note_counted
from server.doors import Routes
from server.i18n import N_
from server.pages import render
from server.statistics_forms import Asked, as_file, asked_of
from server.transactions import in_read, in_unit
from server.views import statistics as views
from server.views import statistics_calls

routes = Routes("statistics")


@routes.get("/oversight/statistics", action=Action.SEE_JOURNAL)
async def index(request: web.Request) -> web.Response:
    """The numbers of a period."""
    page = await _counted(request, asked_of(request), is_export=False)
    return await render(
        request,
        "oversight/statistics.html",
        title=N_("Statistics"),
        page=page,
        groups=views.groups(request),
        heads=views.heads(request, page),
        lines=views.lines(request, page),
        repeat_heads=views.repeat_heads(request, page),
        repeat_lines=views.repeat_lines(request, page),
        call_heads=statistics_calls.call_heads(request),
        call_lines=statistics_calls.call_lines(request, page),
    )


@routes.get("/api/oversight/statistics", action=Action.SEE_JOURNAL, answer=views.StatisticsAnswer)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    page = await _counted(request, asked_of(request), is_export=False)
    return web.json_response(views.as_json(page))


@routes.get("/oversight/statistics.csv", action=Action.SEE_JOURNAL, takes_out=True)
async def download(request: web.Request) -> web.Response:
    """The same as a table that Excel opens."""
    asked = asked_of(request)
    page = await _counted(request, asked, is_export=True)
    return as_file(asked, views.as_csv(request, page), name="statistics")


async def _counted(request: web.Request, asked: Asked, *, is_export: bool) -> views.Page:
    """Counted beside the writers; then the journal says who looked."""
    page = await in_read(request, views.make_page, asked.wanted, by=asked.by, period=asked.period)
    await in_unit(request, note_counted, asked.wanted, by=asked.by.value, is_export=is_export)
    return page
