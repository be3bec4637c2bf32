"""The two servers, started here, and how a participant comes into their rooms."""

import asyncio
import contextlib
import itertools
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.media.peers import Clock, Receiver, Sender
from server.media.asking import MediaAwayError, MediaDesk
from server.media.tokens import Claims, Device, seal_token

ROOT = Path(__file__).resolve().parents[2]
JANUS_PORT = 18_088
_STARTS_S = 30.0


@dataclass
class Place:
    """One participant, whatever the server."""

    room: str
    name: str
    clock: Clock = field(default_factory=Clock)
    receiver: Receiver = field(default_factory=Receiver)

    def __post_init__(self) -> None:
        self.sender = Sender(self.clock)


class Ours:
    """The media process of this tree."""

    name = "lianzhen"

    def __init__(self, desk: MediaDesk, pid: int, folder: Path) -> None:
        self.desk, self.pid, self.folder = desk, pid, folder
        self._keys: dict[str, bytes] = {}
        self._clocks: dict[tuple[str, str], Clock] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._lines: list[Any] = []

    async def enter(self, places: list[Place]) -> None:
        """Everyone of one room comes in, and sees everyone else."""
        room = places[0].room
        key = self._keys.setdefault(room, secrets.token_bytes(32))
        await self.desk.ask("open", room=room, key=key.hex())
        for place in places:
            self._clocks[room, f"{place.name}/first"] = place.clock
            now_s = int(time.time())
            claims = Claims(room, place.name, "participant", Device.FIRST, now_s, now_s + 600)
            line = await self.desk.join(room, seal_token(claims, key))
            self._lines.append(line)
            answers: asyncio.Queue[str] = asyncio.Queue()
            serve = self._serve(line, place, answers)
            self._tasks.append(asyncio.get_running_loop().create_task(serve))
            offer = await place.sender.offer()
            sources = {"0": "microphone", "1": "camera"}
            line.send({"say": "publish", "offer": offer, "sources": sources})
            await place.sender.start(await answers.get())

    async def record(self, people: int) -> None:
        """Every track of every room from now on; raises RuntimeError where one is refused."""
        for room in self._keys:
            names = [f"person-{each}" for each in range(people)]
            facts = {"recording": f"of-{room}", "key": secrets.token_hex(32), "consented": names}
            told = await self.desk.ask("record", room=room, **facts)
            if "refused" in told:
                raise RuntimeError(told["refused"])

    async def _serve(self, line: Any, place: Place, answers: asyncio.Queue[str]) -> None:
        while (told := await line.receive()) is not None:
            if told["told"] == "published":
                answers.put_nowait(told["answer"])
            elif told["told"] == "offer":
                clocks = {
                    each["mid"]: self._clocks[place.room, each["participant"]]
                    for each in told["tracks"]
                }
                answer = await place.receiver.answer(told["offer"], clocks)
                line.send({"say": "answer", "number": told["number"], "answer": answer})

    async def close(self) -> None:
        """Everyone goes."""
        for line in self._lines:
            line.end()
        for task in self._tasks:
            task.cancel()


