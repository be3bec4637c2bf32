"""From the last byte of a fundus photograph to its painted picture, in real browsers.

    python -m benchmarks.imaging.painted [--uploads 16] [--only clinic,camera]

A clinic photographs again what an expert asked for: its files go through the page's own door (tus,
first look, verdict), while the expert's browser and the clinic's have the case open. The clock
starts before the browser is handed the last piece of the file, and stops when the picture that
the live page has drawn by itself was decoded and two frames were presented after it. Both pages
live in one Chromium on this machine, so that they have one clock.
"""

import argparse
import asyncio
import contextlib
import io
import itertools
import statistics
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.async_api import Browser

from benchmarks.checked import DATA
from benchmarks.imaging.returned import make_returned
from benchmarks.load import Row, report
from benchmarks.town import Town, open_town
from consult.cases.model import Case
from consult.kernel.work import Role
from tests.makers.browsers import open_chromium
from tests.makers.pictures import own_copy
from tests.makers.screen import Screen, open_screen
from tests.makers.world_people import Side

BAR_S: Final = 1.0
UPLOADS: Final = 16
_A_CASE: Final = 4
_PATIENCE_S: Final = 60
_WINDOW: Final = (1366, 1024)
_CAMERA_PX: Final = (3008, 2000)
_CHOOSE: Final = "input[type=file]:not([webkitdirectory])"
_LISTENS: Final = '.live[data-state="live"]'
_NOW: Final = "performance.timeOrigin + performance.now()"

_NOTE_LAST_PIECE: Final = f"""(() => {{ const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {{
    if (body instanceof Blob) window.lastPieceAt = {_NOW};
    return send.call(this, body); }}; }})();"""
"""Before the piece is handed over: a little more than from its last byte on."""

_WATCH: Final = f"""() => {{ const shots = () => [...document.querySelectorAll("#case-images img")];
  const known = new Set(shots().map((it) => it.src));
  performance.clearResourceTimings();
  window.painted = new Promise((done) => {{
    const look = async () => {{
      const fresh = shots().find((it) => !known.has(it.src));
      if (fresh === undefined || window.isPainting) return;
      window.isPainting = true; watch.disconnect();
      const drawn = {_NOW};
      if (!fresh.complete) await new Promise((loaded, failed) => {{
        fresh.addEventListener("load", loaded); fresh.addEventListener("error", failed); }});
      await fresh.decode();
      requestAnimationFrame(() => requestAnimationFrame(() => {{
        const at = {_NOW}, box = fresh.getBoundingClientRect();
        window.isPainting = false;
        const asked = performance.getEntriesByType("resource").map((it) => [it.name,
          performance.timeOrigin + it.startTime, performance.timeOrigin + it.responseEnd]);
        done({{ at, drawn, asked, src: fresh.src, here: location.href.split("#")[0],
          inSight: box.top < innerHeight && box.bottom > 0 && fresh.naturalWidth > 0 }});
      }})); }};
    const watch = new MutationObserver(() => void look());
    watch.observe(document.body, {{ childList: true, subtree: true, attributes: true }});
  }}); }}"""


@dataclass(frozen=True)
class Seen:
    """One upload: seconds after its last piece was handed over."""

    painted_s: float
    asked_s: float
    drawn_s: float
    pages: int


@dataclass
class Kind:
    """Photographs of one kind, and what was measured with them."""

    name: str
    what: str
    files: Sequence[bytes]
    expert: list[Seen] = field(default_factory=list)
    clinic: list[Seen] = field(default_factory=list)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--uploads", type=int, default=UPLOADS)
    parser.add_argument("--only", default="clinic,camera")
    chosen = parser.parse_args()
    kinds = [each for each in make_kinds() if each.name in chosen.only.split(",")]
    with open_town() as town:
        asyncio.run(measure(town, kinds, uploads=chosen.uploads))
    report("From the last byte of a photograph to its painted picture", rows_of(kinds))


def make_kinds() -> Iterator[Kind]:
    """The public photographs as they are, and one in the size that cameras make."""
    paths = sorted((DATA / "image" / "fundus").glob("*.jpg"))
    files = [path.read_bytes() for path in paths]
    yield Kind("clinic", f"JPEG of {_sizes(files)}", files)
    with Image.open(io.BytesIO(files[0])) as small:
        large = small.convert("RGB").resize(_CAMERA_PX, Image.Resampling.BICUBIC)
    coded = io.BytesIO()
    large.save(coded, "JPEG", quality=97, subsampling=0)
    yield Kind("camera", f"JPEG of {_sizes([coded.getvalue()])}, 6 megapixels", [coded.getvalue()])


