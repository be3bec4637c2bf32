"""OHIF, which others wrote, reads a signed case by our DICOMweb: pictures, numbers, paper."""

import base64
import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, Response
from pydicom import dcmread

from consult.people.machines.model import Right
from tests.makers.image_house import ImageHouse
from tests.makers.marked_reports import MarkedReport, let_machine_in, sign_marked, stack_of
from tests.makers.marks import mark
from tests.makers.ohif import open_ohif
from tests.makers.screen import SHOTS
from tests.makers.sent import real_fundus

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

_PATIENCE_MS = 90_000
_WINDOW = (1366, 768)
_CANVAS = ".cornerstone-canvas"
_PIXELS = """(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext("2d");
  pen.drawImage(canvas, 0, 0);
  const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return [canvas.width, canvas.height, btoa(text)]; }"""
_IS_DRAWN = """() => { const canvas = document.querySelector(".cornerstone-canvas");
  if (canvas === null || canvas.width === 0) { return false; }
  const copy = new OffscreenCanvas(16, 16);
  const pen = copy.getContext("2d");
  pen.drawImage(canvas, 0, 0, 16, 16);
  return pen.getImageData(0, 0, 16, 16).data.some((value, at) => at % 4 !== 3 && value > 40); }"""


_ON_A_PHOTOGRAPH: Sequence[Mapping[str, Any]] = (
    {"tool": "polygon", "lesion": "hard_exudate", "label": "渗出"},
    {"tool": "arrow", "label": "见此处"},
)
_ON_A_SLICE: Sequence[Mapping[str, Any]] = (
    {"tool": "length", "points": [[150, 200], [350, 200]], "label": "横径"},
    {"tool": "angle", "points": [[150, 150], [250, 250], [350, 150]]},
    {"tool": "rectangle", "points": [[160, 260], [220, 320]], "label": "此区"},
    {"tool": "ellipse", "points": [[260, 300], [340, 300], [300, 280], [300, 320]]},
)


def draw(photographs: Sequence[str], slices: Sequence[str]) -> list[Any]:
    """The same on every picture: OHIF does not always turn to the one that bears the marks."""
    drawn = [(image, told) for image in photographs for told in _ON_A_PHOTOGRAPH]
    drawn += [(image, told) for image in slices for told in _ON_A_SLICE]
    return [mark(image, number=number, **told) for number, (image, told) in enumerate(drawn)]


