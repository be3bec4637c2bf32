"""The work list of a panel before which 10,000 cases wait: the page and its data, one reader.

python -m benchmarks.worklist [--cases 10000] [--postgres]
"""

import argparse
import asyncio

from benchmarks.load import Row, Spending, Timings, asking, closed_loop, report
from benchmarks.town import Town, open_town
from consult.kernel.work import Role
from tests.makers.world_people import Side

MOST_MS = 150
DOORS = {"/worklist": "text/html", "/api/queue": "application/json"}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with open_town(is_postgres=chosen.postgres) as town:
        town.copy_case(town.world.things["case"], count=chosen.cases)
        rows = asyncio.run(measure(town, seconds=chosen.seconds))
    database = "PostgreSQL" if chosen.postgres else "SQLite"
    report(f"Work list with {chosen.cases} waiting cases on {database}", rows)


async def measure(town: Town, *, seconds: float) -> list[Row]:
    """One expert opens the list again and again."""
    expert = town.world.person(Side.LEAD, Role.EXPERT)
    rows = []
    async with asking(town.house.base) as asker:
        for path, accept in DOORS.items():

            async def read(_number: int, *, path: str = path, accept: str = accept) -> int:
                return await asker.get(expert, path, accept=accept)

            await closed_loop(read, clients=1, seconds=1)  # warm
            spending = Spending(town.house.process.pid)
            timings = await closed_loop(read, clients=1, seconds=seconds)
            rows.append(_row(f"{path}, {spending.each(timings)}", timings))
    return rows


def _row(what: str, timings: Timings) -> Row:
    held = timings.at(0.95) <= MOST_MS and not timings.failed
    return Row(what, str(timings), f"p95 ≤ {MOST_MS} ms", held)


if __name__ == "__main__":
    main()
