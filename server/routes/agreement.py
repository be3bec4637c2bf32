"""Supervision's table of readers who read the same cases, and how far they agree (Q-10)."""

from aiohttp import web

from consult.access.model import Action
from consult.dossiers.statistics import note_counted
from server.doors import Routes
from server.i18n import N_
from server.pages import render
from server.statistics_forms import asked_of
from server.transactions import in_read, in_unit
from server.views import agreement as views

routes = Routes("agreement")


@routes.get("/oversight/agreement", action=Action.SEE_JOURNAL)
async def index(request: web.Request) -> web.Response:
    """The pairs of a period."""
    page = await _counted(request)
    return await render(
        request,
        "oversight/agreement.html",
        title=N_("Agreement of readers"),
        page=page,
        heads=views.heads(request),
        lines=views.lines(request, page),
    )


@routes.get("/api/oversight/agreement", action=Action.SEE_JOURNAL, answer=views.AgreementAnswer)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    return web.json_response(views.as_json(await _counted(request)))


async def _counted(request: web.Request) -> views.Page:
    """Counted beside the writers; then the journal says who looked."""
    asked = asked_of(request)
    page = await in_read(request, views.make_page, asked)
    await in_unit(request, note_counted, asked.wanted, by="agreement", is_export=False)
    return page
