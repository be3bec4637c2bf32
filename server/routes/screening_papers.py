"""The day's list and its consent forms on paper; of whom is written down."""

from aiohttp import web

from consult.access.model import Action
from consult.cases.screening import service as screening
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.transactions import in_read, in_unit
from server.views import screening_paper

routes = Routes("screening_papers")


@routes.get("/screening/print", action=Action.PREPARE_CASE)
async def print_list(request: web.Request) -> web.Response:
    """The day's list on paper, with a bar code a patient."""
    page = await in_read(request, screening_paper.make_list, request.app[RULES])
    await in_unit(request, screening.note_printed, page.listed, what="list")
    return await render(request, "screening/paper.html", title=N_("List of the day"), page=page)


@routes.get("/screening/consents", action=Action.PREPARE_CASE)
async def print_consents(request: web.Request) -> web.Response:
    """A consent form on paper for everybody of the day who has signed none."""
    rules = request.app[RULES]
    page = await in_read(request, screening_paper.make_consents, rules)
    await in_unit(request, screening.note_printed, page.listed, what="consent")
    return await render(
        request,
        "screening/consents.html",
        title=N_("Consent forms"),
        page=page,
        consent_rules=rules.cases.consent,
    )
