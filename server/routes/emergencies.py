"""Opening another institution's case in an emergency, and its review (ID-11)."""

from typing import Literal

from aiohttp import web

from consult.access.model import Action
from consult.reports.emergencies import service as emergencies
from consult.reports.emergencies.errors import NoSuchCaseError
from server.auth.fields import Password
from server.auth.reauth import confirm_person
from server.doors import Routes
from server.forms import Body, Line, Reason, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import emergencies as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("emergencies")
_PAGE = "/admin/emergencies"


class EmergencyBody(Body):
    """Which case, why, and the password again; a provider's guest is asked there instead."""

    number: Line
    reason: Reason
    password: Password | None = None


class ReviewBody(Body):
    """What the review found."""

    verdict: Literal["justified", "questioned"]


@routes.get("/emergency", action=Action.OPEN_IN_EMERGENCY)
async def show(request: web.Request) -> web.Response:
    """The form, and what is open to the person now."""
    rules, tongue = request.app[RULES].sign_in.emergency, language(request)
    page = await in_read(request, views.make_mine, tongue=tongue, rules=rules)
    title = N_("Emergency access")
    return await render(request, "emergencies/show.html", title=title, page=page)


@routes.post("/api/emergency", action=Action.OPEN_IN_EMERGENCY, body=EmergencyBody, answer=Moved)
async def open_case(request: web.Request) -> web.Response:
    """Open a case to this person for a while."""
    body = await parse_body(request, EmergencyBody)
    await confirm_person(request, body.password)
    asked = {"number": body.number.upper(), "reason": body.reason}
    rules = request.app[RULES].sign_in.emergency
    try:
        case_id = await in_unit(request, emergencies.open_case, rules=rules, **asked)
    except NoSuchCaseError:
        await in_unit(request, emergencies.record_miss, **asked)
        raise
    return moved(f"/cases/{case_id}")


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show_reviews(request: web.Request) -> web.Response:
    """The openings within reach, those that wait for a review first."""
    rules, tongue = request.app[RULES].sign_in.emergency, language(request)
    page = await in_read(request, views.make_reviews, tongue=tongue, rules=rules)
    title = N_("Emergency access")
    return await render(request, "admin/emergencies.html", title=title, page=page)


@routes.get(
    "/api/admin/emergencies", action=Action.ADMINISTER_CONSORTIUM, answer=views.EmergencyPage
)
async def list_reviews(request: web.Request) -> web.Response:
    """The same as data."""
    rules, tongue = request.app[RULES].sign_in.emergency, language(request)
    return as_document(await in_read(request, views.make_reviews, tongue=tongue, rules=rules))


@routes.post(
    "/api/admin/emergencies/{emergency_id}/review",
    action=Action.ADMINISTER_CONSORTIUM,
    body=ReviewBody,
    answer=Moved,
)
async def review(request: web.Request) -> web.Response:
    """Say what the review found."""
    body = await parse_body(request, ReviewBody)
    emergency_id = path_id(request, "emergency_id")
    await in_unit(request, emergencies.review, emergency_id=emergency_id, verdict=body.verdict)
    return moved(_PAGE)
