"""The day's list, its consent forms, and slips of appointments on paper; whose is written down."""

from aiohttp import web

from consult.access.model import Action
from consult.cases.screening import service as screening
from server.booking_page import times
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.transactions import in_read, in_unit
from server.views import screening_paper, slip

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


@routes.get("/screening/slips", action=Action.SEE_REFERRAL)
async def print_slips(request: web.Request) -> web.Response:
    """The slips of every appointment of this institution's patients that lies ahead, in one job."""
    slips = await in_unit(request, slip.make_slips)
    return await render(
        request,
        "screening/slips.html",
        title=N_("Appointment slips"),
        slips=slips,
        **times(request),
    )
