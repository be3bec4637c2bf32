"""Who sits beside the people of a call: said in it, by whoever sits there."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.rooms.present import service as present
from consult.rooms.present.model import LONGEST_NAME, IdentityBy, NewPresent, PresentAs
from server.doors import Routes
from server.forms import Body, Id, Line, parse_body
from server.requests import path_id
from server.rooms.standing import talks_of
from server.transactions import in_unit
from server.views.rooms import KeptAnswer

routes = Routes("room_present")


class PresentBody(Body):
    """One person: as what, by name or function; of the patient how she was identified."""

    who: PresentAs
    name: Annotated[Line, Field(max_length=LONGEST_NAME)] | None = None
    identity: IdentityBy | None = None


class GoneBody(Body):
    """Who sits there no more."""

    present_id: Id


@routes.post(
    "/api/cases/{case_id}/room/present",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=PresentBody,
    answer=KeptAnswer,
)
async def say(request: web.Request) -> web.Response:
    """Write down who sits beside the reader, who is in the call."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, PresentBody)
    await in_unit(
        request,
        present.say_present,
        case_id=case_id,
        new=NewPresent(body.who, body.name or "", body.identity),
        talks=talks_of(request.app),
    )
    return web.json_response(KeptAnswer(kept=True).model_dump())


@routes.post(
    "/api/cases/{case_id}/room/present/gone",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=GoneBody,
    answer=KeptAnswer,
)
async def gone(request: web.Request) -> web.Response:
    """Write that somebody of the reader's side sits there no more."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, GoneBody)
    kept = await in_unit(
        request,
        present.say_gone,
        case_id=case_id,
        present_id=body.present_id,
        talks=talks_of(request.app),
    )
    return web.json_response(KeptAnswer(kept=kept).model_dump())
