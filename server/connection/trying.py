"""One test of a line: a WebSocket of the page, and two participants of a test room behind it.

What the browser sends as one of them comes back to it as the other, by the way that a room's
packets take. It is the same exchange as in a room, so what passes here passes there.
"""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from aiohttp import WSMsgType, web

from server.connection.rules import ConnectionRules
from server.lifespan import Tasks
from server.media.asking import MediaAwayError
from server.media.line import Line
from server.media.tokens import Claims, Device, seal_token
from server.rooms.desks import MediaDesks

LONGEST_MESSAGE: Final = 1 << 17
_SAYS: Final[Mapping[str, str]] = {"publish": "sender", "answer": "hearer"}
"""Which of the two says a word of the browser's."""
_HEARD: Final = frozenset({"published", "offer", "refused"})
_KEY_BYTES: Final = 32


class TryRefusedError(Exception):
    """There is no test room: `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TryRoom:
    """A room of one browser that takes both parts."""

    def __init__(self, sender: Line, hearer: Line) -> None:
        self._lines = {"sender": sender, "hearer": hearer}

    async def serve(self, socket: web.WebSocketResponse) -> None:
        """Pass words on, both ways, until the browser has gone."""
        loop = asyncio.get_running_loop()
        passing = [
            loop.create_task(_pass_out(line, socket), name="try") for line in self._lines.values()
        ]
        try:
            async for message in socket:
                said = _read(message.data) if message.type is WSMsgType.TEXT else None
                part = _SAYS.get(str((said or {}).get("say")))
                if said is None or part is None:
                    return
                self._lines[part].send(said)
        finally:
            for task in passing:
                task.cancel()


async def _pass_out(line: Line, socket: web.WebSocketResponse) -> None:
    while (told := await line.receive()) is not None:
        if told.get("told") in _HEARD:
            with contextlib.suppress(ConnectionError):
                await socket.send_json(told)


@contextlib.asynccontextmanager
async def open_test_room(
    desk: MediaDesks | None, rules: ConnectionRules, tasks: Tasks
) -> AsyncIterator[TryRoom]:
    """A test room for the time of a block; raises TryRefusedError before it begins.

    A request is cancelled when its browser has gone, so `tasks` close the room beside it.
    """
    if desk is None:
        raise TryRefusedError("off")
    room, key = f"try-{secrets.token_hex(12)}", secrets.token_bytes(_KEY_BYTES)
    async with contextlib.AsyncExitStack() as stack:
        try:
            opened = await desk.ask(
                "try", room=room, key=key.hex(), most=rules.most_tries, life_s=rules.try_s
            )
            if "opened" not in opened:
                raise TryRefusedError("busy")
            stack.callback(lambda: tasks.start(_close(desk, room), name="try"))
            lines = []
            for part in ("sender", "hearer"):
                line = await desk.join(room, _token(room, part, key, rules))
                stack.callback(line.end)
                lines.append(line)
        except MediaAwayError:
            raise TryRefusedError("away") from None
        yield TryRoom(*lines)


async def _close(desk: MediaDesks, room: str) -> None:
    with contextlib.suppress(MediaAwayError):
        await desk.ask("close", room=room)


def _token(room: str, part: str, key: bytes, rules: ConnectionRules) -> str:
    now_s = int(time.time())
    claims = Claims(
        room=room,
        person=part,
        role="participant",
        device=Device.FIRST,
        issued_s=now_s,
        expires_s=now_s + rules.try_s,
    )
    return seal_token(claims, key)


def _read(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
