"""5,000 people with a page open: their event streams, 20 scoped events a second, one restart.

    python -m benchmarks.streams [--people 5000] [--seconds 60]

94 institutions; each event is about a draft of one of them, and its people alone hear it. The time
is reckoned from sending the write to hearing of it, so it holds the write and its fsync as well.
"""

import argparse
import asyncio
import contextlib
import itertools
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

from benchmarks.load import Row, Spending, Timings, asking, open_loop, report
from benchmarks.town import Town, open_town
from consult.kernel.work import Role
from tests.makers.memory import Memory
from tests.makers.world_people import Person

INSTITUTIONS, EVENTS = 94, 20
MOST_MS, MOST_MIB, BACK_WITHIN_S = 1000, 600, 60
_OPENED_AT_ONCE = 50
_NEARLY_ALL = 0.999
_SPREAD_S = 20  # a page waits a random part of it before it comes back
_DATA = re.compile(rb'"kind": ?"case.answers_saved".*?"case_id": ?"([0-9a-f]{32})"')


@dataclass
class Crowd:
    """All streams, and what they heard; `sent_s` says when the write of a case was sent."""

    host: str
    port: int
    sent_s: dict[str, float] = field(default_factory=dict)
    heard_ms: list[float] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    open: int = 0
    refused: int = 0


class Listener(asyncio.Protocol):
    """One page's stream, read as bytes: 5,000 clients must cost less than the server."""

    def __init__(self, crowd: Crowd, person: Person) -> None:
        self._crowd, self._person, self._is_open = crowd, person, False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        host = f"{self._crowd.host}:{self._crowd.port}"
        cookie = f"lianzhen={self._person.token}"
        cast("asyncio.Transport", transport).write(
            f"GET /api/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Note what was said, and how late."""
        if not self._is_open:
            self._is_open = data.startswith(b"HTTP/1.1 200")
            self._crowd.open += self._is_open
            self._crowd.refused += not self._is_open
        text = self._rest + data
        last = 0
        for found in _DATA.finditer(text):
            case_id, last = found[1].decode(), found.end()
            self._crowd.heard[case_id] += 1
            sent_s = self._crowd.sent_s.get(case_id)
            if sent_s is not None:
                self._crowd.heard_ms.append((time.monotonic() - sent_s) * 1000)
        self._rest = text[max(last, len(text) - 400) :]

    def connection_lost(self, _error: Exception | None) -> None:
        """The house has gone."""
        self._crowd.open -= self._is_open
        self._is_open = False


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    with open_town() as town:
        places = town.add_places(INSTITUTIONS)
        role = Role.REQUESTING_PHYSICIAN
        people = town.add_people(places, count=chosen.people, role=role)
        drafts = town.copy_case(town.world.things["draft"], count=20 * INSTITUTIONS, to=places)
        rows = asyncio.run(measure(town, people, drafts, seconds=chosen.seconds))
    report(f"{chosen.people} event streams of {INSTITUTIONS} institutions on SQLite", rows)


async def measure(
    town: Town, people: list[Person], drafts: list[str], *, seconds: float
) -> list[Row]:
    """Open all, write, listen; then restart and wait for all."""
    crowd, memory = Crowd("127.0.0.1", town.house.port), Memory(town.house.process.pid)
    opening_s = await open_all(crowd, people)
    spending = Spending(town.house.process.pid)
    async with memory.watched():
        written = await write_all(town, crowd, people, drafts, seconds=seconds)
    cost = spending.each(written)
    late = Timings(crowd.heard_ms, Counter({200: len(crowd.heard_ms)}), seconds)
    audience = len(people) / INSTITUTIONS
    expected = int(len(written.ms) * audience)
    heard_share = len(crowd.heard_ms) / max(expected, 1)
    back_s = await restart(town, crowd, people)
    is_quick = (
        bool(late.ms)
        and not written.failed
        and late.at(0.99) <= MOST_MS
        and heard_share >= _NEARLY_ALL
    )
    return [
        Row(f"{crowd.open} streams opened", f"{opening_s:.0f} s, {crowd.refused} refused"),
        Row(
            f"{EVENTS} events/s, each to {audience:.0f} people, {cost} (with heartbeats)",
            f"heard {heard_share:.1%}, {late}",
            f"p99 ≤ {MOST_MS} ms",
            is_quick,
        ),
        Row(
            "memory of web, proportional",
            f"{memory.most['web']:.0f} MiB (all processes {memory.most['all']:.0f})",
            f"≤ {MOST_MIB} MB",
            memory.most["web"] <= MOST_MIB,
        ),
        Row(
            "all back after a restart",
            f"{back_s:.0f} s, pages spread over {_SPREAD_S} s",
            f"≤ {BACK_WITHIN_S} s",
            back_s <= BACK_WITHIN_S,
        ),
    ]


async def open_all(crowd: Crowd, people: list[Person]) -> float:
    """Every stream, a few at once; how long it took."""
    started, turns = time.monotonic(), asyncio.Semaphore(_OPENED_AT_ONCE)

    async def one(person: Person) -> None:
        async with turns:
            await come(crowd, person)

    await asyncio.gather(*map(one, people))
    async with asyncio.timeout(BACK_WITHIN_S * 2):
        while crowd.open < len(people) and not crowd.refused:  # noqa: ASYNC110 - sockets tell
            await asyncio.sleep(0.05)
    return time.monotonic() - started


async def come(crowd: Crowd, person: Person) -> None:
    """One stream."""
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: Listener(crowd, person), crowd.host, crowd.port)


async def write_all(
    town: Town, crowd: Crowd, people: list[Person], drafts: list[str], *, seconds: float
) -> Timings:
    """Answers saved on time; each draft is written once only, so that every event is told apart."""
    turns = itertools.cycle(range(len(drafts)))
    async with asking(town.house.base) as asker:

        async def save(_number: int) -> int:
            place = next(turns)
            body = {"version": 1, "answers": {"purpose": f"求诊断 {place}"}}
            crowd.sent_s[drafts[place]] = time.monotonic()
            writer = people[place % INSTITUTIONS]
            path = f"/api/cases/{drafts[place]}/answers"
            return (await asker.post(writer, path, body))[0]

        timings = await open_loop(save, a_second=EVENTS, seconds=seconds)
        await asyncio.sleep(3)
    return timings


async def restart(town: Town, crowd: Crowd, people: list[Person]) -> float:
    """Stop, start, and every page comes back by itself; seconds until the last."""
    await asyncio.to_thread(town.house.stop)
    crowd.open = crowd.refused = 0
    started = time.monotonic()
    await asyncio.to_thread(town.house.start_again)
    chance = random.Random(1)  # noqa: S311 - no secret

    async def come_back(person: Person) -> None:
        await asyncio.sleep(chance.uniform(0, _SPREAD_S))
        while True:
            with contextlib.suppress(OSError):
                return await come(crowd, person)
            await asyncio.sleep(1)

    await asyncio.gather(*map(come_back, people))
    async with asyncio.timeout(BACK_WITHIN_S * 4):
        while crowd.open < len(people):  # noqa: ASYNC110 - sockets tell
            await asyncio.sleep(0.1)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
