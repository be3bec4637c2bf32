"""The duty rosters of panels: who is on duty in which half-days (ID-10)."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from consult.access.model import Action, ObjectType
from consult.kernel.ids import PractitionerId
from consult.people.duty.keeping import NewDay
from consult.people.duty.model import DayHalf, Turn, WeekDuty
from consult.queue import rosters
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Day, Version
from server.views import rosters as views
from server.views.sign_in import as_json

routes = Routes("rosters")
_MOST_TURNS = 2000
_TURN = r"^[0-9a-f]{32}\.[1-7]-(morning|afternoon)$"


class WeekBody(Body):
    """The whole week: each ticked half-day as `expert.weekday-half`."""

    version: Version
    turns: list[Annotated[str, StringConstraints(pattern=_TURN)]] = Field(
        default=[], max_length=_MOST_TURNS
    )


class DutyDayBody(Body):
    """A day that differs from the week; without a half it is the whole day."""

    expert_id: Id
    day: Day
    half: DayHalf | None = None
    kind: Literal["on", "off"]
    substitute_id: Id | None = None


@routes.get("/rosters", action=Action.KEEP_ROSTER)
async def index(request: web.Request) -> web.Response:
    """The panels whose roster the person keeps, or on which she sits."""
    page = await in_read(request, views.make_list)
    return await render(request, "rosters/list.html", title=N_("Duty rosters"), page=page)


@routes.get("/rosters/{panel_id}", action=Action.KEEP_ROSTER, owns=ObjectType.PANEL)
async def show(request: web.Request) -> web.Response:
    """One panel's roster; whoever does not keep it reads it."""
    page = await in_read(request, views.make_page, panel_id=path_id(request, "panel_id"))
    return await render(request, "rosters/show.html", title=N_("Duty roster"), page=page)


@routes.post(
    "/api/rosters/{panel_id}/week",
    action=Action.KEEP_ROSTER,
    owns=ObjectType.PANEL,
    body=WeekBody,
    answer=views.RosterAnswer,
)
async def set_week(request: web.Request) -> web.Response:
    """Put this week in the place of the panel's; what nobody has taken is offered anew."""
    body = await parse_body(request, WeekBody)
    panel_id = path_id(request, "panel_id")
    moved = await in_unit(
        request, rosters.set_week, panel_id=panel_id, revision=body.version, week=_week(body.turns)
    )
    return _done(panel_id, moved)


@routes.post(
    "/api/rosters/{panel_id}/days",
    action=Action.KEEP_ROSTER,
    owns=ObjectType.PANEL,
    body=DutyDayBody,
    answer=views.RosterAnswer,
)
async def add_day(request: web.Request) -> web.Response:
    """Enter a day on which an expert is on duty, or is not, whatever her week says."""
    body = await parse_body(request, DutyDayBody)
    panel_id = path_id(request, "panel_id")
    is_on = body.kind == "on"
    new = NewDay(body.expert_id, body.day, body.half, is_on, body.substitute_id)
    moved = await in_unit(request, rosters.add_day, panel_id=panel_id, new=new)
    return _done(panel_id, moved)


@routes.post(
    "/api/rosters/{panel_id}/days/{duty_id}/end",
    action=Action.KEEP_ROSTER,
    owns=ObjectType.PANEL,
    answer=views.RosterAnswer,
)
async def end_day(request: web.Request) -> web.Response:
    """The day is as the week says again."""
    panel_id = path_id(request, "panel_id")
    day_id = path_id(request, "duty_id")
    moved = await in_unit(request, rosters.end_day, panel_id=panel_id, day_id=day_id)
    return _done(panel_id, moved)


def _week(turns: list[str]) -> list[WeekDuty]:
    found: dict[str, set[Turn]] = {}
    for each in turns:
        expert_id, _, told = each.partition(".")
        weekday, _, half = told.partition("-")
        found.setdefault(expert_id, set()).add(Turn(int(weekday), DayHalf(half)))
    return [WeekDuty(PractitionerId(who), frozenset(told)) for who, told in found.items()]


def _done(panel_id: str, moved: int) -> web.Response:
    return as_json(views.RosterAnswer(offered_anew=moved, location=f"/rosters/{panel_id}"))
