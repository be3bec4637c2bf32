"""The event stream: one a browser, resumable, and its fallback by polling."""

import asyncio
import contextlib
import json

from aiohttp import hdrs, web
from pydantic import BaseModel

from consult.journal.model import Line
from consult.people.sessions import service as sessions
from server.auth.cookies import hash_token
from server.doors import Routes
from server.keys import STREAM
from server.requests import TOKEN, signed_in
from server.stream import Subscriber
from server.transactions import as_system_read

HEARTBEAT_S = 4  # with the question that follows it, a revoked session hears 5 s at most (T5)
_LARGEST_POSITION = 2**53

routes = Routes("events")


class LineAnswer(BaseModel):
    """One line of the journal, without its words."""

    position: int
    kind: str
    object_type: str
    object_id: str
    case_id: str | None
    at: str


class MissedAnswer(BaseModel):
    """What was missed since a position; `reset` where that is too long ago to tell."""

    position: int
    entries: list[LineAnswer]
    reset: bool


@routes.get("/api/events")
async def follow(request: web.Request) -> web.StreamResponse:
    """New journal lines about what the person may see, as they are written."""
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8",
            hdrs.CACHE_CONTROL: "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    stream = request.app[STREAM]
    with contextlib.suppress(ConnectionResetError):  # a browser that goes away is no failure
        async with stream.subscribe(signed_in(request).actor) as subscriber:
            await response.prepare(request)
            await response.write(b": here\n\n")
            sent = await _catch_up(request, response)
            while not subscriber.lost and await _is_open(request):
                sent = await _send_until_heartbeat(response, subscriber, sent)
            if subscriber.lost:
                await _send(response, "reset", stream.position, {})
    return response


@routes.get("/api/events/since", answer=MissedAnswer)
async def since(request: web.Request) -> web.Response:
    """The same lines for a browser whose stream is held up on the way."""
    position = _position(request.query.get("position"))
    missed = None
    if position is not None:
        missed = await request.app[STREAM].lines_since(signed_in(request).actor, position)
    if missed is None:
        return web.json_response(
            {"position": request.app[STREAM].position, "entries": [], "reset": position is not None}
        )
    last, lines = missed
    return web.json_response(
        {"position": last, "entries": [_as_json(line) for line in lines], "reset": False}
    )


async def _catch_up(request: web.Request, response: web.StreamResponse) -> int:
    """Send what was missed since Last-Event-ID, or `reset` when that is too long ago."""
    stream = request.app[STREAM]
    position = _position(request.headers.get("Last-Event-ID"))
    if position is None:
        await _send(response, "start", stream.position, {})
        return stream.position
    missed = await stream.lines_since(signed_in(request).actor, position)
    if missed is None:
        await _send(response, "reset", stream.position, {})
        return stream.position
    last, lines = missed
    for line in lines:
        await _send(response, "entry", line.position, _as_json(line))
    return last


async def _is_open(request: web.Request) -> bool:
    """Whether the session behind the stream still lives; asked at every heartbeat."""
    token_hash = hash_token(str(request[TOKEN]))
    found = await as_system_read(request.app, sessions.find_signed_in, token_hash=token_hash)
    return found is not None


async def _send_until_heartbeat(
    response: web.StreamResponse, subscriber: Subscriber, sent: int
) -> int:
    """Pass on what comes until it is time for a sign of life."""
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            while not subscriber.lost:
                line = await subscriber.lines.get()
                if line.position > sent:
                    await _send(response, "entry", line.position, _as_json(line))
                    sent = line.position
    except TimeoutError:
        await response.write(b": still here\n\n")
    return sent


async def _send(response: web.StreamResponse, event: str, position: int, data: object) -> None:
    text = f"id: {position}\nevent: {event}\ndata: {json.dumps(data)}\n\n"
    await response.write(text.encode())


def _as_json(line: Line) -> dict[str, str | int | None]:
    return {
        "position": line.position,
        "kind": line.kind,
        "object_type": line.object_type,
        "object_id": line.object_id,
        "case_id": line.case_id,
        "at": line.at.isoformat(),
    }


def _position(text: str | None) -> int | None:
    if (
        text is None
        or not text.isascii()
        or not text.isdigit()
        or len(text) > len(str(_LARGEST_POSITION))
    ):
        return None
    return int(text)
