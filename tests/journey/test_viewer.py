"""The reading room draws pictures from their own pixels, by graphics card and by processor."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser
from pydicom import dcmread

from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reading_room import at_the_case, open_film, shown
from tests.makers.sent import real_fundus
from tests.makers.viewing import ReadCase, slices_of, take_case, values_of
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

WAYS = ["webgl", "cpu"]


@pytest.fixture(scope="module")
def objects(real_files: Path) -> dict[str, bytes]:
    """What is in the case besides photographs."""
    folder = real_files / "dicom"
    return slices_of(real_files) | {
        "j2k": (folder / "jpeg2000" / "CT1_J2KR").read_bytes(),
        "frames": (folder / "multiframe-enhanced" / "emri_small.dcm").read_bytes(),
        "colour": (folder / "explicit-vr-le" / "SC_rgb.dcm").read_bytes(),
    }


@pytest.fixture(scope="module")
async def read_case(room: ImageHouse, real_files: Path, objects: dict[str, bytes]) -> ReadCase:
    """Two photographs and the objects, taken by the expert."""
    return await take_case(room, real_files, objects, photographs=2)


def windowed(values: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Values through a linear window, as the standard has it."""
    return np.clip((values - lower) / (upper - lower) * 255, 0, 255)


def in_units(data: bytes) -> np.ndarray:
    """The values of a slice in the units that its header tells."""
    head = dcmread(io.BytesIO(data), stop_before_pixels=True)
    return values_of(data) * float(head.RescaleSlope) + float(head.RescaleIntercept)


@pytest.mark.parametrize("way", WAYS)
async def test_a_photograph_stands_in_its_own_pixels_and_red_free_is_its_green(
    graphics: Browser, room: ImageHouse, read_case: ReadCase, real_files: Path, way: str
) -> None:
    async with at_the_case(graphics, room, read_case, way=way) as screen:
        whole = await shown(screen.page)
        await screen.at('.film[aria-current="true"][data-seen="full"]').wait_for()
        await screen.page.keyboard.press("v")
        red_free = await shown(screen.page)
        told = await screen.at(".view [data-part=mode]").first.text_content()
        await screen.page.keyboard.press("v")

    decoded = np.asarray(Image.open(io.BytesIO(real_fundus(real_files)[0])).convert("RGB"))
    assert whole.shape == decoded.shape
    assert np.abs(whole - decoded).mean() < 0.5  # browsers and Pillow spread colour differently
    for channel in range(3):
        assert np.array_equal(red_free[:, :, channel], whole[:, :, 1])
    assert told == "无赤光"


@pytest.mark.parametrize("way", WAYS)
async def test_red_free_of_an_exact_picture_is_numpys_green_channel(
    graphics: Browser, room: ImageHouse, read_case: ReadCase, objects: dict[str, bytes], way: str
) -> None:
    film = read_case.instances["colour"]
    async with at_the_case(graphics, room, read_case, way=way) as screen:
        await open_film(screen, film)
        whole = await shown(screen.page, film)
        await screen.page.keyboard.press("v")
        red_free = await shown(screen.page, film)
    exact = values_of(objects["colour"])
    assert np.array_equal(whole, exact)
    assert np.array_equal(red_free[:, :, 0], exact[:, :, 1])


@pytest.mark.parametrize("way", WAYS)
async def test_a_slice_shows_its_values_through_the_window_pixel_by_pixel(
    graphics: Browser, room: ImageHouse, read_case: ReadCase, objects: dict[str, bytes], way: str
) -> None:
    film = read_case.instances["j2k"]
    async with at_the_case(graphics, room, read_case, way=way) as screen:
        await open_film(screen, film)
        await shown(screen.page, film)
        assert await screen.at(".read-shell").get_attribute("data-way") == way
        presets = screen.at("[data-viewer-target=presets]")
        await presets.select_option(label="肺")
        told = screen.at(f'[data-film="{film}"] [data-part=window]')
        await told.filter(has_text="窗宽 1500 窗位 -600").wait_for()
        drawn = await shown(screen.page, film)
    expected = windowed(in_units(objects["j2k"]), -600 - 0.5 - 749.5, -600 - 0.5 + 749.5)
    assert np.abs(drawn[:, :, 0] - expected).max() <= 1.5


