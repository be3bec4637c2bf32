"""The reader takes her marks along as a drawing, and laid over the picture it fits to the pixel."""

import base64
import io
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.async_api import Browser
from pydicom import dcmread

from consult.cases.images import service as images
from consult.people.organisations import service as organisations
from server.views.pictures import urls_of
from tests.makers.drawing import Reader, come
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.marks import lesions, mark
from tests.makers.screen import open_screen
from tests.makers.viewing import slices_of, take_case
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
SVG = "{http://www.w3.org/2000/svg}"
POINTS: dict[str, list[list[float]]] = {
    "point": [[60.5, 40.5]],
    "arrow": [[120, 40], [170, 75]],
    "length": [[30.25, 130.5], [110, 150]],
    "angle": [[150, 120], [190, 160.5], [230, 118]],
    "rectangle": [[250, 30], [330.5, 80.25]],
    "ellipse": [[60, 220], [160, 260], [104, 255], [116, 225]],
    "polygon": [[220, 200], [300.1, 210.3], [290, 280], [225, 270]],
    "freehand": [[340 + step * 1.5, 150 + 20 * sin(step / 4)] for step in range(60)],
    "text": [[60, 330]],
    "disc": [[380, 330], [460, 330], [420, 290], [420, 370]],
}
"""One drawing of each tool, inside a slice of 512 by 512 pixels."""
_OVER = """<!doctype html><style>body{margin:0}img{position:absolute;left:0;top:0;
  width:%dpx;height:%dpx}</style><img src="data:image/png;base64,%s">%s"""
_DRAWN = '<img src="data:image/svg+xml;base64,%s">'
_LOADED = "() => Promise.all([...document.images].map((it) => it.decode())).then(() => true)"
Pixels = NDArray[np.float64]


@dataclass
class Marked:
    """The reader of a case with a slice on which she has marked with every tool."""

    reader: Reader
    image_id: str
    size: tuple[int, int]
    picture: bytes


@pytest.fixture(scope="module")
async def marked(room: ImageHouse, real_files: Path) -> AsyncIterator[Marked]:
    """A case with a photograph and a slice, in the hands of an expert."""
    read_case = await take_case(room, real_files, {"slice": large_slice(real_files)}, photographs=1)
    found = room.clinic.do(room.world.expert, images.list_case_images, case_id=read_case.case.id)
    image = next(each for each in found if each.eye is None)
    told = image.instance.description
    async with Visitor(room.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
        held_by = room.clinic.system(
            organisations.get_institution, institution_id=image.instance.institution_id
        )
        urls = urls_of(image.instance, institution_code=held_by.code)
        _status, picture = await visitor.picture(urls.full)
        reader = Reader(room.house.base, read_case.case.id, token, visitor, read_case)
        yield Marked(reader, image.id, (told.columns or 0, told.rows or 0), picture)


def large_slice(real_files: Path) -> bytes:
    """A real slice's header around a slope of 512 by 512 pixels."""
    slices = slices_of(real_files)
    made = dcmread(io.BytesIO(slices[min(slices)]))
    made.Rows = made.Columns = 512
    made.PixelData = np.add.outer(np.arange(512), np.arange(512)).astype("<i2").tobytes()
    stored = io.BytesIO()
    made.save_as(stored)
    return stored.getvalue()


async def test_a_drawing_that_was_taken_lies_over_the_picture_to_the_pixel(
    graphics: Browser, marked: Marked
) -> None:
    marks = [
        mark(marked.image_id, tool, number=number, points=points, lesion="nve")
        for number, (tool, points) in enumerate(POINTS.items())
    ]
    marks[-2] |= {"label": "渗出 <b>near</b> disc"}
    await marked.reader.save(marks)
    drawing = await take(graphics, marked)
    root = ET.fromstring(drawing)  # noqa: S314 - our own
    assert [group.get("class") for group in root.findall(SVG + "g")] == list(POINTS)
    bare, over = await shown(graphics, marked, drawing)
    width = float(root.get("stroke-width") or 0)
    colour = lesions().by_code["nve"].colour
    ink = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    for each in marks:
        check(each, bare, over, ink=ink, width=width)
    assert np.abs(over[:20] - bare[:20]).max() == 0, "where nothing was drawn stands the picture"


async def take(graphics: Browser, marked: Marked) -> bytes:
    """From the reading room to the page with the marks, a reason, and the file."""
    reader = marked.reader
    async with open_screen(graphics, reader.base, size=(1366, 768)) as screen:
        await screen.come_as(reader.token)
        await come(screen, reader, "cpu")
        await screen.at(".tools-turn").click()
        async with screen.page.expect_popup() as opened:
            await screen.page.get_by_role("link", name="导出标注").click()
        page = await opened.value
        await page.locator("#marks-out select[name=reason]").select_option("treatment")
        assert await page.locator("#marks-out select[name=at] option").count() == 1
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="图形（SVG）").click()
        download = await downloading.value
        assert download.suggested_filename.endswith("-1.svg")
        path = await download.path()
        await page.close()
        return path.read_bytes()