@dataclass
class Foreign:
    """A hospital's OHIF, the report that is read in it, and what its page complained about."""

    base: str
    report: MarkedReport
    complaints: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Whatever goes elsewhere, is forbidden, or fails."""
        page.on("request", lambda request: self._hear_address(request.url))
        page.on("requestfailed", lambda it: self.complaints.append(f"{it.failure} {it.url}"))
        page.on("response", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def _hear_address(self, url: str) -> None:
        if urlsplit(url).scheme in {"http", "https"} and not url.startswith(self.base):
            self.complaints.append(f"another origin: {url}")


@pytest.fixture(scope="module")
async def report(room: ImageHouse, real_files: Path) -> MarkedReport:
    """A signed report that left its objects beside photographs and slices."""
    return await sign_marked(room, real_files, draw)


@pytest.fixture
def foreign(room: ImageHouse, report: MarkedReport) -> Iterator[Foreign]:
    """OHIF at an origin of its own, whose proxy may search and read."""
    token, code = let_machine_in(room, Right.SEARCH_IMAGES, Right.READ_IMAGES)
    with open_ohif(room.house.base, token=token, institution=code) as base:
        yield Foreign(base, report)


@asynccontextmanager
async def at_a_study(graphics: Browser, foreign: Foreign, study: str) -> AsyncIterator[Page]:
    """The page of one study, once its pictures are drawn."""
    context = await graphics.new_context(
        viewport={"width": _WINDOW[0], "height": _WINDOW[1]}, locale="en-GB"
    )
    context.set_default_timeout(_PATIENCE_MS)
    # the tour over the tools is told only once
    await context.add_init_script(
        "if (location.protocol === 'http:') {"
        " localStorage.setItem('shownTours', JSON.stringify(['basicViewerTour'])); }"
    )
    page = await context.new_page()
    foreign.listen(page)
    try:
        await page.goto(f"{foreign.base}/viewer?StudyInstanceUIDs={study}")
        await page.wait_for_function(_IS_DRAWN)
        yield page
        assert foreign.complaints == []
    finally:
        SHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SHOTS / f"ohif-{study[-6:]}.png")
        await context.close()


async def pixels_of(page: Page) -> np.ndarray:
    """What stands on the screen, as red, green and blue."""
    width, height, text = await page.locator(_CANVAS).first.evaluate(_PIXELS)
    pixels = np.frombuffer(base64.b64decode(text), np.uint8)
    return pixels.reshape(height, width, 4)[:, :, :3].astype(float)


def likeness(shown: np.ndarray, picture: np.ndarray) -> float:
    """How like the middle of the screen is to a picture that was fitted into it."""
    high, wide = shown.shape
    scale = min(high / picture.shape[0], wide / picture.shape[1])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    fitted = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).resize(size)
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    seen = Image.fromarray(shown.astype(np.uint8)).crop((left, top, left + size[0], top + size[1]))
    one, other = (
        np.asarray(each.resize((32, 32), Image.Resampling.BOX)) for each in (seen, fitted)
    )
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def slices_as_shown(real_files: Path) -> Sequence[np.ndarray]:
    """The slices through the window of the file."""
    found = []
    for data in stack_of(real_files).values():
        told = dcmread(io.BytesIO(data))
        values = told.pixel_array * float(told.RescaleSlope) + float(told.RescaleIntercept)
        low = float(told.WindowCenter) - float(told.WindowWidth) / 2
        found.append((values - low) / float(told.WindowWidth) * 255)
    return found


async def open_series(page: Page, modality: str) -> None:
    """Take up a series that has no picture of its own."""
    places = page.locator('[data-cy="study-browser-thumbnail-no-image"]')
    await places.filter(has_text=re.compile(f"^{modality}")).first.dblclick()


async def said_in_report(page: Page, *words: str) -> str:
    """The words beside the marks, once all these are among them."""
    layer = page.locator("svg.svg-layer")
    for word in words:
        await layer.filter(has_text=word).first.wait_for()
    return " ".join(await layer.all_text_contents())


async def test_the_list_names_both_studies_with_what_is_in_them(
    graphics: Browser, foreign: Foreign
) -> None:
    context = await graphics.new_context(locale="en-GB")
    context.set_default_timeout(_PATIENCE_MS)
    page = await context.new_page()
    foreign.listen(page)
    await page.goto(foreign.base)
    for name, kinds in (("Zhang, GuiYing", "OP"), ("MISTER, CT", "CT")):
        row = page.locator("tr", has_text=name)
        await row.wait_for()
        assert {"SR", "PR", "KO", "DOC", kinds} <= set(
            re.findall(r"[A-Z]{2,3}", await row.inner_html())
        )
    await context.close()
    assert foreign.complaints == []


async def test_slices_are_drawn_and_the_report_shows_the_numbers_that_were_signed(
    graphics: Browser, foreign: Foreign, real_files: Path
) -> None:
    study = foreign.report.slice.instance.uids.study_instance_uid
    async with at_a_study(graphics, foreign, study) as page:
        shown = (await pixels_of(page))[:, :, 1]
        slices = slices_as_shown(real_files)
        assert max(likeness(shown, each) for each in slices) > 0.95
        assert max(likeness(shown, each[::-1]) for each in slices) < 0.9, "not upside down"
        await open_series(page, "SR")
        said = await said_in_report(page, "135.16 mm", "Angle: 90.00 deg", "1644.05 mm2")
        assert "Area: 1149.01 mm2" in said, "the ellipse as the server counted it"
        await page.get_by_role("button", name="Yes", exact=True).click()
        await page.locator('[data-cy="trackedMeasurements-btn"]').click()
        for text in ("Measurements (9)", "横径", "135 mm", "90.0 °", "此区", "1644 mm²"):
            await page.get_by_text(text, exact=True).first.wait_for()
        assert "Oblique" not in await page.inner_text("body"), (
            "a wide ellipse is left to the report"
        )


async def test_a_photograph_is_drawn_in_its_colours_with_its_lesions_and_the_paper_opens(
    graphics: Browser, foreign: Foreign, real_files: Path
) -> None:
    study = foreign.report.photograph.instance.uids.study_instance_uid
    photographs = [np.asarray(Image.open(io.BytesIO(it))) for it in real_fundus(real_files)[:2]]
    async with at_a_study(graphics, foreign, study) as page:
        shown = await pixels_of(page)
        for channel in (0, 1):
            found = [likeness(shown[:, :, channel], each[:, :, channel]) for each in photographs]
            assert max(found) > 0.95
        await open_series(page, "SR")
        await said_in_report(page, "Mean of green")
        await page.get_by_role("button", name="Yes", exact=True).click()
        await page.locator('[data-cy="trackedMeasurements-btn"]').click()
        for text in ("硬性渗出 Hard exudate", "见此处"):
            await page.get_by_text(text, exact=True).first.wait_for()
        await open_series(page, "DOC")
        await page.locator('object[type="application/pdf"][data^="blob:"]').wait_for(
            state="attached"
        )
