"""Recording a call: asked for, agreed to or not, paused, ended; everybody in it is asked (T21)."""

from collections.abc import Callable

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.work import Work
from consult.rooms.recordings import service as recordings
from consult.rooms.recordings import service_guest
from consult.rooms.rights import Talks
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import Body, parse_body
from server.keys import RULES
from server.recordings.settling import settle
from server.requests import path_id
from server.rooms.guests import session_of
from server.rooms.standing import talks_of
from server.transactions import as_system, as_system_read, in_read, in_unit
from server.views.recordings import (
    RecordingAnswer,
    guest_recording_as_json,
    recording_as_json,
)

routes = Routes("recordings")
_Step = Callable[..., str]


class ConsentBody(Body):
    """Whether this person, and whoever sits beside her, may be recorded."""

    agreed: bool


@routes.get(
    "/api/cases/{case_id}/room/recording",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    answer=RecordingAnswer,
)
async def show(request: web.Request) -> web.Response:
    """Whether this call is recorded, and who has still to answer."""
    return await _answer(request)


@routes.post(
    "/api/cases/{case_id}/room/recording",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    answer=RecordingAnswer,
)
async def ask(request: web.Request) -> web.Response:
    """Ask everybody in the call whether it may be recorded; who asks has agreed by it."""
    return await _do(request, recordings.ask_recording)


@routes.post(
    "/api/cases/{case_id}/room/recording/answer",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    body=ConsentBody,
    answer=RecordingAnswer,
)
async def answer(request: web.Request) -> web.Response:
    """Agree, refuse, or take back what one agreed to: then it ends."""
    body = await parse_body(request, ConsentBody)

    def step(work: Work, *, case_id: str, talks: Talks) -> str:
        return recordings.answer(work, case_id=case_id, agreed=body.agreed, talks=talks)

    return await _do(request, step)


@routes.post(
    "/api/cases/{case_id}/room/recording/pause",
    action=Action.ENTER_ROOM,
    owns=ObjectType.CASE,
    answer=RecordingAnswer,
)
async def pause(request: web.Request) -> web.Response:
    """Record nothing for a while: everybody in the call may."""
    return await _do(request, recordings.pause)


@routes.post(
    "/api/cases/{case_id}/room/recording/resume",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    answer=RecordingAnswer,
)
async def resume(request: web.Request) -> web.Response:
    """Go on after a pause."""
    return await _do(request, recordings.resume)


@routes.post(
    "/api/cases/{case_id}/room/recording/stop",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    answer=RecordingAnswer,
)
async def stop(request: web.Request) -> web.Response:
    """End the recording; what was recorded is kept in the case."""
    return await _do(request, recordings.stop)


@routes.get("/api/join/room/recording", public=True, answer=RecordingAnswer)
async def show_to_guest(request: web.Request) -> web.Response:
    """Whether this call is recorded, for whoever came into it by a link."""
    return await _answer_guest(request)


@routes.post(
    "/api/join/room/recording/answer", public=True, body=ConsentBody, answer=RecordingAnswer
)
async def answer_as_guest(request: web.Request) -> web.Response:
    """Agree, refuse, or take back what she agreed to: then it ends."""
    body = await parse_body(request, ConsentBody)
    session_hash = session_of(request)
    room_id = await as_system(
        request.app, service_guest.answer, session_hash=session_hash, agreed=body.agreed
    )
    await settle(request.app, room_id)
    return await _answer_guest(request)


@routes.post(
    "/api/join/room/recording/pause", public=True, body=NothingBody, answer=RecordingAnswer
)
async def pause_as_guest(request: web.Request) -> web.Response:
    """Record nothing for a while: everybody in the call may."""
    await parse_body(request, NothingBody)
    session_hash = session_of(request)
    room_id = await as_system(request.app, service_guest.pause, session_hash=session_hash)
    await settle(request.app, room_id)
    return await _answer_guest(request)


async def _do(request: web.Request, step: _Step) -> web.Response:
    """The rows first, and then the media process; the answer tells what both say."""
    app = request.app
    case_id = path_id(request, "case_id")
    room_id = await in_unit(request, step, case_id=case_id, talks=talks_of(app))
    await settle(app, room_id)
    return await _answer(request)


async def _answer(request: web.Request) -> web.Response:
    case_id, talks = path_id(request, "case_id"), talks_of(request.app)
    terms = request.app[RULES].terms
    found = await in_read(request, recording_as_json, case_id, talks=talks, terms=terms)
    return web.json_response(found)


async def _answer_guest(request: web.Request) -> web.Response:
    terms, session_hash = request.app[RULES].terms, session_of(request)
    found = await as_system_read(
        request.app, guest_recording_as_json, session_hash=session_hash, terms=terms
    )
    return web.json_response(found)
