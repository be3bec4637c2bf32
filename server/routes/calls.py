"""The calls of a case on paper, and the minutes of one."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.rooms import minutes
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.rooms.standing import talks_of
from server.transactions import in_read, in_unit
from server.views.call_sheet import make_sheet
from server.views.rooms import KeptAnswer

routes = Routes("calls")


class MinutesBody(Body):
    """The minutes of one call of the case, whole."""

    room_id: Id
    content: Annotated[Text, Field(min_length=1, max_length=minutes.LONGEST_MINUTES)]


@routes.get("/cases/{case_id}/calls", action=Action.ENTER_ROOM, owns=ObjectType.CASE)
async def sheet(request: web.Request) -> web.Response:
    """Who was in each call from when to when, to be signed, with its minutes."""
    page = await in_read(
        request,
        make_sheet,
        path_id(request, "case_id"),
        rules=request.app[RULES],
        talks=talks_of(request.app),
    )
    return await render(
        request, "rooms/sheet.html", title=N_("Attendance of the video consultation"), page=page
    )


@routes.post(
    "/api/cases/{case_id}/minutes",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    body=MinutesBody,
    answer=KeptAnswer,
)
async def write(request: web.Request) -> web.Response:
    """Write the minutes of a call, by its host; what was written before stays on record."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, MinutesBody)
    await in_unit(
        request,
        minutes.write_minutes,
        case_id=case_id,
        room_id=body.room_id,
        content=body.content,
        talks=talks_of(request.app),
    )
    return web.json_response(KeptAnswer(kept=True).model_dump())
