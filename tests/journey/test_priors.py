"""Earlier exams beside today's in the reading room (VW-02, VW-03), on real photographs."""

import base64
import cmath
import io
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser, Locator

from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.screen import Screen, open_screen
from tests.makers.sent import real_fundus, with_exif
from tests.makers.viewing import ReadCase, slices_of, take_case_of
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

FACTOR = 1.05 * cmath.exp(1j * math.radians(6))
SHIFT = complex(12, -9)
_PIXELS = """
(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return [canvas.width, canvas.height, btoa(text)];
}
"""


@dataclass(frozen=True)
class Pair:
    """An earlier case with every field, and today's, of one patient."""

    full: ReadCase
    today: ReadCase


def moved(photograph: bytes) -> bytes:
    """A photograph as a later one of the same eye: turned, larger, elsewhere."""
    picture = Image.open(io.BytesIO(photograph)).convert("RGB")
    middle = complex(picture.width / 2, picture.height / 2)
    shift = middle - FACTOR * middle + SHIFT
    back, away = 1 / FACTOR, -shift / FACTOR
    way = (back.real, -back.imag, away.real, back.imag, back.real, away.imag)
    later = picture.transform(picture.size, Image.Transform.AFFINE, way, Image.Resampling.BICUBIC)
    coded = io.BytesIO()
    later.save(coded, "JPEG", quality=92)
    return with_exif(coded.getvalue())


@pytest.fixture(scope="module")
async def pair(room: ImageHouse, real_files: Path) -> Pair:
    """The right eye comes again moved; on the left, another eye stands where it should not."""
    patient = room.patient()
    taken = real_fundus(real_files)
    earlier = await take_case_of(room, patient, taken, slices_of(real_files))
    today = await take_case_of(room, patient, [moved(taken[0]), taken[2]], {})
    return Pair(earlier, today)


