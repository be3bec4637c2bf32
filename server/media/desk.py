"""The media process's Unix socket: web opens rooms here, and passes participants' lines through.

The first message of a connection says which it is: `join` makes it one participant's, anything
else is a wish of web itself, answered by its number.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from server.media.ends import RECORDING
from server.media.errors import RoomRefusal
from server.media.line import LONGEST_LINE, Line
from server.media.recording.recorder import Recorder, RecordingPlace
from server.media.recording.wishes import OF_ROOM, RECORD, acknowledge, list_outbox
from server.media.rooms import Rooms, unix_now_s
from server.media.session import Session
from server.media.tries import Tries

log = structlog.get_logger()
_FIRST_WORD_S: Final = 10.0
_MOST_LINES: Final = 1024
Wish = Mapping[str, Any]


class Desk:
    """Whoever connects; the folder of the socket is this user's alone."""

    def __init__(self, rooms: Rooms, health: Mapping[str, Any], recording: RecordingPlace) -> None:
        self._rooms, self._health, self._recording = rooms, health, recording
        self._tries = Tries(rooms)
        self._lines = 0

    @contextlib.asynccontextmanager
    async def listen(self, place: Path) -> AsyncIterator[None]:
        """Answer while the block lasts."""
        await asyncio.to_thread(place.unlink, missing_ok=True)
        server = await asyncio.start_unix_server(self._visit, place, limit=LONGEST_LINE)
        try:
            yield
        finally:
            server.close()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        self._lines += 1
        try:
            if self._lines <= _MOST_LINES:
                await self._answer(line)
        except Exception as error:  # noqa: BLE001 - the outermost point of a line: others go on
            log.error("line failed", error=type(error).__name__)  # noqa: TRY400 - no word of a stranger's
        finally:
            self._lines -= 1
            await line.finish()

    async def _answer(self, line: Line) -> None:
        try:
            async with asyncio.timeout(_FIRST_WORD_S):
                first = await line.receive()
        except TimeoutError:
            return
        if first is not None and first.get("wish") == "join":
            await self._attend(line, first)
            return
        while first is not None:
            line.send({"number": first.get("number"), **await self._grant(first)})
            first = await line.receive()

    async def _attend(self, line: Line, said: Wish) -> None:
        try:
            room, participant = self._rooms.enter(said.get("room"), said.get("token"))
        except RoomRefusal as refused:
            line.send({"told": "refused", "say": "join", "code": refused.code})
            return
        await Session(room, participant, line).serve()

    async def _grant(self, wish: Wish) -> Mapping[str, Any]:
        word = wish.get("wish")
        if not isinstance(word, str) or (word not in self._acts and word not in OF_ROOM):
            return {"refused": "unknown-word"}
        try:
            if word in OF_ROOM:
                recorder = self._recorder(wish)
                if word == RECORD:
                    self._rooms.check_recorded(self._rooms.get(wish.get("room")))
                await OF_ROOM[word](recorder, wish)
                return {"recording": recorder.told()}
            return await self._acts[word](self, wish)
        except RoomRefusal as refused:
            return {"refused": refused.code}

    def _recorder(self, wish: Wish) -> Recorder:
        if RECORDING in self._rooms.settled.engine.lacks:
            raise RoomRefusal("engine-lacks-recording")
        return self._rooms.get(wish.get("room")).recorder

    async def _open(self, wish: Wish) -> Mapping[str, Any]:
        if not self._health["way"]:
            raise RoomRefusal("engine-broken")
        await self._rooms.settled.engine.check()
        self._rooms.open(wish.get("room"), wish.get("key"))
        return {"opened": True}

    async def _try(self, wish: Wish) -> Mapping[str, Any]:
        if not self._health["way"]:
            raise RoomRefusal("engine-broken")
        most, life_s = wish.get("most"), wish.get("life_s")
        self._tries.open(wish.get("room"), wish.get("key"), most=most, life_s=life_s)
        return {"opened": True}

    async def _close(self, wish: Wish) -> Mapping[str, Any]:
        await self._rooms.close(wish.get("room"))
        return {"closed": True}

    async def _remove(self, wish: Wish) -> Mapping[str, Any]:
        room = self._rooms.get(wish.get("room"))
        return {"removed": room.remove(str(wish.get("person")), unix_now_s())}

    async def _stats(self, wish: Wish) -> Mapping[str, Any]:
        return {"stats": self._rooms.stats(wish.get("room"))}

    async def _list_outbox(self, _wish: Wish) -> Mapping[str, Any]:
        return await list_outbox(self._recording)

    async def _acknowledge(self, wish: Wish) -> Mapping[str, Any]:
        return await acknowledge(self._recording, wish)

    async def _tell_health(self, _wish: Wish) -> Mapping[str, Any]:
        return {**self._health, **self._rooms.load()}

    _acts: Final[Mapping[str, Callable[["Desk", Wish], Awaitable[Mapping[str, Any]]]]] = {
        "open": _open,
        "try": _try,
        "close": _close,
        "remove": _remove,
        "stats": _stats,
        "health": _tell_health,
        "outbox": _list_outbox,
        "acknowledge": _acknowledge,
    }
