"""A usual minute: 50 reads and 10 durable writes a second, on time whether or not the last is done.

    python -m benchmarks.mixed [--seconds 60] [--postgres]

Reads are pages and data of both sides: lists, a case with its images, a report, a thumbnail. Writes
are answers of drafts and registrations. A question that is asked late counts as waiting.
"""

import argparse
import asyncio

from benchmarks.load import Asker, Row, Spending, Timings, asking, open_loop, report
from benchmarks.town import Town, open_town
from benchmarks.writes import Saver
from consult.kernel.work import Role
from tests.makers.world_people import Side

READS, WRITES = 50, 10
MOST_MS = 150
WAITING = 500
_HTML, _JSON = "text/html", "application/json"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with open_town(is_postgres=chosen.postgres) as town:
        town.copy_case(town.world.things["case"], count=WAITING)
        rows = asyncio.run(measure(town, seconds=chosen.seconds))
    database = "PostgreSQL" if chosen.postgres else "SQLite"
    report(f"{READS} reads/s and {WRITES} writes/s for {chosen.seconds:.0f} s on {database}", rows)


async def measure(town: Town, *, seconds: float) -> list[Row]:
    """Both loops at once."""
    drafts = town.copy_case(town.world.things["draft"], count=100)
    async with asking(town.house.base) as asker:
        saver, reader = Saver(town, asker, drafts), Reader(town, asker)

        async def write(number: int) -> int:
            if number % 5 == 0:
                return await saver.register(number)
            return await saver.save(number % len(drafts))

        await open_loop(reader.read, a_second=READS, seconds=2)  # warm
        spending = Spending(town.house.process.pid)
        reads, writes = await asyncio.gather(
            open_loop(reader.read, a_second=READS, seconds=seconds),
            open_loop(write, a_second=WRITES, seconds=seconds),
        )
    every = Timings(reads.ms + writes.ms, reads.codes + writes.codes, reads.seconds)
    held = max(reads.at(0.95), writes.at(0.95)) <= MOST_MS and not every.failed
    return [
        Row("reads", str(reads), f"p95 ≤ {MOST_MS} ms", held),
        Row(f"writes; both {spending.each(every)}", str(writes), f"p95 ≤ {MOST_MS} ms", held),
    ]


class Reader:
    """People of both sides who look at things."""

    def __init__(self, town: Town, asker: Asker) -> None:
        things, self._asker = town.world.things, asker
        physician = town.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        expert = town.world.person(Side.LEAD, Role.EXPERT)
        case, report_id = things["case"], things["report"]
        self._questions = (
            (expert, "/worklist", _HTML),
            (physician, "/cases", _HTML),
            (expert, "/api/queue", _JSON),
            (physician, f"/cases/{case}", _HTML),
            (physician, f"/api/cases/{case}", _JSON),
            (expert, f"/api/cases/{case}", _JSON),
            (expert, f"/reports/{report_id}", _HTML),
            (physician, "/api/cases", _JSON),
            (physician, "/patients", _HTML),
            (expert, f"/api/cases/{case}/timeline", _JSON),
        )

    async def read(self, number: int) -> int:
        """One question by turns."""
        person, path, accept = self._questions[number % len(self._questions)]
        return await self._asker.get(person, path, accept=accept)


if __name__ == "__main__":
    main()