class Janus:
    """Janus VideoRoom by its HTTP transport."""

    name = "janus"

    def __init__(self, session: aiohttp.ClientSession, pid: int) -> None:
        self.pid = pid
        self._session, self._base = session, f"http://127.0.0.1:{JANUS_PORT}/janus"
        self._numbers, self._tasks = itertools.count(1), list[asyncio.Task[None]]()

    async def enter(self, places: list[Place]) -> None:
        """Everyone of one room comes in, then each asks for everyone else."""
        room, feeds = int(places[0].room), dict[int, Place]()
        for place in places:
            ask = await self._handle()
            if place is places[0]:
                limits = {"publishers": len(places), "bitrate": 2_500_000}
                await ask({"request": "create", "room": room, **limits}, None)
            joined = await ask({"request": "join", "ptype": "publisher", "room": room}, None)
            feeds[joined["plugindata"]["data"]["id"]] = place
            offer = {"type": "offer", "sdp": await place.sender.offer()}
            told = await ask({"request": "publish"}, offer)
            await place.sender.start(told["jsep"]["sdp"])
        for place in places:
            ask = await self._handle()
            others = [{"feed": feed} for feed, who in feeds.items() if who is not place]
            body = {"request": "join", "ptype": "subscriber", "room": room, "streams": others}
            told = await ask(body, None)
            streams = told["plugindata"]["data"]["streams"]
            clocks = {each["mid"]: feeds[each["feed_id"]].clock for each in streams}
            answer = await place.receiver.answer(told["jsep"]["sdp"], clocks)
            await ask({"request": "start", "room": room}, {"type": "answer", "sdp": answer})

    async def close(self) -> None:
        """Everyone goes."""
        for task in self._tasks:
            task.cancel()

    async def _handle(self) -> Callable[[Any, Any], Awaitable[Any]]:
        made = await self._post(self._base, janus="create")
        session = f"{self._base}/{made['data']['id']}"
        attached = await self._post(session, janus="attach", plugin="janus.plugin.videoroom")
        handle, events = f"{session}/{attached['data']['id']}", asyncio.Queue[Any]()
        listening = self._listen(session, events)
        self._tasks.append(asyncio.get_running_loop().create_task(listening))

        async def ask(body: Any, jsep: Any) -> Any:
            more = {} if jsep is None else {"jsep": jsep}
            told = await self._post(handle, janus="message", body=body, **more)
            return told if told["janus"] == "success" else await events.get()

        return ask

    async def _listen(self, session: str, events: asyncio.Queue[Any]) -> None:
        while True:
            async with self._session.get(session, params={"maxev": 1}) as answer:
                told = await answer.json(content_type=None)
            if told.get("janus") == "event" and "error" in told["plugindata"]["data"]:
                raise RuntimeError(told)
            data = told.get("plugindata", {}).get("data", {})
            if told.get("janus") == "event" and (
                "jsep" in told or data.get("videoroom") == "joined" or "started" in data
            ):
                events.put_nowait(told)

    async def _post(self, url: str, **body: Any) -> Any:
        body["transaction"] = str(next(self._numbers))
        async with self._session.post(url, json=body) as answer:
            return await answer.json(content_type=None)


@contextlib.asynccontextmanager
async def open_ours(folder: Path, address: str) -> AsyncIterator[Ours]:
    """Our media process at this address."""
    environment = {
        **os.environ,
        "LIANZHEN_DATA_DIR": str(folder),
        "LIANZHEN_MEDIA_ADDRESS": address,
        "LIANZHEN_MEDIA_ROOMS": "100",
        "LIANZHEN_LOG_FORMAT": "text",
    }
    (folder / "run").mkdir(parents=True)
    process = subprocess.Popen(  # noqa: ASYNC220 - the same
        [sys.executable, "-m", "server", "media"], env=environment, cwd=ROOT
    )
    desk = MediaDesk(folder / "run" / "media.sock")
    try:
        until_s = time.monotonic() + _STARTS_S
        while True:
            with contextlib.suppress(MediaAwayError):
                await desk.ask("health")
                break
            if time.monotonic() > until_s:
                raise TimeoutError
            await asyncio.sleep(0.1)
        yield Ours(desk, process.pid, folder)
    finally:
        desk.close()
        process.terminate()
        process.wait()


_CONFIG = {
    "janus.jcfg": """
general: {{ debug_level = 2; admin_secret = "x"; protected_folders = [] }}
nat: {{ nice_debug = false; ice_enforce_list = "{address}" }}
media: {{ rtp_port_range = "40000-49999" }}
plugins: {{ disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_lua.so,libjanus_sip.so,\
libjanus_nosip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,\
libjanus_voicemail.so,libjanus_recordplay.so,libjanus_echotest.so" }}
transports: {{ disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_rabbitmq.so,\
libjanus_pfunix.so,libjanus_websockets.so" }}
""",
    "janus.transport.http.jcfg": """
general: {{ json = "plain"; base_path = "/janus"; http = true; port = {port}; ip = "127.0.0.1" }}
admin: {{ admin_http = false }}
""",
    "janus.plugin.videoroom.jcfg": "general: {{ string_ids = false }}\n",
}


@contextlib.asynccontextmanager
async def open_janus(folder: Path, address: str) -> AsyncIterator[Janus]:
    """Debian's Janus at this address."""
    folder.mkdir(parents=True)  # noqa: ASYNC240 - nothing else runs yet
    for name, text in _CONFIG.items():
        (folder / name).write_text(text.format(address=address, port=JANUS_PORT), "utf-8")
    process = subprocess.Popen(  # noqa: ASYNC220 - the same
        ["janus", "-F", str(folder)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True)
        ) as session:
            until_s = time.monotonic() + _STARTS_S
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{JANUS_PORT}/janus/info") as answer:
                        await answer.read()
                        break
                if time.monotonic() > until_s:
                    raise TimeoutError
                await asyncio.sleep(0.1)
            yield Janus(session, process.pid)
    finally:
        process.terminate()
        process.wait()
