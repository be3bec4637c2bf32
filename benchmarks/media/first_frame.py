"""From the click to the first picture of the other, and how soon a call is back that was cut.

    make bench-media NAME=first_frame [FLAGS="--rounds 12 --kills 5 --calm 12"]

Real server and real Chromium on loopback, small cameras that are made up. Somebody sits in the
room and sends; somebody else, whose devices are open and who was let in, presses "join" again and
again. Then the web process is killed, and then the media process, each time from the kill: until
the page says no more that its line is cut, and until more of the other is drawn. Between two kills
the house stands for `--calm` seconds, so that a spare process is there again, as it is shipped.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from benchmarks.load import Row, Timings, report
from consult.kernel.work import Role
from tests.makers.call_people import (
    forgive_cuts,
    keeps_seeing,
    let_in_all,
    open_caller,
    open_video_world,
    secure_base,
    take_place,
)
from tests.makers.call_returns import is_back, longest_still, next_whole, since
from tests.makers.calls import open_caller_browser
from tests.makers.grown import children_of
from tests.makers.media_house import eventually
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

_FIRST_MS: Final = 2500.0
_LINE_MS, _MEDIA_MS = 3000.0, 8000.0
_BACK_S: Final = 120.0
_WATCH: Final = """
document.addEventListener("click", ({ target }) => {
  if (!target.closest('[data-door="join"]')) return;
  const began = performance.now();
  window.firstFrame = undefined;
  const look = () => {
    const video = document.querySelector(".call-tile video");
    if (video?.srcObject && video.getVideoPlaybackQuality().totalVideoFrames > 0) {
      window.firstFrame = performance.now() - began;
    } else {
      setTimeout(look, 5);
    }
  };
  look();
}, true);
"""


async def measure(joins: int, kills: int, calm_s: float) -> list[Row]:
    """All figures, by the same two pages."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        house = stack.enter_context(open_video_world(Path(folder), web_spare="true"))
        physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        expert = house.world.person(Side.LEAD, Role.EXPERT)
        case_id, base = house.world.things["case"], secure_base(house)
        await let_in_all(house, physician, [expert])
        browser = await stack.enter_async_context(open_caller_browser())
        clinic, reader = [
            await stack.enter_async_context(open_caller(browser, base, person, script=_WATCH))
            for person in (physician, expert)
        ]
        await take_place(clinic, case_id)
        first = Timings([await join(reader, case_id) for _ in range(joins)])
        middle = statistics.median(first.ms)
        rows = [row("click to first picture", first, middle, "median", _FIRST_MS)]
        await take_place(reader, case_id)
        for role in ("web", "media"):
            rows += await cut(house, role, [calm_s] * kills, (clinic, reader))
        for screen in (clinic, reader):
            forgive_cuts(screen)
        return rows


def row(what: str, found: Timings, figure_ms: float, named: str, most_ms: float) -> Row:
    """One line of the table."""
    span = f"{min(found.ms) / 1000:.2f} to {max(found.ms) / 1000:.2f} s of {len(found.ms)}"
    figure = f"{named} {figure_ms / 1000:.2f} s ({span})"
    return Row(what, figure, f"{named} ≤ {most_ms / 1000} s", figure_ms <= most_ms)


async def join(screen: Screen, case_id: str) -> float:
    """One joining, from a page that stands and knows its devices; milliseconds."""
    await screen.go(f"/cases/{case_id}/room")
    await screen.at(".call-check .call-own:not(.is-empty)").wait_for()
    await screen.at('button[data-door="join"]').click()
    found = await screen.page.wait_for_function("() => window.firstFrame")
    await keeps_seeing(screen)
    await screen.at('[data-action="call#leave"]').click()
    return float(await found.json_value())


async def cut(
    house: WorldHouse, role: str, calms_s: Sequence[float], screens: Sequence[Screen]
) -> list[Row]:
    """Kill the process in this role after each calm, and wait for both pages each time."""
    line, media = Timings(), Timings()
    for calm_s in calms_s:
        await asyncio.sleep(calm_s)
        for screen in screens:
            await keeps_seeing(screen)
        killed_s = await kill(house, role)
        for screen in screens:
            await eventually(lambda s=screen, at=killed_s: is_back(s, at), within_s=_BACK_S)
            await keeps_seeing(screen)
            seen = await since(screen, killed_s)
            line.ms.append(1000 * (next_whole(seen) - killed_s))
            media.ms.append(1000 * longest_still(seen))
    return [
        row(f"{role} killed: line back", line, line.at(0.95), "p95", _LINE_MS),
        row(f"{role} killed: picture stood still", media, media.at(0.95), "p95", _MEDIA_MS),
    ]


async def kill(house: WorldHouse, role: str) -> float:
    """End the process by force; when, in seconds since 1970."""
    parent = house.house.process.pid
    before = children_of(parent, role)[0]
    at_s = time.time()
    os.kill(before, 9)
    await eventually(lambda: [each for each in children_of(parent, role) if each != before])
    return at_s


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--calm", type=float, default=12.0)
    asked = parser.parse_args()
    rows = asyncio.run(measure(asked.rounds, asked.kills, asked.calm))
    report("A call: the first picture, and coming back", rows)


if __name__ == "__main__":
    main()
