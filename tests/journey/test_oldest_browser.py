"""The oldest browser that we promise reads too: photographs, slices, marks, a signature."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser
from pydicom import dcmread

from consult.reports import service as reports
from consult.reports.verify import content_of
from tests.journey.acts import reading
from tests.makers.browsers import open_floor_chromium
from tests.makers.drawing import draw, saved
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reading_room import at_the_case, open_film, shown
from tests.makers.screen import Screen
from tests.makers.sent import real_fundus, world_now
from tests.makers.viewing import ReadCase, slices_of, take_case, values_of

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

_WORDS = {
    "advice": "控制血糖，散瞳眼底检查。",
    "referral_need": "refer",
    "interval_months": "3",
    "referral_urgency": "routine",
    "right.findings": "四象限可见微血管瘤及出血。",
    "left.findings": "微血管瘤，两象限静脉串珠。",
    "impression": "双眼中度非增殖期糖尿病视网膜病变。",
    "answer": "左眼视力下降符合可疑黄斑水肿。",
    "limits": "仅依据所列影像。",
}


@pytest.fixture(scope="module")
async def floor() -> AsyncIterator[Browser]:
    """Chromium 109."""
    async with open_floor_chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def slices(real_files: Path) -> dict[str, bytes]:
    """A real series of cross-sections."""
    return slices_of(real_files)


@pytest.fixture(scope="module")
async def fundus_case(room: ImageHouse, real_files: Path) -> ReadCase:
    """Photographs of both eyes, taken by the expert."""
    return await take_case(room, real_files, {}, photographs=4)


@pytest.fixture(scope="module")
async def body_case(room: ImageHouse, real_files: Path, slices: dict[str, bytes]) -> ReadCase:
    """A series of cross-sections, taken by the expert."""
    return await take_case(room, real_files, slices, photographs=0)


async def test_photographs_are_read_marked_and_signed(
    floor: Browser, room: ImageHouse, fundus_case: ReadCase, real_files: Path
) -> None:
    decoded = np.asarray(Image.open(io.BytesIO(real_fundus(real_files)[0])).convert("RGB"))
    async with at_the_case(floor, room, fundus_case) as screen:
        assert screen.is_floor
        first = await shown(screen.page)
        assert first.shape == decoded.shape
        assert np.abs(first - decoded).mean() < 0.5
        await screen.at(".marks[data-ready]").wait_for(state="attached")
        await draw(screen.page, "ellipse")
        await saved(screen)
        await screen.page.keyboard.press("Escape")
        await screen.page.keyboard.press("Backquote")
        await screen.at(
            ".view-cell[data-side=R] [data-part=mode]", has_text="已旋转 90°"
        ).wait_for()
        await screen.shoot("oldest-browser")
        await screen.page.keyboard.press("o")
        assert await reading.look_at_all(screen) == 4
        await reading.diagnose(screen, "E11.3")
        await reading.write(screen, reading.REFERABLE, **_WORDS)
        await sign(screen)
    world = world_now(room)
    (report,) = world.clinic.do(world.expert, reports.list_reports, case_id=fundus_case.case.id)
    marks = content_of(report)["marks"]
    assert isinstance(marks, dict)
    assert marks["count"] == 1


async def test_slices_are_scrolled_and_marked_through_a_window(
    floor: Browser, room: ImageHouse, body_case: ReadCase, slices: dict[str, bytes]
) -> None:
    name = max(slices)
    film = body_case.instances[name]
    async with at_the_case(floor, room, body_case) as screen:
        assert screen.is_floor
        for each in body_case.instances.values():
            await open_film(screen, each)
            await screen.at(f'.film[data-film="{each}"][data-seen="full"]').wait_for()
        await open_film(screen, film)
        place = str(await screen.at(f'.film[data-film="{film}"]').get_attribute("data-shot"))
        view = f'[data-film="{place}"] .view[data-spot-film="{film}"]'
        await screen.at(view).wait_for()
        await screen.at("[data-viewer-target=presets]").select_option(label="肺")
        told = screen.at(f"{view} [data-part=window]", has_text="窗宽 1500 窗位 -600")
        await told.wait_for()
        drawn = await shown(screen.page, place)
        await screen.at(".marks[data-ready]").wait_for(state="attached")
        await draw(screen.page, "length")
        await screen.at(".view-cell:not([hidden]) .marks-layer text", has_text="mm").wait_for()
        await saved(screen)
        await screen.shoot("oldest-browser-slices")
    head = dcmread(io.BytesIO(slices[name]), stop_before_pixels=True)
    values = values_of(slices[name]) * float(head.RescaleSlope) + float(head.RescaleIntercept)
    lower, upper = -600 - 0.5 - 749.5, -600 - 0.5 + 749.5
    expected = np.clip((values - lower) / (upper - lower) * 255, 0, 255)
    assert np.abs(drawn[:, :, 0] - expected).max() <= 1.5


async def sign(screen: Screen) -> None:
    """Sign with the password again."""
    await screen.at('button[data-sign-target="button"][aria-disabled="false"]').click()
    dialog = screen.at("#sign-dialog")
    await dialog.wait_for()
    await dialog.locator("[name=password]").fill(PASSWORD)
    await reading.press_and_leave(screen, dialog.locator("button[type=submit]"))
