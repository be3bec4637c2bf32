"""How soon a call is back once the address of one of its two people has changed.

    make bench-media NAME=moves [FLAGS="--moves 7 --calm 22"]

Between two moves nothing happens for a while: who moves again sooner is looked for later. Real
server and real Chromium; the one who moves sits in a network of its own (root, network
namespaces), whose only address is taken away and another given at once. Each time from then: until
her page says no more that its line is cut, and for how long the picture stood still, at either.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from benchmarks.load import Row, Timings, report
from benchmarks.media.first_frame import row
from consult.kernel.work import Role
from tests.makers.call_people import SMALL, WATCH, keeps_seeing, let_in_all, take_place
from tests.makers.call_returns import is_back, longest_still, next_whole, since
from tests.makers.hospital import Hospital, open_hospital, screen_of
from tests.makers.media_house import eventually
from tests.makers.screen import Screen
from tests.makers.world_people import Side

_LINE_MS, _MEDIA_MS = 3000.0, 8000.0
_BACK_S: Final = 120.0
_PHYSICIAN, _EXPERT = (Role.REQUESTING_PHYSICIAN, Side.HOME), (Role.EXPERT, Side.LEAD)


async def measure(moves: int, calm_s: float) -> list[Row]:
    """All figures, by the same two pages."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hospital = stack.enter_context(open_hospital(folder))
        world = hospital.house.world
        host, guest = (world.person(side, role) for role, side in (_PHYSICIAN, _EXPERT))
        await let_in_all(hospital.house, host, [guest])
        screens = [
            await stack.enter_async_context(
                screen_of(hospital, *who, program, scripts=(WATCH, SMALL))
            )
            for who, program in ((_PHYSICIAN, hospital.clinic.browser()), (_EXPERT, ""))
        ]
        for screen in screens:
            await take_place(screen, world.things["case"])
        line, seen, shown = Timings(), Timings(), Timings()
        for _ in range(moves):
            await asyncio.sleep(calm_s)
            await move(hospital, screens, (line, seen, shown))
        return [
            row("moved: line back", line, line.at(0.95), "p95", _LINE_MS),
            row("moved: her picture of the other stood", seen, seen.at(0.95), "p95", _MEDIA_MS),
            row("moved: the other's picture of her stood", shown, shown.at(0.95), "p95", _MEDIA_MS),
        ]


async def move(
    hospital: Hospital, screens: Sequence[Screen], found: tuple[Timings, Timings, Timings]
) -> None:
    """Move the first one, wait until both see each other again, and add what it took."""
    for screen in screens:
        await keeps_seeing(screen)
    at_s, (mover, _) = time.time(), screens
    hospital.clinic.move()
    await eventually(lambda: is_back(mover, at_s), within_s=_BACK_S)
    await asyncio.sleep(_MEDIA_MS / 1000)  # a picture that stops later than the line is counted
    for screen in screens:
        await keeps_seeing(screen)
    line, *pictures = found
    line.ms.append(1000 * (next_whole(await since(mover, at_s)) - at_s))
    for stood, screen in zip(pictures, screens, strict=True):
        stood.ms.append(1000 * longest_still(await since(screen, at_s)))


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=7)
    parser.add_argument("--calm", type=float, default=22.0)
    asked = parser.parse_args()
    rows = asyncio.run(measure(asked.moves, asked.calm))
    report("A call whose caller has changed her network", rows)


if __name__ == "__main__":
    main()
