"""How long a hand on a shared picture takes to the other side's screen, on loopback (VID-04).

    python -m benchmarks.media.pointing [--moves 400]

Two people in a call with camera and sound, both at Chromium: from the pointer's event in one page
to the frame in which the other page draws the hand there. What the sender leaves out between two
messages is not counted; what it holds back until the next one is.
"""

import argparse
import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from benchmarks.load import Row, Timings, report
from tests.makers.calls import open_caller_browser
from tests.makers.house import ROOT
from tests.makers.image_house import ImageHouse
from tests.makers.looking import (
    EXPERT,
    HOST,
    at_the_call,
    call_and_let_in,
    middle_of,
    open_looking_house,
    see_the_same,
    signed_in,
)
from tests.makers.media_house import eventually
from tests.makers.screen import Screen
from tests.makers.viewing import take_case

_MOST_P95_MS: Final = 100.0
_EVERY_S: Final = 0.025
_REACH: Final = 150
_NEAR_PX: Final = 0.5
_HEAR_OWN: Final = """() => {
  window.moved = [];
  window.addEventListener("pointermove", ({ clientX, clientY }) =>
    window.moved.push([clientX, clientY, performance.timeOrigin + performance.now()]),
    { capture: true });
}"""
_HEAR_OTHER: Final = """() => {
  window.drawn = [];
  const look = () => {
    const hand = document.querySelector('[data-together] circle.mark-line');
    if (hand === null) return;
    const frame = hand.closest(".view-img").getBoundingClientRect();
    const at = [Number(hand.getAttribute("cx")) + frame.left,
                Number(hand.getAttribute("cy")) + frame.top];
    requestAnimationFrame(() =>
      window.drawn.push([...at, performance.timeOrigin + performance.now()]));
  };
  new MutationObserver(look).observe(
    document.querySelector("[data-together] [data-part=cell]"), { childList: true, subtree: true });
}"""


async def measure(house: ImageHouse, files: Path, moves: int) -> Timings:
    """The times of all hands that came."""
    read_case = await take_case(house, files, {}, photographs=1)
    case_id = str(read_case.case.id)
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(open_caller_browser())
        host, expert = [
            await stack.enter_async_context(signed_in(house, login)) for login in (HOST, EXPERT)
        ]
        await call_and_let_in(case_id, host, {str(house.world.expert.person): expert})
        one, other = [
            await stack.enter_async_context(at_the_call(browser, house, who, case_id))
            for who in (host, expert)
        ]
        await one.at("[data-together-open]").click()
        await see_the_same(one, other)
        await one.page.evaluate(_HEAR_OTHER)
        await other.page.evaluate(_HEAR_OWN)
        await move(other, moves)
        return await compare(one.page, other.page)


async def move(screen: Screen, moves: int) -> None:
    """To and fro over the picture, never twice to one place in a row."""
    x, y = await middle_of(screen)
    for step in range(moves):
        await screen.page.mouse.move(x - _REACH + step % (2 * _REACH), y - step // (2 * _REACH) * 4)
        await asyncio.sleep(_EVERY_S)


async def compare(one: Page, other: Page) -> Timings:
    """Of each hand that was drawn, the time since the pointer was there."""
    await eventually(lambda: one.evaluate("() => window.drawn.length > 0"))
    moved = [tuple(each) for each in await other.evaluate("() => window.moved")]
    timings = Timings()
    for x, y, drawn_ms in await one.evaluate("() => window.drawn"):
        since = [
            at for left, top, at in moved if abs(left - x) < _NEAR_PX and abs(top - y) < _NEAR_PX
        ]
        if since:
            timings.ms.append(drawn_ms - since[-1])
    return timings


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=400)
    moves = parser.parse_args().moves
    files = Path(os.environ.get("LIANZHEN_TEST_DATA", ROOT.parent / "shared" / "data"))
    with (
        tempfile.TemporaryDirectory() as place,
        open_looking_house(Path(place) / "house") as house,
    ):
        timings = asyncio.run(measure(house, files, moves))
    p95 = timings.at(0.95)
    figure = f"p50 {timings.at(0.5):.0f} ms, p95 {p95:.0f} ms, most {max(timings.ms):.0f} ms"
    what = f"a hand at the other side ({len(timings.ms)} of {moves} moves)"
    report("Hands on a shared picture", [Row(what, figure, "p95 ≤ 100 ms", p95 <= _MOST_P95_MS)])


if __name__ == "__main__":
    main()