async def test_every_frame_is_scrolled_and_the_object_counts_as_seen_with_its_last(
    graphics: Browser, room: ImageHouse, read_case: ReadCase, objects: dict[str, bytes]
) -> None:
    film = read_case.instances["frames"]
    async with at_the_case(graphics, room, read_case) as screen:
        await open_film(screen, film)
        told = screen.at(f'[data-film="{film}"] [data-part=seen]')
        for number in range(1, 11):
            await told.filter(has_text=f"已看全图 {number}/10 帧").wait_for(state="attached")
            state = await screen.at(f'.film[data-film="{film}"]').get_attribute("data-seen")
            assert (state == "full") <= (number == 10)
            await screen.page.keyboard.press("PageDown")
        await screen.at(f'.film[data-film="{film}"][data-seen="full"]').wait_for()
        last = await shown(screen.page, film)
    values = values_of(objects["frames"], frame=9).astype(float)
    there = np.corrcoef(values.ravel(), last[:, :, 0].ravel())[0, 1]
    assert there > 0.99


async def test_a_frame_that_does_not_come_says_so(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    async with at_the_case(graphics, room, read_case) as screen:
        broken = screen.at(f'.film[data-film="{read_case.instances["3353"]}"]')
        path = await broken.get_attribute("data-instance")
        await screen.page.route(f"**{path}/frames/1", lambda route: route.fulfill(status=404))
        await screen.go(screen.path)
        await screen.at("[data-viewer-target=way]", has_text="WebGL").wait_for()
        await open_film(screen, read_case.instances["2693"])
        await screen.at(
            f'.film[data-film="{read_case.instances["2693"]}"][data-seen=full]'
        ).wait_for()
        await broken.click()
        said = screen.at(".view-cell:not([hidden]) [data-part=bad]", has_text="无法显示")
        await said.wait_for(state="visible")
        assert await broken.get_attribute("data-seen") != "full"
        screen.refusals.clear()  # the one that was answered 404 above, asked ahead as well


async def test_where_the_scripts_do_not_come_the_server_draws_and_says_so(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    async with at_the_case(graphics, room, read_case) as screen:
        await screen.page.route("**/assets/stage-*.js", lambda route: route.fulfill(status=404))
        screen.awaited.append("404 GET")
        await screen.go(screen.path)
        await screen.at("[data-viewer-target=way]", has_text="服务器绘制").wait_for()
        picture = screen.at('.view-img img[src$="/rendered"]').first
        await picture.wait_for(state="visible")
        assert await screen.at(".view-img canvas").count() == 0


async def test_the_eyes_label_stands_above_everything(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    async with at_the_case(graphics, room, read_case) as screen:
        await shown(screen.page)
        for key in ("v", "e", "i", "g"):
            await screen.page.keyboard.press(key)
        for _ in range(8):
            await screen.at("[data-action='zoom#in']").first.click()
        label = screen.at(".view-tl .eye").first
        box: Any = await label.bounding_box()
        await screen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        over = await label.evaluate(
            "(it) => { const { x, y, width, height } = it.getBoundingClientRect();"
            " return it.contains(document.elementFromPoint(x + width / 2, y + height / 2)) }"
        )
        assert over
        assert "右眼" in str(await label.text_content())


async def test_letters_that_are_typed_change_no_picture(
    graphics: Browser, room: ImageHouse, read_case: ReadCase
) -> None:
    async with at_the_case(graphics, room, read_case) as screen:
        before = await shown(screen.page)
        field = screen.at("[name=advice]")
        await field.fill("")
        await field.press_sequentially("vi")
        assert np.array_equal(await shown(screen.page), before)
        assert await field.input_value() == "vi"


async def test_only_the_room_may_compile_codecs(room: ImageHouse, read_case: ReadCase) -> None:
    async with Visitor(room.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        policies = {}
        for path in (f"/cases/{read_case.case.id}/reading", "/worklist"):
            async with visitor.raw.get(visitor.at(path)) as answer:
                policies[path] = answer.headers["Content-Security-Policy"]
        inside, outside = policies.values()
    assert "'wasm-unsafe-eval'" in inside
    assert "'unsafe-eval'" not in inside.replace("wasm-unsafe-eval", "")
    assert "wasm" not in outside
    assert "media-src 'self'" in inside
    assert "media-src" not in outside
    assert "data:" not in outside