@pytest.fixture
async def screen(graphics: Browser, room: ImageHouse) -> AsyncIterator[Screen]:
    """The reader before today's case."""
    async with Visitor(room.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
    async with open_screen(graphics, room.house.base) as opened:
        await opened.come_as(token)
        yield opened


async def pixels_of(canvas: Locator) -> np.ndarray:
    """What a canvas shows, as red, green and blue."""
    await canvas.wait_for(state="attached")
    width, height, text = await canvas.evaluate(_PIXELS)
    pixels = np.frombuffer(base64.b64decode(text), np.uint8)
    return pixels.reshape(height, width, 4)[:, :, :3].astype(int)


async def labels(screen: Screen) -> list[str]:
    """What stands on the pictures that are before the reader."""
    return await screen.at(".view:visible .view-day").all_inner_texts()


async def beside(screen: Screen, pair: Pair, way: str) -> tuple[np.ndarray, np.ndarray]:
    """Open the earlier exam beside today's right eye; what both show."""
    query = "?render=cpu" if way == "cpu" else ""
    await screen.go(f"/cases/{pair.today.case.id}/reading{query}")
    await screen.at(f'.read-shell[data-way="{way}"]').wait_for()
    now = screen.at('.view-cell[data-side="R"]:not(.view-prior) canvas').first
    today = await pixels_of(now)
    await screen.page.keyboard.press("h")
    earlier = await pixels_of(screen.at(".view-prior canvas"))
    return today, earlier


async def zoom_at_the_pointer(screen: Screen) -> list[str]:
    """Turn the wheel over the earlier picture; how both lie then."""
    box = await screen.at(".view-prior canvas").bounding_box()
    assert box is not None
    await screen.page.mouse.move(box["x"] + 200, box["y"] + 150)
    await screen.page.mouse.wheel(0, -300)
    await screen.at(".view-prior [data-zoom-target=scale]").filter(has_not_text="100%").wait_for()
    return await screen.at(".view:visible .view-img canvas").evaluate_all(
        "(all) => all.map((one) => one.style.transform)"
    )


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """How alike the green channels are in the middle of two pictures."""
    rows, columns = one.shape[:2]
    middle = (slice(rows // 4, 3 * rows // 4), slice(columns // 3, 2 * columns // 3), 1)
    return float(np.corrcoef(one[middle].ravel(), other[middle].ravel())[0, 1])


@pytest.mark.parametrize("way", ["webgl", "cpu"])
async def test_an_earlier_exam_stands_beside_today_and_takes_turns_with_it(
    screen: Screen, pair: Pair, way: str
) -> None:
    today, earlier = await beside(screen, pair, way)
    assert earlier.shape == today.shape
    assert await screen.at('.view-cell[data-side="L"]').is_hidden()
    assert [each[:2] for each in await labels(screen)] == ["本次", "既往"]
    assert "右眼" in await screen.at(".view-prior .view-tl").inner_text()
    lies = await zoom_at_the_pointer(screen)
    assert len(lies) == 2
    assert len(set(lies)) == 1

    await screen.page.emulate_media(reduced_motion="reduce")
    await screen.page.keyboard.press("j")
    over = screen.at(".view-over")
    laid = await pixels_of(over)
    assert (await labels(screen))[0].startswith("既往")  # and stays so until the next press
    assert alike(today, laid) > 0.97 > alike(today, earlier)

    await screen.page.keyboard.press("o")  # any other act ends it
    await over.wait_for(state="detached")
    assert (await labels(screen))[0].startswith("本次")
    await screen.page.emulate_media(reduced_motion="no-preference")
    await screen.page.keyboard.press("j")
    for state in ("[hidden]", ":not([hidden])", "[hidden]"):  # by itself
        await screen.at(f".view-over{state}").wait_for(state="attached")
    await screen.page.keyboard.press("h")
    await over.wait_for(state="detached")
    await screen.at('.view-cell[data-side="L"]').wait_for()
    assert await screen.at(".view-day").count() == 0
    assert screen.complaints == []


def seen_of(room: ImageHouse, read_case: ReadCase) -> int:
    """How often a picture of a case was told as seen in full."""
    lines = [line for line in room.clinic.lines() if line.case_id == read_case.case.id]
    return sum(line.kind == "image.seen" for line in lines)


async def test_another_eye_cannot_be_laid_over_and_no_prior_counts_as_seen(
    screen: Screen, room: ImageHouse, pair: Pair
) -> None:
    before = seen_of(room, pair.full)
    await screen.go(f"/cases/{pair.today.case.id}/reading")
    await screen.at('.view-cell[data-side="L"] canvas').wait_for()
    await screen.page.keyboard.press("l")
    await screen.page.keyboard.press("h")
    await screen.at(".view-prior canvas").wait_for()
    assert "左眼" in await screen.at(".view-prior .view-tl").inner_text()
    screen.awaited.append("422")
    await screen.page.keyboard.press("j")
    await screen.at("[data-priors-target=say]").filter(has_text="无法配准").wait_for()
    assert await screen.at(".view-over").count() == 0
    assert seen_of(room, pair.full) == before
    assert await screen.at(".view-prior [data-seen]").count() == 0


async def test_linked_eyes_show_the_same_field_of_the_protocol(screen: Screen, pair: Pair) -> None:
    await screen.go(f"/cases/{pair.full.case.id}/reading")
    on = screen.at(".film.is-on")
    await screen.at('.film[data-side="R"][data-field="disc_centred"]').click()
    fields = await on.evaluate_all("(all) => all.map(({ dataset }) => dataset.field)")
    assert fields == ["disc_centred", "disc_centred"]
    await screen.page.keyboard.press("b")  # each by itself
    await screen.at('.film[data-side="L"][data-field="macula_centred"]').click()
    told = await on.evaluate_all("(all) => all.map(({ dataset }) => dataset.side + dataset.field)")
    assert set(told) == {"Rdisc_centred", "Lmacula_centred"}


async def test_nobody_is_kept_from_an_earlier_exam(screen: Screen, pair: Pair) -> None:
    await beside(screen, pair, "webgl")
    await screen.assert_accessible()


async def test_the_left_eye_may_stand_first_until_the_reader_signs_out(
    screen: Screen, pair: Pair
) -> None:
    await screen.go(f"/cases/{pair.today.case.id}/reading")
    right, left = (
        screen.at(f'.view-cell[data-side="{side}"]:not(.view-prior)') for side in ("R", "L")
    )

    async def lies_left() -> str:
        one, other = await right.bounding_box(), await left.bounding_box()
        assert one is not None
        assert other is not None
        return "R" if one["x"] < other["x"] else "L"

    assert await lies_left() == "R"
    await screen.page.keyboard.press("x")
    assert await lies_left() == "L"
    await screen.page.reload()
    assert await lies_left() == "L"
    assert "OD" in await right.locator(".view-tl").inner_text()
    await screen.page.evaluate("sessionStorage.clear()")  # as signing out does
    await screen.page.reload()
    assert await lies_left() == "R"
