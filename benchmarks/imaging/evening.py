"""How soon the next case of a row can be read: drawn in the same page, and loaded as a page.

    python -m benchmarks.imaging.evening [--rounds 3]

Three screening cases of four real photographs each are one reader's row. The clock starts with the
key that puts a case aside. Readable is the moment at which the next case's preview was decoded,
taken over that at which a canvas of the file's own pixels stands in its place. Ahead: the next
cases were loaded for 15 s, while the one before was on the screen. Without: the address is
followed as a page of its own, with warm scripts.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, expect

from benchmarks.checked import DATA
from benchmarks.imaging.viewing import LINES, Seen
from benchmarks.load import Row, report
from consult.cases.model import ServiceType
from tests.makers.browsers import open_chromium
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.screen import open_screen
from tests.makers.viewing import ReadCase, take_case
from tests.makers.visitor import Visitor

ROUNDS: Final = 3
CASES: Final = 3
_LOOK_S: Final = 15
_WINDOW: Final = (1366, 768)
_PATIENCE_MS: Final = 300_000
_SEEN: Final = ".film.is-on[data-seen=full]"
_GO_ON: Final = """async () => {
  const here = window.location.pathname;
  const begun = performance.now();
  document.querySelector("button[data-act-url-value$='/aside']").click();
  const frame = () => new Promise(window.requestAnimationFrame);
  while (window.location.pathname === here) { await frame(); }
  const picture = document.querySelector(".view-img img");
  await picture?.decode().catch(() => undefined);
  const readable = performance.now();
  for (;;) {
    const canvas = document.querySelector(".view-img canvas");
    if (canvas !== null && canvas.width > 0) { break; }
    await frame();
  }
  return [(readable - begun) / 1000, (performance.now() - begun) / 1000];
}"""
_AS_PAGE: Final = """async () => {
  const frame = () => new Promise(window.requestAnimationFrame);
  const picture = document.querySelector(".view-img img");
  await picture?.decode().catch(() => undefined);
  const readable = performance.now();
  for (;;) {
    const canvas = document.querySelector(".view-img canvas");
    if (canvas !== null && canvas.width > 0) { break; }
    await frame();
  }
  return [readable / 1000, performance.now() / 1000];
}"""


def main() -> None:
    """Go on through the row again and again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as folder,
        open_image_house(Path(folder) / "house") as house,
    ):
        row = [asyncio.run(_take(house)) for _ in range(CASES)]
        rows = asyncio.run(_measure(house, row, rounds))
    report("From one case of a row to the next", rows)


async def _take(house: ImageHouse) -> ReadCase:
    return await take_case(house, DATA, {}, service_type=ServiceType.SCREENING_READ)


async def _measure(house: ImageHouse, row: Sequence[ReadCase], rounds: int) -> list[Row]:
    rows = []
    for name, (line, _bar) in LINES.items():
        ahead, alone = await _go_through(house, row, rounds, line)
        rows += [
            Row(f"{name}, ahead: readable", _told([each.readable_s for each in ahead])),
            Row(f"{name}, ahead: taken over", _told([each.taken_s for each in ahead])),
            Row(f"{name}, without: readable", _told([each.readable_s for each in alone])),
            Row(f"{name}, without: taken over", _told([each.taken_s for each in alone])),
        ]
    return rows


async def _go_through(
    house: ImageHouse, row: Sequence[ReadCase], rounds: int, line: dict[str, Any] | None
) -> tuple[list[Seen], list[Seen]]:
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
    ahead, alone = [], []
    async with (
        open_chromium() as browser,
        open_screen(browser, house.house.base, size=_WINDOW) as screen,
    ):
        await screen.come_as(token)
        screen.page.set_default_timeout(_PATIENCE_MS)
        if line is not None:
            session = await screen.page.context.new_cdp_session(screen.page)
            await session.send("Network.enable")
            await session.send("Network.emulateNetworkConditions", line)
        for turn in range(rounds):
            await screen.go(f"/cases/{row[turn % CASES].case.id}/reading")
            alone.append(Seen(*await screen.page.evaluate(_AS_PAGE)))
            await _looked(screen.page)
            ahead.append(Seen(*await screen.page.evaluate(_GO_ON)))
    return ahead, alone[1:] or alone


async def _looked(page: Page) -> None:
    """Look at the case: until it is there in full, and as long as a reader looks."""
    await expect(page.locator(_SEEN)).to_have_count(2, timeout=_PATIENCE_MS)
    await asyncio.sleep(_LOOK_S)


def _told(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{statistics.median(values):.2f} s ({low:.2f} to {high:.2f}, {len(values)} times)"


if __name__ == "__main__":
    main()
