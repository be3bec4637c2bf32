"""Eight in the morning: 5,000 people sign in within ten minutes, while others read.

python -m benchmarks.sign_ins [--people 5000] [--seconds 600]
"""

import argparse
import asyncio

from benchmarks.load import Row, Spending, asking, open_loop, report
from benchmarks.mixed import Reader
from benchmarks.town import Town, open_town
from consult.kernel.work import Role
from tests.makers.world_people import PASSWORD, Person

INSTITUTIONS = 94
MOST_MS = 3000
_READS = 5


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=600)
    chosen = parser.parse_args()
    with open_town() as town:
        places = town.add_places(INSTITUTIONS)
        role = Role.REQUESTING_PHYSICIAN
        people = town.add_people(places, count=chosen.people, role=role)
        rows = asyncio.run(measure(town, people, seconds=chosen.seconds))
    report(f"{chosen.people} sign-ins in {chosen.seconds:.0f} s on SQLite", rows)


async def measure(town: Town, people: list[Person], *, seconds: float) -> list[Row]:
    """Everybody once, evenly, and a little reading beside it."""
    async with asking(town.house.base) as asker:
        reader = Reader(town, asker)

        async def come_in(number: int) -> int:
            body = {"login": people[number].login, "password": PASSWORD}
            return (await asker.post(None, "/api/sign-in", body))[0]

        spending = Spending(town.house.process.pid)
        signed_in, reads = await asyncio.gather(
            open_loop(come_in, a_second=len(people) / seconds, seconds=seconds),
            open_loop(reader.read, a_second=_READS, seconds=seconds),
        )
    held = signed_in.at(0.99) <= MOST_MS and not signed_in.failed
    what = f"sign-ins, {spending.each(signed_in)}"
    return [
        Row(what, str(signed_in), f"all, p99 ≤ {MOST_MS} ms", held),
        Row(f"{_READS} reads a second meanwhile", str(reads)),
    ]


if __name__ == "__main__":
    main()
