"""The manager's month of 10,000 cases of forty clinics: the page and its data, one manager.

python -m benchmarks.month [--cases 10000] [--postgres]
"""

import argparse
import asyncio

from benchmarks.load import Row, Spending, Timings, asking, closed_loop, report
from benchmarks.town import Town, open_town
from consult.kernel.work import Role
from tests.makers.months import Place, fill_month
from tests.makers.world_people import Side

MOST_MS = 150
CLINICS, READERS = 40, 8
_WARM_S = 10  # a house that has just begun looks at its world first
DOORS = {"/month?month=2025-12": "text/html", "/api/month?month=2025-12": "application/json"}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with open_town(is_postgres=chosen.postgres) as town:
        town.do(fill_month, place=_place(town), count=chosen.cases, mark="0" * 26)
        rows = asyncio.run(measure(town, seconds=chosen.seconds))
    database = "PostgreSQL" if chosen.postgres else "SQLite"
    report(f"A month of {chosen.cases} cases of {CLINICS} clinics on {database}", rows)


async def measure(town: Town, *, seconds: float) -> list[Row]:
    """One manager opens the month again and again."""
    manager = town.world.person(Side.LEAD, Role.MANAGER)
    rows = []
    async with asking(town.house.base) as asker:
        for path, accept in DOORS.items():

            async def read(_number: int, *, path: str = path, accept: str = accept) -> int:
                return await asker.get(manager, path, accept=accept)

            await closed_loop(read, clients=1, seconds=_WARM_S)
            spending = Spending(town.house.process.pid)
            timings = await closed_loop(read, clients=1, seconds=seconds)
            rows.append(_row(f"{path}, {spending.each(timings)}", timings))
    return rows


def _place(town: Town) -> Place:
    lead = town.world.places[Side.LEAD]
    readers = town.add_people([lead], count=READERS, role=Role.EXPERT)
    return Place(
        consortium_id=town.world.things["consortium"],
        lead_id=lead,
        readers=[reader.id for reader in readers],
        clinics=dict.fromkeys(town.add_places(CLINICS), (None,)),
    )


def _row(what: str, timings: Timings) -> Row:
    held = timings.at(0.95) <= MOST_MS and not timings.failed
    return Row(what, str(timings), f"p95 ≤ {MOST_MS} ms", held)


if __name__ == "__main__":
    main()
