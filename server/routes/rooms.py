"""The video room of a case: calling, knocking, letting in, the line, and what is on record."""

from functools import partial
from typing import Annotated

from aiohttp import web
from pydantic import Field, Strict

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.kernel.ids import new_id
from consult.kernel.keys import make_key
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.model import Measured, NewRoom, RoomDevice
from consult.rooms.ringing import service as ringing
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.keys import RULES
from server.recordings.settling import hold_recording
from server.requests import path_id, signed_in
from server.rooms.lines import RoomLine, serve_line
from server.rooms.looking import sight_of
from server.rooms.opening import open_line
from server.rooms.placing import close_room, desk_of, place_room, put_out
from server.rooms.standing import standing_of, talks_of
from server.security import require_own_page
from server.transactions import in_read, in_unit
from server.views.rooms import (
    CalledAnswer,
    KeptAnswer,
    KnockAnswer,
    RoomsAnswer,
    knock_as_json,
    rooms_as_json,
)

routes = Routes("rooms")
_Share = Annotated[int, Strict(), Field(ge=0, le=1000)]
_Time = Annotated[int, Strict(), Field(ge=0, le=60_000)]
_Side = Annotated[int, Strict(), Field(ge=0, le=8192)]


class AnswerBody(Body):
    """Whether somebody who knocked is let in; False puts out whoever is inside."""

    person_id: Id
    admitted: bool


class SampleBody(Body):
    """What a browser measured of its line (getStats), and how large the picture is that it sees."""

    lost_per_mille: _Share
    round_trip_ms: _Time
    width: _Side
    height: _Side


@routes.get(
    "/api/cases/{case_id}/room",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    answer=RoomsAnswer,
)
async def show(request: web.Request) -> web.Response:
    """The open room, who is at its door, and what is on record of all rooms of the case."""
    case_id = path_id(request, "case_id")
    app = request.app
    terms = app[RULES].terms
    found = await in_read(request, rooms_as_json, case_id, talks=talks_of(app), terms=terms)
    return web.json_response(found)


@routes.post(
    "/api/cases/{case_id}/room",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    answer=CalledAnswer,
)
async def call(request: web.Request) -> web.Response:
    """Call now (现在呼叫): open the case's room and ring the other side, or find it open."""
    app, case_id = request.app, path_id(request, "case_id")
    talks = talks_of(app)
    known = await in_read(request, rooms.find_called, case_id, talks=talks)
    desk_of(app)
    if known is None:
        room_id, key = new_id(), make_key()
        made = NewRoom(room_id, key, await place_room(app, room_id, key))
        try:
            known = await in_unit(
                request,
                ringing.call_and_ring,
                case_id=case_id,
                made=made,
                rules=app[RULES].ringing,
                talks=talks,
            )
        finally:
            if known is None or known.id != room_id:
                await close_room(app, room_id)
    return web.json_response(CalledAnswer(room_id=known.id).model_dump())


@routes.post(
    "/api/cases/{case_id}/room/knock",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    answer=KnockAnswer,
)
async def knock(request: web.Request) -> web.Response:
    """Ask to be let in."""
    case_id = path_id(request, "case_id")
    found = await in_unit(request, rooms.knock, case_id=case_id, talks=talks_of(request.app))
    return web.json_response(knock_as_json(found))


@routes.post(
    "/api/cases/{case_id}/room/answer",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    body=AnswerBody,
    answer=KeptAnswer,
)
async def answer(request: web.Request) -> web.Response:
    """Let one person in, or turn her away, also out of the room."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, AnswerBody)
    room = await in_unit(
        request,
        rooms.answer_knock,
        case_id=case_id,
        person_id=body.person_id,
        admitted=body.admitted,
        talks=talks_of(request.app),
    )
    if not body.admitted:
        await put_out(request.app, room.id, body.person_id)
    return web.json_response(KeptAnswer(kept=True).model_dump())


@routes.post(
    "/api/cases/{case_id}/room/end",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    answer=KeptAnswer,
)
async def end(request: web.Request) -> web.Response:
    """End the call for everybody."""
    case_id = path_id(request, "case_id")
    room = await in_unit(request, rooms.end_room, case_id=case_id, talks=talks_of(request.app))
    await close_room(request.app, room.id)
    return web.json_response(KeptAnswer(kept=True).model_dump())


@routes.post(
    "/api/cases/{case_id}/room/sample",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=SampleBody,
    answer=KeptAnswer,
)
async def sample(request: web.Request) -> web.Response:
    """Keep what the browser measured; too soon after the last time, nothing is kept."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, SampleBody)
    kept = await in_unit(
        request,
        service_stay.measure,
        case_id=case_id,
        measured=Measured(**body.model_dump()),
        limits=request.app[RULES].rooms.limits,
        talks=talks_of(request.app),
    )
    return web.json_response(KeptAnswer(kept=kept).model_dump())


@routes.get("/api/cases/{case_id}/room/line", action=Action.ENTER_ROOM, owns=ObjectType.CASE)
async def line(request: web.Request) -> web.StreamResponse:
    """A participant's own line (WebSocket); `?device=companion` is a second one of a person."""
    app, case_id = request.app, path_id(request, "case_id")
    place = await in_read(request, service_stay.find_place, case_id=case_id, talks=talks_of(app))
    require_own_page(request)
    device = _device(request)
    hold = partial(hold_recording, request, case_id, place.room.id)
    outer, process = await open_line(request, place, hold)
    if not process:
        return outer
    standing = standing_of(request, case_id=case_id, room_id=place.room.id)
    person_id = signed_in(request).actor.person
    come_in = partial(
        in_unit, request, service_stay.come_in, case_id=case_id, device=device, talks=talks_of(app)
    )
    ground = (standing, come_in, process, sight_of(request))
    await serve_line(RoomLine(request, place, person_id, device, outer, *ground))
    return outer


def _device(request: web.Request) -> RoomDevice:
    try:
        return RoomDevice(request.query.get("device", RoomDevice.FIRST))
    except ValueError:
        raise RefusedError("field-malformed", field="device") from None
