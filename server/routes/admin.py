"""The administrator's overview: what stands, and what is still missing."""

from aiohttp import web

from consult.access.model import Action
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import language
from server.transactions import in_read
from server.views import admin as views
from server.views.sign_in import as_document

routes = Routes("admin")


@routes.get("/admin", action=Action.ADMINISTER_CONSORTIUM)
async def show(request: web.Request) -> web.Response:
    """How far the setting-up has come."""
    page = await _overview(request)
    return await render(request, "admin/overview.html", title=N_("Administration"), page=page)


@routes.get("/api/admin/overview", action=Action.ADMINISTER_CONSORTIUM, answer=views.Overview)
async def read(request: web.Request) -> web.Response:
    """The same in numbers."""
    return as_document(await _overview(request))


async def _overview(request: web.Request) -> views.Overview:
    rules = request.app[RULES].storage
    return await in_read(request, views.make_overview, tongue=language(request), rules=rules)
