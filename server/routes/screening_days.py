"""The screening list of another day: read, and what was left open carried over to today."""

from datetime import date

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action
from consult.cases.screening import service as screening
from consult.kernel.errors import NotFoundError
from server.doors import Routes
from server.forms import Body, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import query_page
from server.transactions import in_read, in_unit
from server.typed import Day
from server.views import screening_day as views
from server.views.sign_in import as_json

routes = Routes("screening_days")


class CarryBody(Body):
    """Whose open patients are carried over."""

    day: Day


class CarriedAnswer(BaseModel):
    """How many were put on today's list, and where one goes on."""

    count: int
    location: str


@routes.get("/screening/days", action=Action.PREPARE_CASE)
async def show(request: web.Request) -> web.Response:
    """The list of one day, by default the newest before today; nothing is begun on it."""
    page = await in_read(
        request,
        views.make_day,
        request.app[RULES],
        day=_asked_day(request),
        number=query_page(request),
    )
    return await render(
        request, "screening/day.html", title=N_("Screening of another day"), page=page
    )


@routes.post(
    "/api/screening/carry-over", action=Action.PREPARE_CASE, body=CarryBody, answer=CarriedAnswer
)
async def carry_over(request: web.Request) -> web.Response:
    """Whoever was left open on that day stands on today's list too, with her draft."""
    body = await parse_body(request, CarryBody)
    rules = request.app[RULES].screening
    count = await in_unit(request, screening.carry_over, body.day, rules=rules)
    return as_json(CarriedAnswer(count=count, location="/screening"))


def _asked_day(request: web.Request) -> date | None:
    asked = request.query.get("day", "")
    try:
        return date.fromisoformat(asked) if asked else None
    except ValueError:
        raise NotFoundError from None
