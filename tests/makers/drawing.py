"""The reader before her case with a pen: what her hand does, and what it means in pixels."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import dist
from typing import Any

import numpy as np
from playwright.async_api import Browser, Page

from tests.makers.screen import Screen, open_screen
from tests.makers.viewing import ReadCase
from tests.makers.visitor import Visitor

_PATIENCE_S = 60.0
_SAID = """() => [...document.querySelectorAll(".view-cell:not([hidden]) .marks-layer")].map(
  (svg) => [
    ...[...svg.querySelectorAll("g:first-child path")].map((it) => it.getAttribute("d")),
    ...[...svg.querySelectorAll("text")].map((it) => it.textContent),
  ])"""
_SIZE = "(it) => [it.naturalWidth ?? it.width, it.naturalHeight ?? it.height]"
Spot = tuple[float, float]

# where each tool is moved on the picture, in shares of it; a tool of one place is pressed there
STROKES: Mapping[str, tuple[str, Sequence[Spot]]] = {
    "point": ("2", [(0.30, 0.30)]),
    "arrow": ("3", [(0.40, 0.30), (0.46, 0.36)]),
    "length": ("4", [(0.30, 0.60), (0.50, 0.70)]),
    "angle": ("5", [(0.25, 0.40), (0.30, 0.50), (0.40, 0.48)]),
    "rectangle": ("6", [(0.55, 0.25), (0.65, 0.33)]),
    "ellipse": ("7", [(0.55, 0.60), (0.70, 0.68)]),
    "polygon": ("8", [(0.40, 0.76), (0.50, 0.76), (0.48, 0.84)]),
    "freehand": ("9", [(0.20, 0.55), (0.22, 0.62), (0.27, 0.60), (0.26, 0.70)]),
    "text": ("t", [(0.42, 0.52)]),
    "disc": ("y", [(0.70, 0.42), (0.80, 0.54)]),
}
_CORNERS = {"angle", "polygon", "point", "text"}


@dataclass
class Reader:
    """The expert who holds the case: her browser's session, and the door behind her page."""

    base: str
    case_id: str
    token: str
    visitor: Visitor
    read_case: ReadCase

    @property
    def url(self) -> str:
        """Where her marks are."""
        return f"/api/cases/{self.case_id}/marks"

    async def sheet(self) -> dict[str, Any]:
        """Her sheet as the server has it."""
        _, told = await self.visitor.get(self.url)
        return dict(told["sheets"][0])

    async def save(self, marks: Sequence[Any] = ()) -> None:
        """Put marks there, as another window would."""
        body = {"revision": (await self.sheet())["revision"], "marks": list(marks)}
        own = {"X-CSRF-Token": self.visitor.token, "Origin": self.base}
        told = {**body, "key_images": []}
        async with self.visitor.raw.put(
            self.visitor.at(self.url), json=told, headers=own
        ) as answer:
            assert answer.status == 200, await answer.text()

    async def until(self, count: int) -> dict[str, Any]:
        """Her sheet once so many marks are there."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                found = await self.sheet()
                if len(found["marks"]) == count:
                    return found
                await asyncio.sleep(0.1)


@asynccontextmanager
async def drawing(
    graphics: Browser, reader: Reader, *, way: str = "webgl"
) -> AsyncIterator[Screen]:
    """The reader before the case, with an empty sheet."""
    await reader.save()
    async with open_screen(graphics, reader.base, size=(1366, 768)) as screen:
        await screen.come_as(reader.token)
        await come(screen, reader, way)
        yield screen


async def come(screen: Screen, reader: Reader, way: str = "webgl") -> None:
    """Open the room, and wait until pictures and pen are there."""
    if way == "server":
        await screen.page.route("**/assets/stage-*.js", lambda route: route.fulfill(status=404))
        screen.awaited.append("404 GET")
    await screen.go(f"/cases/{reader.case_id}/reading" + ("?render=cpu" if way == "cpu" else ""))
    await screen.at(".marks[data-ready]").wait_for(state="attached")
    await screen.at(f'.read-shell[data-way="{way}"]').wait_for()
    drawn = "img[src$='/rendered']" if way == "server" else "canvas"
    await screen.at(f".view-cell:not([hidden]) .view-img {drawn}:visible").first.wait_for()


async def lies(page: Page) -> tuple[float, float, float, float]:
    """Where the picture itself lies on the screen: its corner and size."""
    shown = page.locator(".view-cell:not([hidden]) .view-img > :is(canvas, img):visible").first
    box: Any = await shown.bounding_box()
    wide, high = await shown.evaluate(
        "(it) => [it.naturalWidth ?? it.width, it.naturalHeight ?? it.height]"
    )
    scale = min(box["width"] / wide, box["height"] / high)
    x = box["x"] + (box["width"] - wide * scale) / 2
    y = box["y"] + (box["height"] - high * scale) / 2
    return x, y, wide * scale, high * scale


async def draw(page: Page, tool: str, places: Sequence[Spot] | None = None) -> list[Spot]:
    """Draw with a tool by the mouse; the places of the hand, in shares of the picture."""
    key, usual = STROKES[tool]
    await page.keyboard.press(key)
    await page.locator(f'[data-marks-tool-param="{tool}"][aria-pressed=true]').wait_for()
    x, y, wide, high = await lies(page)
    points = [(round(x + a * wide), round(y + b * high)) for a, b in places or usual]
    await page.mouse.move(*points[0])
    if tool in _CORNERS:
        for point in points:
            await page.mouse.click(*point)
        if tool == "polygon":
            await page.keyboard.press("Enter")
    else:
        await page.mouse.down()
        for point in points[1:]:
            await page.mouse.move(*point, steps=3)
        await page.mouse.up()
    return [((px - x) / wide, (py - y) / high) for px, py in points]


async def draw_fully(page: Page, tool: str) -> list[Spot]:
    """Draw, and tell what it is: a lesion by its key, words where the tool waits for them."""
    at = await draw(page, tool)
    if tool == "point":
        await page.keyboard.press("m")
    if tool == "text":
        await page.keyboard.type("渗出 near disc")
        await page.keyboard.press("Tab")
    return at


async def select_point(screen: Screen) -> str:
    """Press the point's ring; what the page says of it."""
    await screen.page.keyboard.press("s")
    await screen.at('[data-marks-tool-param="select"][aria-pressed=true]').wait_for()
    x, y, wide, high = await lies(screen.page)
    (across, down), *_ = STROKES["point"][1]
    await screen.page.mouse.click(x + across * wide, y + down * high + 7)
    told = screen.at("[data-part=marks-said]", has_text="微血管瘤")
    return str(await told.text_content())


