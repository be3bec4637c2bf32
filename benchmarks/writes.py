"""Durable writes over HTTP: a draft's answers saved, 16 and 64 clients who wait for each other.

    python -m benchmarks.writes [--seconds 20] [--postgres]

Every answer comes after the COMMIT with its journal entry, and that after the fsync.
"""

import argparse
import asyncio
import itertools

from benchmarks.load import Asker, Row, Spending, Timings, asking, closed_loop, report
from benchmarks.town import Town, open_town
from consult.kernel.work import Role
from tests.makers.cases import citizen_number
from tests.makers.world_people import Side

CLIENTS = (16, 64)
LEAST_A_SECOND, MOST_MS = 300, 100


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with open_town(is_postgres=chosen.postgres) as town:
        rows = asyncio.run(measure(town, seconds=chosen.seconds))
    report(f"Durable writes on {'PostgreSQL' if chosen.postgres else 'SQLite'}", rows)


async def measure(town: Town, *, seconds: float) -> list[Row]:
    """Answers saved by 16 and 64, then patients registered by 16."""
    drafts = town.copy_case(town.world.things["draft"], count=max(CLIENTS))
    rows = []
    async with asking(town.house.base) as asker:
        saver = Saver(town, asker, drafts)
        await closed_loop(saver.save, clients=4, seconds=min(seconds / 4, 3))  # warm
        for clients in CLIENTS:
            spending = Spending(town.house.process.pid)
            timings = await closed_loop(saver.save, clients=clients, seconds=seconds)
            what = f"answers of a draft saved, {clients} writers, {spending.each(timings)}"
            rows.append(_row(what, timings, clients))
        spending = Spending(town.house.process.pid)
        timings = await closed_loop(saver.register, clients=CLIENTS[0], seconds=seconds / 2)
        what = f"patients registered, {CLIENTS[0]} writers, {spending.each(timings)}"
        rows.append(Row(what, str(timings)))
    return rows


def _row(what: str, timings: Timings, clients: int) -> Row:
    if clients != CLIENTS[0]:
        return Row(what, str(timings))
    held = timings.rate >= LEAST_A_SECOND and timings.at(0.99) <= MOST_MS and not timings.failed
    return Row(what, str(timings), f"≥ {LEAST_A_SECOND}/s, p99 ≤ {MOST_MS} ms", held)


class Saver:
    """Writers of the centre, each with a draft of her own."""

    def __init__(self, town: Town, asker: Asker, drafts: list[str]) -> None:
        self._physician = town.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        self._asker, self._drafts = asker, drafts
        self._versions: dict[int, int] = {}
        self._numbers = itertools.count(1)

    async def save(self, number: int) -> int:
        """One more sentence in the summary."""
        path = f"/api/cases/{self._drafts[number % len(self._drafts)]}/answers"
        version = self._versions.get(number, 1)
        answers = {"purpose": f"求诊断 {next(self._numbers)}", "reason": "诊断不明"}
        body = {"version": version, "answers": answers}
        status, told = await self._asker.post(self._physician, path, body)
        self._versions[number] = told.get("version", version)
        return status

    async def register(self, _number: int) -> int:
        """A patient whom nobody knows yet."""
        sequence = next(self._numbers)
        born = f"{1900 + sequence // 400 % 100}{1 + sequence % 12:02d}{1 + sequence // 12 % 28:02d}"
        number = citizen_number(2 * (sequence % 499), birth=born)
        body = {"name": f"病例{sequence}", "document_kind": "resident_id"}
        body |= {"document_number": number, "phone": "13900000000"}
        return (await self._asker.post(self._physician, "/api/patients", body))[0]


if __name__ == "__main__":
    main()
