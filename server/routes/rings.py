"""The ring of a call: what rings for the reader, her answer, and ringing again."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.rooms.ringing import service as ringing
from consult.rooms.ringing.model import RingAnswer
from server.doors import Routes
from server.forms import Body, parse_body
from server.keys import RULES
from server.requests import path_id
from server.rooms.standing import talks_of
from server.transactions import in_read, in_unit
from server.views.rings import OwnRingsAnswer, own_rings_as_json
from server.views.rooms import KeptAnswer

routes = Routes("rings")


class RingBody(Body):
    """Take the call (接听), later (稍后), or not now (拒绝)."""

    said: RingAnswer


@routes.get("/api/rings", action=Action.ENTER_ROOM, answer=OwnRingsAnswer)
async def own(request: web.Request) -> web.Response:
    """The calls that ring for the reader now."""
    rules = request.app[RULES].ringing
    return web.json_response(await in_read(request, own_rings_as_json, rules=rules))


@routes.post(
    "/api/cases/{case_id}/room/ring",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    answer=KeptAnswer,
)
async def again(request: web.Request) -> web.Response:
    """Ring the other side in order again, once nobody has answered."""
    await in_unit(
        request,
        ringing.ring_again,
        case_id=path_id(request, "case_id"),
        rules=request.app[RULES].ringing,
        talks=talks_of(request.app),
    )
    return web.json_response(KeptAnswer(kept=True).model_dump())


@routes.post(
    "/api/cases/{case_id}/room/ring/answer",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=RingBody,
    answer=KeptAnswer,
)
async def answer(request: web.Request) -> web.Response:
    """What the reader says to a call that rings for her; who takes it is let in."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, RingBody)
    await in_unit(
        request,
        ringing.answer_ring,
        case_id=case_id,
        said=body.said,
        talks=talks_of(request.app),
    )
    return web.json_response(KeptAnswer(kept=True).model_dump())


@routes.post(
    "/api/cases/{case_id}/room/ring/heard",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    answer=KeptAnswer,
)
async def heard(request: web.Request) -> web.Response:
    """A page of the reader's has begun to ring."""
    case_id = path_id(request, "case_id")
    kept = await in_unit(request, ringing.hear_ring, case_id=case_id, talks=talks_of(request.app))
    return web.json_response(KeptAnswer(kept=kept).model_dump())
