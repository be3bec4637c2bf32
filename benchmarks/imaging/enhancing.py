"""How long the page is held while the contrast of a twelve-million-pixel photograph is raised.

    python -m benchmarks.imaging.enhancing [--rounds 5]

A real photograph is enlarged to 4000 by 3000 pixels and opened in the reading room. The key turns
the enhancement on and off; told are the longest tasks of the page (PerformanceObserver, longtask;
0 where none was longer than 50 ms) and the time until the picture stands there. Held is the same
page without its worker, which then does the same work itself: both draw the same bytes.
"""

import argparse
import asyncio
import io
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.async_api import Page

from benchmarks.checked import DATA
from benchmarks.load import Row, report
from tests.makers.browsers import open_chromium
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.screen import open_screen
from tests.makers.sent import real_fundus
from tests.makers.viewing import ReadCase, take_case_of
from tests.makers.visitor import Visitor

BAR_MS: Final = 200
ROUNDS: Final = 5
_SIZE: Final = (4000, 3000)
_WINDOW: Final = (1366, 768)
_PATIENCE_MS: Final = 300_000
_OBSERVE: Final = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.longest = Math.max(window.longest, duration);
    }
  }).observe({ type: "longtask" });
}"""
_TURN: Final = """async ([on]) => {
  const mode = document.querySelector(".view-cell:not([hidden]) [data-part=mode]");
  const frame = () => new Promise(window.requestAnimationFrame);
  await frame();
  await frame();
  window.longest = 0;
  const begun = performance.now();
  document.querySelector("[data-viewer-look-param=enhanced]").click();
  while (mode.hidden === on) { await frame(); }
  const ready = performance.now() - begun;
  await new Promise((go) => setTimeout(go, 500));
  return [window.longest, ready];
}"""
_HASH: Final = """async () => {
  const canvas = document.querySelector(".view-cell:not([hidden]) .view-img canvas");
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const hash = await crypto.subtle.digest("SHA-256", data);
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}"""


_WITHOUT: Final = """(() => {
  const Own = window.Worker;
  window.Worker = class extends Own {
    constructor(url, options) {
      if (String(url).includes("colour_worker")) { throw new Error("no worker"); }
      super(url, options);
    }
  };
})()"""


def main() -> None:
    """Turn the enhancement on and off again and again, with the worker and without."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as folder,
        open_image_house(Path(folder) / "house") as house,
    ):
        read_case = asyncio.run(take_case_of(house, house.patient(), [_large()], {}))
        rows = asyncio.run(_measure(house, read_case, rounds))
    report("Raising the contrast of twelve million pixels", rows)


def _large() -> bytes:
    photograph = Image.open(io.BytesIO(real_fundus(DATA)[0])).convert("RGB").resize(_SIZE)
    buffer = io.BytesIO()
    photograph.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


async def _measure(house: ImageHouse, read_case: ReadCase, rounds: int) -> list[Row]:
    worker_on, worker_off, with_worker = await _look(house, read_case, rounds, has_worker=True)
    page_on, page_off, without = await _look(house, read_case, rounds, has_worker=False)
    bar, is_same = f"≤ {BAR_MS} ms", with_worker == without
    return [
        Row("longest task, enhancing", _told(worker_on, 0), bar, _holds(worker_on)),
        Row("longest task, plain again", _told(worker_off, 0), bar, _holds(worker_off)),
        Row("until it stands there", _told(worker_on, 1)),
        Row("longest task, held", _told(page_on, 0)),
        Row("plain again, held", _told(page_off, 0)),
        Row("until it stands there, held", _told(page_on, 1)),
        Row("the same bytes", "yes" if is_same else "no", "yes", is_same),
    ]


Turned = Sequence[Sequence[float]]


async def _look(
    house: ImageHouse, read_case: ReadCase, rounds: int, *, has_worker: bool
) -> tuple[Turned, Turned, str]:
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
    async with (
        open_chromium() as browser,
        open_screen(browser, house.house.base, size=_WINDOW) as screen,
    ):
        await screen.come_as(token)
        page = screen.page
        page.set_default_timeout(_PATIENCE_MS)
        if not has_worker:
            await page.add_init_script(_WITHOUT)
        await page.add_init_script(f"({_OBSERVE})()")
        await screen.go(f"/cases/{read_case.case.id}/reading")
        await page.locator(".film.is-on[data-seen=full]").wait_for()
        # the second time the server knows from the first that it was seen in full
        await page.locator(".view[data-spot-film] canvas").wait_for()
        return await _turn(page, rounds)


async def _turn(page: Page, rounds: int) -> tuple[Turned, Turned, str]:
    on: list[Any] = []
    off: list[Any] = []
    for _ in range(rounds):
        on.append(await page.evaluate(_TURN, [True]))
        off.append(await page.evaluate(_TURN, [False]))
    await page.evaluate(_TURN, [True])
    return on, off, await page.evaluate(_HASH)


def _holds(turned: Turned) -> bool:
    return max(longest for longest, _ in turned) <= BAR_MS


def _told(turned: Turned, which: int) -> str:
    values = [each[which] for each in turned]
    low, high = min(values), max(values)
    return f"{statistics.median(values):.0f} ms ({low:.0f} to {high:.0f}, {len(values)} times)"


if __name__ == "__main__":
    main()