async def shown(graphics: Browser, marked: Marked, drawing: bytes) -> tuple[Pixels, Pixels]:
    """The picture alone and with the drawing laid over it, as Chromium shows them."""
    columns, rows = marked.size
    stored = io.BytesIO()
    Image.open(io.BytesIO(marked.picture)).convert("RGB").save(stored, "PNG")
    picture = base64.b64encode(stored.getvalue()).decode()
    context = await graphics.new_context(viewport={"width": columns, "height": rows})
    page, found = await context.new_page(), []
    for over in ("", _DRAWN % base64.b64encode(drawing).decode()):
        await page.set_content(_OVER % (columns, rows, picture, over))
        await page.evaluate(_LOADED)
        shot = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
        assert shot.size == marked.size
        found.append(np.asarray(shot, dtype=float))
    await context.close()
    return found[0], found[1]


def check(told: Any, bare: Pixels, over: Pixels, *, ink: Pixels, width: float) -> None:
    """A pixel under the stroke has its colour, one beside it is the picture's."""
    away = distances(line_of(told, width), bare.shape[:2])
    under = away < width / 2 - 0.72
    assert under.sum() == 0 if told["tool"] == "text" else under.sum() > 10, told["tool"]
    assert np.abs(over[under] - ink).max(initial=0) < 40, told["tool"]
    near = (away > width / 2 + 0.72) & (away < width / 2 + 2.5)
    rows, columns = np.nonzero(near)
    beside = columns < max(point[0] for point in told["points"])  # left of letters and heads
    if told["tool"] not in {"text", "arrow"}:
        difference = np.abs(over - bare)[rows[beside], columns[beside]]
        assert difference.max(initial=0) == 0, told["tool"]


def line_of(told: Any, width: float) -> list[list[float]]:
    """The way of the stroke, as the sheet means it; a text has none."""
    points, tool = told["points"], told["tool"]
    if tool == "text":
        return []
    if tool == "point":
        (x, y), radius = points[0], 3 * width
        return ring((x, y), (radius, 0), (0, radius))
    if tool == "rectangle":
        (x1, y1), (x2, y2) = points
        return [[x1, y1], [x2, y1], [x2, y2], [x1, y2], [x1, y1]]
    if tool in {"ellipse", "disc"}:
        a, b, c, d = points
        centre = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
        one, other = ((q[0] - p[0]) / 2 for p, q in ((a, b), (c, d)))
        down, up = ((q[1] - p[1]) / 2 for p, q in ((a, b), (c, d)))
        return ring(centre, (one, down), (other, up))
    return [*points, points[0]] if tool == "polygon" else points


def ring(
    centre: tuple[float, float], one: tuple[float, float], other: tuple[float, float]
) -> list[list[float]]:
    turns = [step * pi / 180 for step in range(361)]
    return [
        [centre[at] + cos(turn) * one[at] + sin(turn) * other[at] for at in (0, 1)]
        for turn in turns
    ]


def distances(line: Sequence[Sequence[float]], shape: Sequence[int]) -> Pixels:
    """How far each pixel's centre, which lies at a half, is from a line."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    nearest = np.full(tuple(shape), np.inf)
    for (x1, y1), (x2, y2) in pairwise(line):
        dx, dy = x2 - x1, y2 - y1
        square = dx * dx + dy * dy
        share = ((columns - x1) * dx + (rows - y1) * dy) / square if square else 0.0
        share = np.clip(share, 0, 1)
        away = np.hypot(columns - x1 - share * dx, rows - y1 - share * dy)
        nearest = np.minimum(nearest, away)
    return nearest