def near(one: Sequence[float], other: Sequence[float]) -> bool:
    """The same place but for what a hundredth of a pixel and a line of the screen make."""
    return dist(one, other) < 0.05


def held(tool: str, at: Sequence[Spot], size: tuple[int, int]) -> list[tuple[float, float]]:
    """The points that these presses mean, in pixels of the picture."""
    points = [(a * size[0], b * size[1]) for a, b in at]
    if tool not in {"ellipse", "disc"}:
        return points
    (x1, y1), (x2, y2) = points
    column, row = (x1 + x2) / 2, (y1 + y2) / 2
    across, down = [(x1, row), (x2, row)], [(column, y1), (column, y2)]
    return [*across, *down] if abs(x2 - x1) >= abs(y2 - y1) else [*down, *across]


async def said(page: Page) -> list[list[str]]:
    """What stands over each picture: the lines in its own pixels, and the words.

    What the server counted is asked for when a mark is selected, and left out here.
    """
    layers = await page.evaluate(_SAID)
    return [[text.partition(" 绿色通道")[0] for text in layer] for layer in layers]


async def saved(screen: Screen) -> None:
    """The page says that the server has everything."""
    await screen.at('.marks-state[data-where="saved"]').wait_for(state="attached")


async def take_up(screen: Screen, film: str) -> None:
    """Take a film of the strip up."""
    await screen.at(f'.film[data-film="{film}"]').click()
    view = f'[data-room-target=shot][data-film="{film}"] .view[data-spot-film="{film}"]'
    await screen.at(view).wait_for()


def inside(points: Sequence[Sequence[float]], shape: tuple[int, int]) -> np.ndarray:
    """The pixels whose centres lie in an ellipse or a rectangle."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    if len(points) == 2:
        (x1, y1), (x2, y2) = points
        across = (min(x1, x2) <= columns) & (columns <= max(x1, x2))
        return np.asarray(across & (min(y1, y2) <= rows) & (rows <= max(y1, y2)))
    ends = np.asarray(points)
    centre = ends.mean(axis=0)
    wide, high = np.ptp(ends[:, 0]) / 2, np.ptp(ends[:, 1]) / 2
    return np.asarray(((columns - centre[0]) / wide) ** 2 + ((rows - centre[1]) / high) ** 2 <= 1)
