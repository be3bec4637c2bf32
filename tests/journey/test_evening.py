"""Benchmark of use 2: the expert's evening, counted in keys, clicks and pages."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from consult.cases.model import Case
from consult.kernel.work import Role
from tests.journey.acts import reading
from tests.journey.conftest import Opener
from tests.makers.evening import (
    LAPTOP,
    Counted,
    come_with_window,
    look,
    make_row,
    read_normal,
)
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
FIELDS = ["macula R", "macula L", "disc R", "disc L"]
NAMES = ["冯国栋", "蒋玉梅"]
PHONE = (390, 844)


@pytest.fixture(scope="module")
def evening_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A world of its own, for its cases are read and signed."""
    with open_world(tmp_path_factory.mktemp("evening") / "data") as opened:
        yield opened


async def two_are_ahead(screen: Screen, asked: Sequence[str], place: int, waiting: int) -> None:
    """The pictures of the next two cases were asked for while this one is read."""
    unopened = 2 if place == 0 else 0
    expected = len(FIELDS) * min(place + 3, waiting) - unopened
    while sum(url.endswith("/frames/1") for url in asked) < expected:
        await screen.page.wait_for_event("requestfinished")


def assert_asked_once(asked: Sequence[str], cases: int) -> None:
    """Preview, metadata and frame of every picture, loaded ahead or when it was opened."""
    pictures = [url for url in asked if "/dicomweb/" in url and "/thumbnail" not in url]
    assert [url for url in pictures if pictures.count(url) > 1] == []
    assert len(pictures) == 3 * len(FIELDS) * cases


async def test_a_draft_goes_on_at_the_phone_and_both_devices_are_told(
    evening_house: WorldHouse, at_door: Opener
) -> None:
    house, words = evening_house, "左眼颞侧可见片状出血，" * 40
    case = make_row(house, ["邓佩兰"], first=460)[0]
    async with at_door(house.base, size=LAPTOP) as desk, at_door(house.base, size=PHONE) as phone:
        for screen in (desk, phone):
            expert = let_in(house.world.now, house.world.person(Side.LEAD, Role.EXPERT))
            await screen.come_as(expert.token)
        await desk.go("/worklist")
        await reading.take(desk, case.id)
        await reading.write(desk, {"left": {"findings": words}})
        await go_on_at_the_phone(phone, case, words)
        await desk.at("[data-elsewhere-target=told]").wait_for(state="visible")
        await desk.press(desk.at("[data-elsewhere-target=told] button"))
        assert await desk.at("[name=advice]").input_value() == "请复查眼底"
        assert await desk.at('[name="left.findings"]').input_value() == words
        for each in (phone.at("[data-elsewhere-target=told]"), desk.at(".phone-note")):
            await expect(each).to_be_hidden()
        await phone.go("/worklist")
        await desk.press(desk.at('button[data-act-url-value$="/release"]'))


async def go_on_at_the_phone(phone: Screen, case: Case, words: str) -> None:
    """No character is lost, it takes two clicks, and the page says what a phone is good for."""
    await phone.go("/worklist")
    clicks = Counted(phone)
    await clicks.click("#evening .btn-main")
    await phone.page.wait_for_url(f"**/cases/{case.id}/reading")
    assert clicks.clicks <= 2
    assert await phone.at('[name="left.findings"]').input_value() == words
    assert "手机阅片仅供参考，不作为首要诊断依据" in await phone.at(".phone-note").inner_text()
    await reading.write(phone, {}, advice="请复查眼底")


async def test_an_evening_of_normal_cases_takes_three_keys_each(
    evening_house: WorldHouse, at_door: Opener
) -> None:
    make_row(evening_house, NAMES)
    expert = come_with_window(evening_house)
    async with at_door(evening_house.base, size=LAPTOP) as screen:
        await screen.come_as(expert.token)
        reader = Counted(screen)
        loads: list[str] = []
        asked: list[str] = []
        await screen.go("/worklist")
        screen.page.on("load", lambda page: loads.append(urlsplit(page.url).path))
        screen.page.on("request", lambda request: asked.append(request.url))
        await reader.click("#evening button >> nth=0")
        await screen.page.wait_for_url("**/reading")
        assert reader.clicks == 1
        first = screen.path
        place = await screen.at(".row-place").inner_text()
        waiting = int(place.removesuffix(" 例").split()[-1])
        assert waiting > len(NAMES)
        for place in range(waiting):
            await two_are_ahead(screen, asked, place, waiting)
            await look(reader)
            await read_normal(reader)
            assert (reader.keys, reader.clicks) == (3, 0)
        assert_asked_once(asked, waiting)
        assert loads == [first, "/worklist"]
        assert screen.page.url.endswith("/worklist?tab=mine&evening=over")
        assert "本组病例已全部签发" in await screen.at("#evening").inner_text()
