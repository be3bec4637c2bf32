"""Our line to Janus: a WebSocket over a Unix socket, with one session and a handle a connection."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp

from server.media.errors import RoomRefusal

_ANSWERS_S: Final = 10.0
_ALIVE_EVERY_S: Final = 20.0  # Janus forgets a session after 60 s of silence
_LONGEST: Final = 1 << 20
_MOST_MEDIA: Final = 64
_TRICKLE: Final = "trickle"
_SHORT: Final = "short-"  # of what is acknowledged and not answered
_NEWS: Final = frozenset({"webrtcup", "hangup", "detached", "media", "slowlink"})
_PLUGIN: Final = "janus.plugin.videoroom"
Told = Mapping[str, Any]


class JanusRefusedError(Exception):
    """Janus does not do it; `number` is its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class JanusHandle:
    """One connection with one browser, as Janus tells of it."""

    def __init__(self, client: "JanusClient", number: int) -> None:
        self._client, self.number = client, number
        self.is_up = self.has_ended = False
        self._receiving: dict[tuple[str, str], bool] = {}
        self._silent_since_s: float | None = None

    async def ask(self, body: Told, jsep: Told | None = None) -> tuple[Told, str]:
        """The plugin's answer, and the description in it; raises RoomRefusal, JanusRefusedError."""
        more = {} if jsep is None else {"jsep": jsep}
        told = await self._client.ask("message", handle_id=self.number, body=body, **more)
        data = told["plugindata"]["data"]
        if "error_code" in data:
            raise JanusRefusedError(int(data["error_code"]))
        return data, str(told.get("jsep", {}).get("sdp", ""))

    async def trickle(self, candidate: Told) -> None:
        """Tell one more address of the browser's; raises RoomRefusal, JanusRefusedError."""
        await self._client.ask(_TRICKLE, handle_id=self.number, candidate=candidate)

    async def detach(self) -> None:
        """End it; where Janus is away, it ended with it."""
        self.has_ended = True
        await self._client.detach(self)

    def hear(self, told: Told, now_s: float) -> None:
        """What Janus says of the connection by itself."""
        word = told.get("janus")
        if word == "webrtcup":
            self.is_up = True
        elif word in {"hangup", "detached"}:
            self.has_ended = True
        elif word == "media":
            which = str(told.get("type")), str(told.get("mid"))
            if which in self._receiving or len(self._receiving) < _MOST_MEDIA:
                self._receiving[which] = bool(told.get("receiving"))
            is_silent = not any(self._receiving.values())
            self._silent_since_s = (self._silent_since_s or now_s) if is_silent else None

    def silent_s(self, now_s: float) -> float:
        """How long nothing has come of all that came, in seconds."""
        return 0.0 if self._silent_since_s is None else now_s - self._silent_since_s


class JanusClient:
    """It connects when it is first asked, and again where the line broke."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Told]] = {}
        self._handles: dict[int, JanusHandle] = {}
        self._connecting = asyncio.Lock()
        self._web: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._session = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def attach(self) -> JanusHandle:
        """A new handle of the plugin for rooms; raises RoomRefusal, JanusRefusedError."""
        told = await self.ask("attach", plugin=_PLUGIN)
        handle = JanusHandle(self, int(told["data"]["id"]))
        self._handles[handle.number] = handle
        return handle

    async def detach(self, handle: JanusHandle) -> None:
        """Give a handle back."""
        if self._handles.pop(handle.number, None) is not None:
            with contextlib.suppress(RoomRefusal, JanusRefusedError):
                await self.ask("detach", handle_id=handle.number)

    async def ask(self, word: str, **facts: Any) -> Told:
        """What Janus answers; raises RoomRefusal where it is away, and JanusRefusedError."""
        try:
            async with asyncio.timeout(_ANSWERS_S):
                socket = await self._connected()
                return await self._exchange(socket, word, session_id=self._session, **facts)
        except (OSError, TimeoutError, aiohttp.ClientError):
            raise RoomRefusal("engine-away") from None

    async def close(self) -> None:
        """Ask nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._web is not None:
            await self._web.close()

    async def _connected(self) -> aiohttp.ClientWebSocketResponse:
        async with self._connecting:
            if self._socket is None or self._socket.closed:
                await self.close()
                self._web = aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self._place)))
                socket = await self._web.ws_connect(
                    "http://janus/", protocols=("janus-protocol",), max_msg_size=_LONGEST
                )
                loop = asyncio.get_running_loop()
                self._tasks = [loop.create_task(self._read(socket), name="janus")]
                told = await self._exchange(socket, "create")
                self._session, self._socket = int(told["data"]["id"]), socket
                self._tasks.append(loop.create_task(self._keep_alive(socket), name="janus"))
            return self._socket

    async def _exchange(
        self, socket: aiohttp.ClientWebSocketResponse, word: str, **facts: Any
    ) -> Told:
        number = f"{_SHORT if word == _TRICKLE else ''}{next(self._numbers)}"
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_json({"janus": word, "transaction": number, **facts})
            told: Told = await answer
        finally:
            del self._waiting[number]
        if told.get("janus") == "error":
            raise JanusRefusedError(int(told["error"]["code"]))
        return told

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._hear(json.loads(message.data))
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError())
            for handle in self._handles.values():
                handle.has_ended = True
            self._handles.clear()

    def _hear(self, told: Told) -> None:
        """An answer to a question, or news of a handle."""
        number, word = str(told.get("transaction", "")), told.get("janus")
        if word == "ack" and not number.startswith(_SHORT):
            return  # the answer itself follows
        answer = self._waiting.get(number)
        if answer is not None and word not in _NEWS:
            if not answer.done():
                answer.set_result(told)
            return
        handle = self._handles.get(int(told.get("sender", 0)))
        if handle is not None:
            handle.hear(told, asyncio.get_running_loop().time())

    async def _keep_alive(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not socket.closed:
            await asyncio.sleep(_ALIVE_EVERY_S)
            with contextlib.suppress(ConnectionError):
                await socket.send_json(
                    {"janus": "keepalive", "transaction": "alive", "session_id": self._session}
                )
