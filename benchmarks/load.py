"""One load generator for every benchmark: clients that ask, times that are kept, one table."""

import asyncio
import json
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from server.transactions import utc_now
from tests.makers.world_people import Person

_PATIENCE_S = 120
_DONE = {200, 201, 204}
Step = Callable[[int], Awaitable[int]]


@dataclass
class Timings:
    """How long the answers took, in milliseconds; `codes` counts how they ended."""

    ms: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def at(self, share: float) -> float:
        """The time within which this share was answered."""
        ranked = sorted(self.ms)
        return ranked[min(int(len(ranked) * share), len(ranked) - 1)]

    @property
    def rate(self) -> float:
        """Done a second."""
        return sum(self.codes[code] for code in _DONE) / self.seconds

    @property
    def failed(self) -> int:
        """How many were not done."""
        return sum(count for code, count in self.codes.items() if code not in _DONE)

    async def measure(self, step: Awaitable[int], *, since_s: float | None = None) -> None:
        """Wait for one answer; `since_s` is when it was due."""
        started = time.monotonic() if since_s is None else since_s
        self.codes[await step] += 1
        self.ms.append((time.monotonic() - started) * 1000)

    def __str__(self) -> str:
        return (
            f"{self.rate:.0f}/s, p50 {self.at(0.5):.0f}, p95 {self.at(0.95):.0f},"
            f" p99 {self.at(0.99):.0f} ms, {self.failed} failed"
        )


async def closed_loop(step: Step, *, clients: int, seconds: float) -> Timings:
    """Each client asks again as soon as it is answered; `step` is told the client's number."""
    timings, started = Timings(), time.monotonic()

    async def go_on(number: int) -> None:
        while time.monotonic() - started < seconds:
            await timings.measure(step(number))

    await asyncio.gather(*map(go_on, range(clients)))
    timings.seconds = time.monotonic() - started
    return timings


async def open_loop(step: Step, *, a_second: float, seconds: float) -> Timings:
    """Ask on time whether or not the last was answered; a late start counts as waiting."""
    timings, started = Timings(), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(a_second * seconds)):
            due = started + number / a_second
            await asyncio.sleep(max(due - time.monotonic(), 0))
            group.create_task(timings.measure(step(number), since_s=due))
    timings.seconds = max(time.monotonic() - started, seconds)
    return timings


@dataclass
class Asker:
    """Connections to one house, shared by all clients; each request says who asks."""

    base: str
    session: aiohttp.ClientSession

    async def get(self, person: Person, path: str, *, accept: str = "application/json") -> int:
        """The status of what can be read."""
        headers = {"Cookie": f"lianzhen={person.token}; lianzhen_lang=zh-Hans", "Accept": accept}
        async with self.session.get(path, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def post(self, person: Person | None, path: str, body: Any) -> tuple[int, Any]:
        """Status and answer of a step."""
        headers = {"Origin": self.base, "Content-Type": "application/json"}
        if person is not None:
            headers |= {"X-CSRF-Token": person.csrf, "Cookie": f"lianzhen={person.token}"}
        data = json.dumps(body).encode()
        async with self.session.post(path, headers=headers, data=data) as answer:
            return answer.status, await answer.json(content_type=None)


@asynccontextmanager
async def asking(base: str) -> AsyncIterator[Asker]:
    """Connections for the time of a block."""
    async with aiohttp.ClientSession(
        base,
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=_PATIENCE_S),
    ) as session:
        yield Asker(base, session)


def spent_by(pid: int) -> float:
    """Processor seconds of a process and of all that came from it, by proc(5)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    ticks = sum(map(int, fields[11:15]))  # user and system, of its own and of children that ended
    return ticks / os.sysconf("SC_CLK_TCK") + sum(map(spent_by, map(int, children)))


@dataclass
class Spending:
    """What the house's processes, and the client, spent on what was measured since."""

    pid: int
    before_s: float = 0.0
    own_before_s: float = 0.0

    def __post_init__(self) -> None:
        self.before_s, self.own_before_s = spent_by(self.pid), time.process_time()

    def each(self, timings: Timings) -> str:
        """Processor milliseconds a question, and what asking it cost on the same cores."""
        asked = len(timings.ms)
        house_ms = (spent_by(self.pid) - self.before_s) * 1000 / asked
        own_ms = (time.process_time() - self.own_before_s) * 1000 / asked
        return f"{house_ms:.2f} ms CPU each (the client's {own_ms:.2f})"


@dataclass(frozen=True)
class Row:
    """One line of the table; without a bar it is only told."""

    what: str
    figure: str
    bar: str = ""
    is_held: bool | None = None


def report(title: str, rows: Iterable[Row]) -> None:
    """The table as docs/performance.md has it."""
    load = os.getloadavg()[0]
    print(f"\n### {title}\n")
    print(f"{utc_now():%Y-%m-%d %H:%M} UTC, {machine()}, load {load:.1f} at the end.")
    words = [f"python -m benchmarks.{Path(sys.argv[0]).stem}", *sys.argv[1:]]
    print(f"`{' '.join(words)}`\n")
    print("| what | measured | bar | held |\n|---|---|---|---|")
    for row in rows:
        held = {None: "", True: "yes", False: "**no**"}[row.is_held]
        print(f"| {row.what} | {row.figure} | {row.bar} | {held} |", flush=True)


def machine() -> str:
    """What it is measured on."""
    about = Path("/proc/meminfo").read_text("ascii").split()
    gigabytes = int(about[1]) / (1 << 20)
    return f"{os.cpu_count()} cores, {gigabytes:.0f} GB, Python {platform.python_version()}"
