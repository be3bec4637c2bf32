"""How a client of a campaign asks: in a person's name, and never twice at once."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn

import aiohttp

from tests.makers.world_people import Person


class AbandonedError(Exception):
    """The patient of this round cannot go on: somebody was first, or an answer was lost."""


class BusyError(ConnectionError):
    """The house said 503 or 507: what it rests on is away or full, and it does not acknowledge."""


@dataclass
class Client:
    """One connection's worth of questions; `refusals` keeps what was answered with a no."""

    base: str
    refusals: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Stay connected for the time of a block."""
        timeout = aiohttp.ClientTimeout(total=60)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(self.base, cookie_jar=jar, timeout=timeout) as session:
            self._session = session
            yield

    def ask(
        self,
        method: str,
        path: str,
        person: Person,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Any:
        """One request, as the context manager of aiohttp."""
        told = {"Origin": self.base, "X-CSRF-Token": person.csrf}
        told |= {"Cookie": f"lianzhen={person.token}; lianzhen_lang=en"}
        told |= {"Accept": "application/json", **(headers or {})}
        return self._session.request(method, path, headers=told, data=data)

    async def attempt(self, person: Person, path: str, body: Any = None) -> tuple[int, Any]:
        """A step, whatever is answered."""
        data = json.dumps({} if body is None else body).encode()
        headers = {"Content-Type": "application/json"}
        async with self.ask("POST", path, person, headers, data) as answer:
            await _refuse_busy(answer)
            return answer.status, await answer.json(content_type=None)

    async def send(self, person: Person, path: str, body: Any = None) -> Any:
        """A step that should be done; AbandonedError where it is refused."""
        status, told = await self.attempt(person, path, body)
        if status in {409, 422}:  # an earlier try was done, and its answer was lost
            self.give_up(told)
        assert status == 200, f"{path}: {status} {told}"
        return told

    def give_up(self, told: Any) -> NoReturn:
        """Note the refusal, and leave this patient."""
        self.refusals.append(str(told["code"]))
        raise AbandonedError

    async def get(self, person: Person, path: str) -> Any:
        """What the house knows."""
        async with self.ask("GET", path, person) as answer:
            await _refuse_busy(answer)
            told = await answer.json(content_type=None)
            assert answer.status == 200, f"{path}: {answer.status} {told}"
            return told

    async def expect(self, answer: aiohttp.ClientResponse, status: int) -> None:
        """Fail with what was answered instead."""
        await _refuse_busy(answer)
        assert answer.status == status, f"{answer.url}: {answer.status} {await answer.text()}"


async def _refuse_busy(answer: aiohttp.ClientResponse) -> None:
    if answer.status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE}:
        told = await answer.json(content_type=None) if answer.method != "HEAD" else {}
        raise BusyError(told.get("code", ""))
