"""The referral office's morning: twelve requests copied and written back, a missed visit called.

    make bench-use NAME=office

Real server, real Chromium at 1366×600 on a line of 1 Mbit/s and 200 ms, which the browser keeps.
The seconds are the pages', of hands that wait for nothing: a person reads and types besides.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from benchmarks.load import Row, report
from consult.kernel.work import Role
from tests.makers.browsers import open_chromium
from tests.makers.office_morning import (
    COUNT,
    Effort,
    Morning,
    copy_and_write_back,
    make_missed,
    make_morning,
    miss_and_call,
)
from tests.makers.screen import DESKTOP, Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side, let_in

LINE: Final = {
    "offline": False,
    "latency": 200,
    "downloadThroughput": 125_000,
    "uploadThroughput": 125_000,
}
_MOST_CLICKS: Final = 6
_MOST_S: Final = 30.0
_MOST_SALVAGE_CLICKS: Final = 3


async def measure(requests: int = 12) -> list[Row]:
    """All figures, in a house of its own."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        house = stack.enter_context(open_world(Path(folder) / "data"))
        morning = await asyncio.to_thread(make_morning, house, sequence=802, count=requests)
        missed = await asyncio.to_thread(make_morning, house, sequence=822, count=1)
        await asyncio.to_thread(make_missed, house, missed.referral_ids[0])
        browser = await stack.enter_async_context(open_chromium())
        desk = await stack.enter_async_context(open_screen(browser, house.base, size=DESKTOP))
        await _come(desk, house)
        spent = await _play(desk, morning)
        await desk.go("/desk?view=open")
        called = await miss_and_call(desk, missed.referral_ids[0])
        return [*_rows_of(spent), _row_of(called)]


async def _come(desk: Screen, house: WorldHouse) -> None:
    world = house.world
    clerk = let_in(world.now, world.person(Side.LEAD, Role.REFERRAL_DESK))
    await desk.come_as(clerk.token)
    await desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await desk.page.add_init_script(COUNT)
    await desk.go("/desk")
    session = await desk.page.context.new_cdp_session(desk.page)
    await session.send("Network.emulateNetworkConditions", LINE)


async def _play(desk: Screen, morning: Morning) -> list[Effort]:
    await desk.go("/desk?view=asked")
    keys = await desk.at("#desk tr[data-keys-target]").evaluate_all(
        "(rows) => rows.map((row) => row.dataset.key)"
    )
    waiting = [key for key in keys if key in morning.referral_ids]
    spent = []
    for place, row_id in enumerate(waiting):
        effort, _copied = await copy_and_write_back(desk, row_id, place=place)
        spent.append(effort)
    return spent


def _rows_of(spent: Sequence[Effort]) -> list[Row]:
    clicks = max(each.clicks for each in spent)
    slowest = max(each.seconds for each in spent)
    mean = sum(each.seconds for each in spent) / len(spent)
    keys = max(each.keys for each in spent)
    return [
        Row(
            f"a request, most clicks of {len(spent)}",
            str(clicks),
            f"≤ {_MOST_CLICKS}",
            0 < clicks <= _MOST_CLICKS,
        ),
        Row("a request, most keys beside day and time", str(keys)),
        Row(
            "a request, slowest (mean)",
            f"{slowest:.1f} s ({mean:.1f} s)",
            f"≤ {_MOST_S:.0f} s",
            slowest <= _MOST_S,
        ),
    ]


def _row_of(called: Effort) -> Row:
    figure = f"{called.clicks} clicks, {called.seconds:.1f} s"
    is_held = 0 < called.clicks <= _MOST_SALVAGE_CLICKS
    return Row("no-show to the call", figure, f"≤ {_MOST_SALVAGE_CLICKS} clicks", is_held)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=12)
    rows = asyncio.run(measure(parser.parse_args().requests))
    report("The referral office's morning", rows)


if __name__ == "__main__":
    main()
