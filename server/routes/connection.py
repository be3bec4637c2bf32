"""The test of a line (线路测试), before anybody speaks by video from this browser (VID-03)."""

import asyncio
import contextlib
from datetime import timedelta
from math import ceil
from typing import Final

import structlog
from aiohttp import web

from consult.kernel.errors import ForbiddenError
from server.auth.counters import Budget
from server.auth.fields import NothingBody
from server.connection.trying import LONGEST_MESSAGE, TryRefusedError, open_test_room
from server.doors import Routes
from server.forms import parse_body
from server.i18n import N_
from server.keys import COUNTERS, MEDIA, RULES, SETTINGS, TASKS
from server.pages import render
from server.requests import signed_in
from server.turn.answering import RelayAnswer, answer_relay
from server.views import connection as views

log = structlog.get_logger()
routes = Routes("connection")
_MINUTE: Final = timedelta(minutes=1)


class ConnectionLimitedError(ForbiddenError):
    """Somebody asked too often in a while."""

    def __init__(self, left: timedelta) -> None:
        super().__init__("connection-limited", minutes=ceil(left / _MINUTE))


@routes.get("/connection")
async def show(request: web.Request) -> web.Response:
    """The page."""
    page = views.of_connection(request.app[SETTINGS], request.host)
    return await render(request, "connection/show.html", title=N_("Connection test"), page=page)


@routes.post("/api/connection/relay", body=NothingBody, answer=RelayAnswer)
async def relay(request: web.Request) -> web.Response:
    """A name for the relay, good for a while; counted, and never written down."""
    await parse_body(request, NothingBody)
    await _spend(request, "relay", request.app[RULES].connection.credentials)
    return await answer_relay(request.app, signed_in(request).actor.person)


@routes.get("/api/connection/line")
async def line(request: web.Request) -> web.WebSocketResponse:
    """A WebSocket that says whether there is a test room, and is a line into it while it lasts."""
    rules = request.app[RULES].connection
    await _spend(request, "line", rules.tries)
    desk = request.app.get(MEDIA)
    socket = web.WebSocketResponse(max_msg_size=LONGEST_MESSAGE, timeout=2)
    await socket.prepare(request)
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(rules.try_s):
            try:
                async with open_test_room(desk, rules, request.app[TASKS]) as room:
                    await socket.send_json({"told": "ready", "room": "open"})
                    await room.serve(socket)
            except TryRefusedError as refused:
                await socket.send_json({"told": "ready", "room": refused.code})
    await socket.close()
    return socket


async def _spend(request: web.Request, what: str, budget: Budget) -> None:
    name = f"connection {what} {signed_in(request).actor.person}"
    left = await request.app[COUNTERS].spend(name, budget)
    if left is not None:
        raise ConnectionLimitedError(left)