def _sizes(files: Sequence[bytes]) -> str:
    kilobytes = sorted({len(file) >> 10 for file in files})
    return " to ".join(f"{size:,} KB" for size in {kilobytes[0]: 1, kilobytes[-1]: 1})


async def measure(town: Town, kinds: Sequence[Kind], *, uploads: int) -> None:
    """Every kind, some uploads a case; the first case is not counted: it warms both sides."""
    numbers = itertools.count(601)
    async with open_chromium() as browser:
        for kind in kinds:
            files = itertools.cycle(kind.files)
            await _measure_case(town, browser, Kind("", "", kind.files), next(numbers), files)
            while len(kind.expert) < uploads:
                await _measure_case(town, browser, kind, next(numbers), files)


async def _measure_case(
    town: Town, browser: Browser, kind: Kind, number: int, files: Iterator[bytes]
) -> None:
    case = await make_returned(town, number, files)
    async with open_on(town, browser, case) as (expert, clinic):
        with tempfile.TemporaryDirectory() as folder:
            for turn in range(_A_CASE):
                path = Path(folder) / f"OS_macula_{turn}.jpg"
                path.write_bytes(own_copy(next(files)))
                by_expert, by_clinic = await upload(expert, clinic, path)
                kind.expert.append(by_expert)
                kind.clinic.append(by_clinic)


@contextlib.asynccontextmanager
async def open_on(town: Town, browser: Browser, case: Case) -> AsyncIterator[tuple[Screen, Screen]]:
    """The expert's browser and the clinic's, each on the page of the case."""
    people = (
        town.world.person(Side.LEAD, Role.EXPERT),
        town.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN),
    )
    async with contextlib.AsyncExitStack() as stack:
        screens = []
        for person in people:
            opened = open_screen(browser, town.house.base, size=_WINDOW)
            screen = await stack.enter_async_context(opened)
            await screen.page.context.add_init_script(_NOTE_LAST_PIECE)
            await screen.come_as(person.token)
            await screen.go(f"/cases/{case.id}")
            await screen.at(_LISTENS).wait_for()
            screens.append(screen)
        yield screens[0], screens[1]


async def upload(expert: Screen, clinic: Screen, path: Path) -> tuple[Seen, Seen]:
    """Choose one file at the clinic, and wait until both have it before their eyes."""
    for screen in (expert, clinic):
        await screen.page.evaluate(_WATCH)
        await screen.at("#case-images").evaluate("(it) => it.scrollIntoView({ block: 'start' })")
    await clinic.at(_CHOOSE).set_input_files(path)
    told = [
        await asyncio.wait_for(screen.page.evaluate("() => window.painted"), _PATIENCE_S)
        for screen in (expert, clinic)
    ]
    sent = await clinic.page.evaluate("() => window.lastPieceAt")
    await clinic.at("li.file progress").first.wait_for(state="detached")
    return _seen(told[0], sent), _seen(told[1], sent)


def _seen(told: dict[str, Any], sent: float) -> Seen:
    if not told["inSight"]:
        raise RuntimeError("the picture was drawn where nobody sees it")
    pages = [each for each in told["asked"] if each[0] == told["here"] and each[1] > sent]
    first = min(each[1] for each in pages)
    in_s = [(at - sent) / 1000 for at in (told["at"], first, told["drawn"])]
    return Seen(in_s[0], in_s[1], in_s[2], len(pages))


def rows_of(kinds: Sequence[Kind]) -> list[Row]:
    """Painted, and on the way there: page asked for, picture stands in it."""
    rows = []
    for kind in kinds:
        for who, seen in (("expert's page", kind.expert), ("clinic's own page", kind.clinic)):
            painted = [each.painted_s for each in seen]
            middle = statistics.median(painted)
            asked = statistics.median(each.asked_s for each in seen)
            drawn = statistics.median(each.drawn_s for each in seen)
            pages = statistics.mean(each.pages for each in seen)
            figure = (
                f"{middle:.2f} s ({min(painted):.2f} to {max(painted):.2f}, {len(seen)} uploads);"
                f" page asked for after {asked:.2f}, {pages:.1f} times, picture in it {drawn:.2f}"
            )
            bar = f"median ≤ {BAR_S} s"
            rows.append(Row(f"{kind.what}: {who}", figure, bar, middle <= BAR_S))
    return rows


if __name__ == "__main__":
    main()
