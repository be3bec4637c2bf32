"""In the room, or before its door, without an account (VID-09): the doors of a link's browser."""

from functools import partial

import structlog
from aiohttp import web

from consult.rooms.links import service_guest
from consult.rooms.model import Measured, RoomDevice
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import parse_body
from server.keys import RULES
from server.recordings.settling import hold_for_link
from server.rooms.guests import GuestGround, guest_of, session_of
from server.rooms.lines import RoomLine, serve_line
from server.rooms.opening import open_line
from server.routes.rooms import SampleBody
from server.security import require_own_page
from server.transactions import as_system, as_system_read
from server.turn.answering import RelayAnswer, answer_relay
from server.views import join as views
from server.views.rooms import KeptAnswer, KnockAnswer, RoomsAnswer, knock_as_json
from server.views.sign_in import as_json

log = structlog.get_logger()
routes = Routes("join")


@routes.get("/api/join/room", public=True, answer=RoomsAnswer)
async def room(request: web.Request) -> web.Response:
    """Whether she is let in, and who is there: no case, no patient, no other call."""
    guest = await guest_of(request)
    terms = request.app[RULES].terms
    found = await as_system_read(
        request.app, views.room_as_json, guest=guest, session_hash=session_of(request), terms=terms
    )
    return web.json_response(found)


@routes.post("/api/join/room/knock", public=True, answer=KnockAnswer)
async def knock(request: web.Request) -> web.Response:
    """Ask to be let in."""
    found = await as_system(
        request.app,
        service_guest.knock,
        session_hash=session_of(request),
        rules=request.app[RULES].rooms.links,
    )
    return web.json_response(knock_as_json(found))


@routes.post("/api/join/room/sample", public=True, body=SampleBody, answer=KeptAnswer)
async def sample(request: web.Request) -> web.Response:
    """Keep what her browser measured; too soon after the last time, nothing is kept."""
    body = await parse_body(request, SampleBody)
    kept = await as_system(
        request.app,
        service_guest.measure,
        session_hash=session_of(request),
        measured=Measured(**body.model_dump()),
        limits=request.app[RULES].rooms.limits,
    )
    return as_json(KeptAnswer(kept=kept))


@routes.post("/api/join/room/relay", public=True, body=NothingBody, answer=RelayAnswer)
async def relay(request: web.Request) -> web.Response:
    """A name for the relay, for whoever has been let in."""
    await parse_body(request, NothingBody)
    session_hash = session_of(request)
    await as_system_read(request.app, service_guest.find_place, session_hash=session_hash)
    guest = await guest_of(request)
    return await answer_relay(request.app, guest.link.person_id)


@routes.get("/api/join/room/line", public=True)
async def line(request: web.Request) -> web.StreamResponse:
    """Her own line (WebSocket): a guest's, or a second device's."""
    app, session_hash = request.app, session_of(request)
    place = await as_system_read(app, service_guest.find_place, session_hash=session_hash)
    require_own_page(request)
    guest = await guest_of(request)
    hold = partial(hold_for_link, app, place.room.id, guest.link.person_id)
    outer, process = await open_line(request, place, hold)
    if not process:
        return outer
    ground = GuestGround(app, session_hash, place.room.id)
    device = RoomDevice.FIRST if guest.link.is_guest else RoomDevice.COMPANION
    come_in = partial(as_system, app, service_guest.come_in, session_hash=session_hash)
    await serve_line(
        RoomLine(request, place, guest.link.person_id, device, outer, ground, come_in, process)
    )
    return outer
