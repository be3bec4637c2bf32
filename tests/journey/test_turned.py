"""A picture that was taken upside-down is turned to be looked at; what is drawn stays there."""

import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser

from tests.makers.drawing import (
    Reader,
    come,
    drawing,
    near,
    said,
    saved,
    take_up,
)
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.screen import Screen
from tests.makers.sent import real_fundus
from tests.makers.viewing import slices_of, take_case
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

_SHOWN = ".view-cell:not([hidden]) .view-img > canvas:visible"
_VIEW = ".view-cell[data-side=R] .view"
QUARTER, MIRROR = "Backquote", "Backslash"
WAYS_TO_TURN = {
    "a quarter": ([QUARTER], "已旋转 90°"),
    "upside-down": ([QUARTER, QUARTER], "已旋转 180°"),
    "mirrored": ([MIRROR], "已镜像：左右互换"),
    "both": ([QUARTER, MIRROR], "已旋转 90° · 已镜像：左右互换"),
}
Share = tuple[float, float]


@pytest.fixture(scope="module")
async def reader(room: ImageHouse, real_files: Path) -> AsyncIterator[Reader]:
    """The reader of a case with photographs of both eyes and a slice."""
    slices = slices_of(real_files)
    objects = {"slice": slices[min(slices)]}
    read_case = await take_case(room, real_files, objects, photographs=2)
    async with Visitor(room.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
        yield Reader(room.house.base, read_case.case.id, token, visitor, read_case)


def on_screen(share: Share, keys: Sequence[str]) -> Share:
    """Where a place of the picture is once these keys were pressed, in shares of what is seen."""
    x, y = share
    for key in keys:
        x, y = (1 - y, x) if key == QUARTER else (1 - x, y)
    return x, y


def seen(image: Image.Image, keys: Sequence[str]) -> Image.Image:
    """The same of a whole picture, by Pillow."""
    for key in keys:
        turn = Image.Transpose.ROTATE_270 if key == QUARTER else Image.Transpose.FLIP_LEFT_RIGHT
        image = image.transpose(turn)
    return image


async def lies(screen: Screen, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Where a picture that is seen in this size lies on the screen: its corner and size."""
    box: Any = await screen.at(_SHOWN).first.bounding_box()
    scale = min(box["width"] / size[0], box["height"] / size[1])
    wide, high = size[0] * scale, size[1] * scale
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return middle[0] - wide / 2, middle[1] - high / 2, wide, high


async def looks_like(screen: Screen, picture: Image.Image) -> float:
    """How far the middle of what is on the screen is from this picture, in levels of 255."""
    x, y, wide, high = await lies(screen, picture.size)
    part = {"x": x + 0.25 * wide, "y": y + 0.3 * high, "width": wide / 2, "height": 0.4 * high}
    taken = await screen.page.screenshot(clip=part)  # type: ignore[arg-type]
    shown = Image.open(io.BytesIO(taken)).convert("RGB")
    box = (0.25 * picture.width, 0.3 * picture.height, 0.75 * picture.width, 0.7 * picture.height)
    meant = picture.resize(shown.size, Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    return float(np.abs(np.asarray(shown, float) - np.asarray(meant, float)).mean())


async def stroke(screen: Screen, key: str, places: Sequence[Share], size: Any) -> list[Share]:
    """Drag a tool from place to place of what is seen; where the hand was, in shares of it."""
    await screen.page.keyboard.press(key)
    await screen.at(f'[data-shortcut="Digit{key}"][aria-pressed=true]').wait_for()
    x, y, wide, high = await lies(screen, size)
    points = [(round(x + a * wide), round(y + b * high)) for a, b in places]
    mouse = screen.page.mouse
    await mouse.move(*points[0])
    await mouse.down()
    for point in points[1:]:
        await mouse.move(*point, steps=3)
    await mouse.up()
    return [((px - x) / wide, (py - y) / high) for px, py in points]


async def lines(screen: Screen) -> list[str]:
    """The lines over the pictures, in the pictures' own pixels."""
    return [text for layer in await said(screen.page) for text in layer if text.startswith("M")]


def undone(keys: Sequence[str]) -> list[str]:
    """The keys that bring a picture back that was turned by these."""
    return [each for key in reversed(keys) for each in ([key] if key == MIRROR else [QUARTER] * 3)]


@pytest.mark.parametrize("name", WAYS_TO_TURN)
@pytest.mark.parametrize("way", ["webgl", "cpu"])
async def test_what_is_drawn_on_a_turned_picture_stays_in_the_pictures_own_pixels(
    graphics: Browser, reader: Reader, real_files: Path, name: str, way: str
) -> None:
    keys, words = WAYS_TO_TURN[name]
    photograph = Image.open(io.BytesIO(real_fundus(real_files)[0])).convert("RGB")
    turned = seen(photograph, keys)
    places = [on_screen(each, keys) for each in ((0.55, 0.25), (0.65, 0.33))]
    async with drawing(graphics, reader, way=way) as screen:
        usual = await looks_like(screen, photograph)
        for key in keys:
            await screen.page.keyboard.press(key)
        mode = screen.at(f"{_VIEW} [data-part=mode]")
        assert await mode.text_content() == words
        assert await looks_like(screen, turned) < usual + 3
        assert await looks_like(screen, seen(turned, [MIRROR])) > usual + 3
        await screen.shoot(f"turned-{name.replace(' ', '-')}-{way}")
        hands = {key: await stroke(screen, key, places, turned.size) for key in ("6", "9")}
        marks = (await reader.until(2))["marks"]
        await saved(screen)
        before = await lines(screen)
        await come(screen, reader, way)
        assert await lines(screen) == before
        assert await mode.is_hidden()
        assert await looks_like(screen, photograph) < usual + 3
    wide, high = photograph.size
    for mark, hand in zip(marks, hands.values(), strict=True):
        ends = [on_screen(each, undone(keys)) for each in hand]
        wanted = [(x * wide, y * high) for x, y in ends]
        held = [mark["points"][0], mark["points"][-1]]
        assert all(near(*pair) for pair in zip(held, wanted, strict=True)), (held, wanted)


async def test_no_turn_can_make_one_eye_pass_for_the_other(
    graphics: Browser, reader: Reader
) -> None:
    async with drawing(graphics, reader) as screen:
        for key in (MIRROR, QUARTER):
            await screen.page.keyboard.press(key)
            label = screen.at(f"{_VIEW} .view-tl .eye")
            assert "右眼" in str(await label.text_content())
            transform = (
                "(it) => [it, it.closest('.view')].map((e) => getComputedStyle(e).transform)"
            )
            assert await label.evaluate(transform) == ["none", "none"]
            mode = screen.at(f"{_VIEW} [data-part=mode]", has_text="已镜像：左右互换")
            assert await mode.is_visible()
        top = screen.at(f"{_VIEW} .view-side", has_text="原图上方")
        assert await top.get_attribute("data-part") == "side-right"
        other = screen.at(".view-cell[data-side=L] .view")
        assert await other.get_attribute("data-mirrored") is None
        assert await other.locator("[data-part=mode]").is_hidden()
        assert (
            await screen.at("[data-action='viewer#mirror']").get_attribute("aria-pressed") == "true"
        )
        await screen.page.keyboard.press("o")
        await mode.wait_for(state="hidden")
        assert await screen.at(f"{_VIEW} .view-side:visible").count() == 0
        assert (
            await screen.at("[data-action='viewer#mirror']").get_attribute("aria-pressed")
            == "false"
        )


async def test_a_turned_picture_stays_whole_when_the_bar_of_drawing_takes_its_room(
    graphics: Browser, reader: Reader
) -> None:
    async with drawing(graphics, reader) as screen:
        await screen.page.keyboard.press(QUARTER)
        await screen.at(f"{_VIEW} [data-part=mode]", has_text="已旋转 90°").wait_for()
        frame = screen.at(f"{_VIEW} .view-img")
        before: Any = await frame.bounding_box()
        await screen.page.keyboard.press("s")
        await screen.at("[data-part=marks-bar]").wait_for()
        after: Any = await frame.bounding_box()
        assert after["height"] < before["height"]
        await screen.page.wait_for_function(
            """([frame, shown]) => {
              const [outer, inner] = [frame, shown].map(
                (each) => document.querySelector(each).getBoundingClientRect());
              const across = outer.x + outer.width / 2 - inner.x - inner.width / 2;
              const down = outer.y + outer.height / 2 - inner.y - inner.height / 2;
              return Math.hypot(across, down) < 1;
            }""",
            arg=[f"{_VIEW} .view-img", f"{_VIEW} .view-img > canvas"],
        )


async def test_the_sides_of_the_patient_turn_with_a_slice(
    graphics: Browser, reader: Reader
) -> None:
    film = reader.read_case.instances["slice"]
    async with drawing(graphics, reader) as screen:
        await take_up(screen, film)
        place = f'[data-room-target=shot][data-film="{film}"] [data-part=side-'
        assert await sides(screen, place) == ["A", "L", "P", "R"]
        await screen.page.keyboard.press(QUARTER)
        assert await sides(screen, place) == ["R", "A", "L", "P"]
        await screen.page.keyboard.press(MIRROR)
        assert await sides(screen, place) == ["R", "P", "L", "A"]
        await screen.shoot("turned-slice")
        await screen.page.keyboard.press("o")
        assert await sides(screen, place) == ["A", "L", "P", "R"]
        await screen.page.keyboard.press("Shift+Slash")
        help_ = screen.at("#reading-keys")
        assert "旋转 90°、镜像" in str(await help_.text_content())
        await screen.assert_accessible()


async def sides(screen: Screen, place: str) -> list[str]:
    """What stands at the top, right, bottom and left of a picture."""
    parts = ["top", "right", "bottom", "left"]
    return [str(await screen.at(f"{place}{part}]").text_content()) for part in parts]
