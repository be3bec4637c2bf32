"""Somebody who keeps an event stream open and notes what she hears."""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

from tests.makers.world_people import Person


@dataclass(frozen=True)
class Heard:
    """One event, and when it came."""

    event: str
    position: int
    data: dict[str, Any]
    at: float


@dataclass
class Listener:
    """An open stream; `heard` grows while the block runs."""

    base: str
    person: Person
    last: int | None = None
    heard: list[Heard] = field(default_factory=list)
    signs: int = 0
    is_over: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
        self._session = aiohttp.ClientSession(self.base, timeout=timeout)
        headers = {"Cookie": f"lianzhen={self.person.token}"}
        if self.last is not None:
            headers["Last-Event-ID"] = str(self.last)
        self._answer = await self._session.get("/api/events", headers=headers)
        assert self._answer.status == 200, self._answer.status
        assert self._answer.content_type == "text/event-stream"
        self._task = asyncio.create_task(self._listen())
        await self.wait_for(lambda: bool(self.heard) or self.last is not None)
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._answer.close()
        await self._session.close()

    @property
    def entries(self) -> list[Heard]:
        """The journal lines that came."""
        return [each for each in self.heard if each.event == "entry"]

    async def wait_for(self, is_there: Any, *, within_s: float = 60) -> None:
        """Go on as soon as this is so; AssertionError otherwise, with what was heard."""
        try:
            async with asyncio.timeout(within_s):
                while not is_there():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            heard = [each.data for each in self.entries[-20:]]
            state = "over" if self.is_over else "open"
            raise AssertionError(f"{self.person.role}: line {state}, heard {heard}") from None

    async def hear(self, kind: str, object_id: str, *, within_s: float = 60) -> Heard:
        """The entry of this kind about this object, as soon as it comes."""

        def found() -> list[Heard]:
            told = [each for each in self.entries if each.data["kind"] == kind]
            return [each for each in told if each.data["object_id"] == object_id]

        await self.wait_for(lambda: bool(found()), within_s=within_s)
        return found()[0]

    async def _listen(self) -> None:
        with contextlib.suppress(aiohttp.ClientError):  # a cut line is an end as well
            await self._hear_all()
        self.is_over = True
        self._news.set()

    async def _hear_all(self) -> None:
        told: dict[str, str] = {}
        async for raw in self._answer.content:
            line = raw.decode().rstrip("\n")
            if line.startswith(":"):
                self.signs += 1
                self._news.set()
            elif line:
                name, _, value = line.partition(": ")
                told[name] = value
            elif told:
                self._note(told)
                told = {}

    def _note(self, told: dict[str, str]) -> None:
        data = json.loads(told["data"])
        self.heard.append(Heard(told["event"], int(told["id"]), data, time.monotonic()))
        self._news.set()
