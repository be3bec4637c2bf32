"""How soon a reader sees the first picture, and how soon the viewer has taken it over.

    python -m benchmarks.imaging.viewing [--rounds 5]

The clock of each page starts with its navigation. Readable is the moment at which the preview that
the page carries was decoded; taken over, at which a canvas of the file's own pixels stands in its
place. Cold is a browser profile that has never been here, warm one that has read the case before.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser

from benchmarks.checked import DATA
from benchmarks.load import Row, report
from tests.makers.browsers import open_chromium
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.screen import open_screen
from tests.makers.viewing import ReadCase, take_case
from tests.makers.visitor import Visitor

ROUNDS: Final = 5
LINES: Final[Mapping[str, tuple[dict[str, Any] | None, float]]] = {
    "loopback": (None, 0.5),
    "1 Mbit/s, 200 ms": (
        {
            "offline": False,
            "latency": 200,
            "downloadThroughput": 125_000,
            "uploadThroughput": 125_000,
        },
        2.0,
    ),
}
_WINDOW: Final = (1366, 768)
_PATIENCE_MS: Final = 300_000
_NOTE: Final = """() => {
  const noteTimes = async () => {
    const picture = document.querySelector(".view-img img");
    if (picture === null) { return window.requestAnimationFrame(noteTimes); }
    await picture.decode().catch(() => undefined);
    window.readableAt ??= performance.now();
    const look = () => {
      const canvas = document.querySelector(".view-img canvas");
      if (canvas !== null && canvas.width > 0) { window.takenAt = performance.now(); }
      else { window.requestAnimationFrame(look); }
    };
    look();
  };
  void noteTimes();
}"""

_TOLD: Final = """async () => {
  while (window.takenAt === undefined) { await new Promise(window.requestAnimationFrame); }
  return [window.readableAt, window.takenAt];
}"""


@dataclass(frozen=True)
class Seen:
    """What one opening of the page took, in seconds."""

    readable_s: float
    taken_s: float


def main() -> None:
    """Open the same case again and again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as folder,
        open_image_house(Path(folder) / "house") as house,
    ):
        read_case = asyncio.run(take_case(house, DATA, {}))
        rows = asyncio.run(_measure(house, read_case, rounds))
    report("First picture, and the viewer's take-over", rows)


async def _measure(house: ImageHouse, read_case: ReadCase, rounds: int) -> list[Row]:
    rows = []
    async with open_chromium() as browser:
        for name, (line, bar_s) in LINES.items():
            pairs = [await _open_twice(browser, house, read_case, line) for _ in range(rounds)]
            rows += _rows(f"{name}, cold", [cold for cold, _ in pairs], bar_s)
            rows += _rows(f"{name}, warm", [warm for _, warm in pairs], bar_s)
    return rows


async def _open_twice(
    browser: Browser, house: ImageHouse, read_case: ReadCase, line: dict[str, Any] | None
) -> tuple[Seen, Seen]:
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
    async with open_screen(browser, house.house.base, size=_WINDOW) as screen:
        await screen.come_as(token)
        await screen.page.add_init_script(f"({_NOTE})()")
        screen.page.set_default_timeout(_PATIENCE_MS)
        if line is not None:
            session = await screen.page.context.new_cdp_session(screen.page)
            await session.send("Network.enable")
            await session.send("Network.emulateNetworkConditions", line)
        seen = []
        for _ in range(2):
            await screen.go(f"/cases/{read_case.case.id}/reading")
            told = await screen.page.evaluate(_TOLD)
            seen.append(Seen(told[0] / 1000, told[1] / 1000))
    return seen[0], seen[1]


def _rows(what: str, seen: Sequence[Seen], bar_s: float) -> list[Row]:
    readable = [each.readable_s for each in seen]
    taken = [each.taken_s for each in seen]
    middle = statistics.median(readable)
    return [
        Row(f"{what}: readable", _told(readable), f"median ≤ {bar_s} s", middle <= bar_s),
        Row(f"{what}: taken over", _told(taken)),
    ]


def _told(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{statistics.median(values):.2f} s ({low:.2f} to {high:.2f}, {len(values)} openings)"


if __name__ == "__main__":
    main()
