"""People in a video room through web's own door: a plain aiortc peer on a signed-in WebSocket."""

import asyncio
import secrets
from typing import Any, cast

import aiohttp

from server.media.asking import MediaDesk
from tests.makers.light_peer import LightPeer
from tests.makers.visitor import Visitor


class WebLine:
    """A WebSocket that speaks as a line of the media process does."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._sending: set[asyncio.Task[None]] = set()
        self._last: asyncio.Task[None] | None = None
        self._hearing: asyncio.Task[aiohttp.WSMessage] | None = None

    async def receive(self) -> dict[str, Any] | None:
        """The next message, or None when the line has ended."""
        # whoever stops listening has not hung up: a browser says goodbye as well
        self._hearing = self._hearing or asyncio.ensure_future(self.socket.receive())
        message = await asyncio.shield(self._hearing)
        self._hearing = None
        return message.json() if message.type is aiohttp.WSMsgType.TEXT else None

    def send(self, message: dict[str, Any]) -> None:
        """One after the other, in their order."""
        self._last = asyncio.ensure_future(self._send(self._last, message))
        self._sending.add(self._last)
        self._last.add_done_callback(self._sending.discard)

    def end(self) -> None:
        """Hang up, as a browser does that is closed."""
        task = asyncio.ensure_future(self.finish())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, before: asyncio.Task[None] | None, message: dict[str, Any]) -> None:
        if before is not None:
            await before
        if not self.socket.closed:
            await self.socket.send_json(message)

    async def finish(self) -> None:
        """Hang up once all is said."""
        if self._last is not None:
            await self._last
        await self.socket.close()


class WebDoor:
    """Where a `LightPeer` finds its line: web's door instead of the media process's."""

    def __init__(self, visitor: Visitor, case_id: str, device: str) -> None:
        self.visitor, self.case_id, self.device = visitor, case_id, device
        self.line: WebLine | None = None

    async def join(self, _room: str, _token: str) -> WebLine:
        """The line of whoever is signed in; raises WSServerHandshakeError where there is none."""
        socket = await open_line(self.visitor, self.case_id, device=self.device)
        self.line = WebLine(socket)
        return self.line


async def open_line(
    visitor: Visitor, case_id: str, *, device: str = "first", origin: str | None = None
) -> aiohttp.ClientWebSocketResponse:
    """The bare WebSocket of a person in the room of a case."""
    path = f"/api/cases/{case_id}/room/line?device={device}"
    headers = {} if origin == "" else {"Origin": origin or visitor.base}
    return await visitor.raw.ws_connect(path, headers=headers)


class WebPeer(LightPeer):
    """A participant who came in by web's door."""

    def __init__(self, visitor: Visitor, case_id: str, *, device: str = "first") -> None:
        self.door = WebDoor(visitor, case_id, device)
        super().__init__(cast("MediaDesk", self.door), "", "")

    async def come_back(self) -> None:
        """Come again by another line, where the one that there was has been cut."""
        if self.door.line is None or self.door.line.socket.closed:
            await self.join()

    @property
    def close_code(self) -> int | None:
        """With what code the line ended."""
        return None if self.door.line is None else self.door.line.socket.close_code


async def meet(one: WebPeer, other: WebPeer) -> None:
    """Each sends until the other has it, in sound and in picture."""
    for speaker, hearer in ((one, other), (other, one)):
        text = secrets.token_bytes(8)

        def has_come(speaker: WebPeer = speaker, hearer: WebPeer = hearer, t: bytes = text) -> bool:
            found = (hearer.texts(speaker.name, each) for each in ("camera", "microphone"))
            return all(t in each for each in found)

        await speaker.send_until(has_come, text=text)
