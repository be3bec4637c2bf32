"""The tools of the reading room take one line of a small window, and none of them is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.makers.drawing import Reader, come
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.screen import Screen, open_screen
from tests.makers.viewing import take_case
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
SMALL, LARGE = (1366, 768), (1920, 1080)
_LINE_PX = 40
_MORE = ".tools-turn"
# of every tool that is at hand now, those that the window does not show whole
_OUT_OF_SIGHT = """() => [...document.querySelectorAll(".tools .tool")]
  .filter((it) => it.closest("[hidden]") === null && !it.matches(".tools-turn"))
  .filter((it) => { const box = it.getBoundingClientRect();
    return box.width === 0 || box.left < 0 || box.right > innerWidth; })
  .map((it) => it.textContent.trim())"""
_COVERED_EYES = """() => [...document.querySelectorAll(".view-cell:not([hidden]) .view-tl .eye")]
  .filter((it) => { const box = it.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return !it.contains(top); })
  .map((it) => it.textContent)"""


@pytest.fixture(scope="module")
async def reader(room: ImageHouse, real_files: Path) -> AsyncIterator[Reader]:
    """The reader of a case with two photographs."""
    read_case = await take_case(room, real_files, {}, photographs=2)
    async with Visitor(room.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
        yield Reader(room.house.base, read_case.case.id, token, visitor, read_case)


async def height_of(screen: Screen) -> float:
    """How much of the window the tools take."""
    return float(await screen.at(".tools").evaluate("(it) => it.getBoundingClientRect().height"))


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_one_line_holds_the_tools_and_a_second_the_rest(
    graphics: Browser, reader: Reader, language: str
) -> None:
    async with open_screen(graphics, reader.base, language=language, size=SMALL) as screen:
        await screen.come_as(reader.token)
        await come(screen, reader)
        assert await height_of(screen) < _LINE_PX
        assert "V" not in await screen.at(".tools").inner_text()
        await screen.at(_MORE).click()
        await screen.at('[data-viewer-look-param="redFree"]').wait_for()
        assert await height_of(screen) < 2 * _LINE_PX
        assert await screen.page.evaluate(_OUT_OF_SIGHT) == []
        assert await screen.page.evaluate(_COVERED_EYES) == []
        await screen.resize(LARGE)
        await screen.at(_MORE).wait_for(state="hidden")
        assert await screen.page.evaluate(_OUT_OF_SIGHT) == []


async def test_keys_work_while_their_buttons_are_put_away_and_a_turned_order_says_so(
    graphics: Browser, reader: Reader
) -> None:
    async with open_screen(graphics, reader.base, size=SMALL) as screen:
        await screen.come_as(reader.token)
        await come(screen, reader)
        quiet = await screen.at(_MORE).evaluate("(it) => getComputedStyle(it).color")
        await screen.page.keyboard.press("v")
        await screen.at(".view-mode:visible").first.wait_for()
        await expect(screen.at('[data-viewer-look-param="redFree"]')).to_be_hidden()
        told = await screen.at(_MORE).evaluate("(it) => getComputedStyle(it).color")
        assert told != quiet, "the button tells that something is on behind it"
        await screen.page.keyboard.press("x")
        turned = screen.at('.tool-order[aria-pressed="true"] span')
        await turned.wait_for()
        box = await turned.bounding_box()
        assert box is not None
        assert box["width"] > 30, "left eye first, in words"
        assert await screen.page.evaluate(_COVERED_EYES) == []
        await screen.page.keyboard.press("x")
