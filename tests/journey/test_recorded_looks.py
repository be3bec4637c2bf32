"""What everybody looked at is shown again beside the voices, in step with them (VID-07)."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.calls import open_caller_browser
from tests.makers.media_house import eventually
from tests.makers.recorded_calls import open_recording_house, recorded_call, shows_and_points
from tests.makers.screen import DESKTOP, PHONE, Screen, open_screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(600)]
_LOOK = ".playback-look"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("looks") / "house") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


@pytest.fixture
async def page(house: WorldHouse) -> str:
    """Of a recording in whose middle a picture is shown, pointed at and drawn on."""
    async with recorded_call(house) as call:
        await call.begin()
        await call.everyone_told("on")
        await call.talk(3)
        await shows_and_points(call)
        await call.talk(3)
        await call.step(call.host, "stop")
        await call.taken(call.host, 4)
        return f"/cases/{call.case_id}/recordings/{(await call.recordings(call.host))[0]}"


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
async def test_picture_hand_and_line_come_when_they_came_and_go_on_the_way_back(
    house: WorldHouse, browser: Browser, page: str, language: str, size: tuple[int, int]
) -> None:
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    async with open_screen(browser, house.base, language=language, size=size) as screen:
        await screen.come_as(expert.token)
        await screen.go(page)
        bar = screen.at('[data-playback-target="bar"]')
        assert await screen.at(_LOOK).is_hidden()  # at the beginning nobody showed anything
        await bar.focus()
        await screen.page.keyboard.press("End")
        await screen.at(f"{_LOOK} .view-img").wait_for(state="visible")
        await eventually(lambda: is_drawn(screen))
        assert await screen.at(f"{_LOOK} [data-part=presenter]").inner_text()
        assert await screen.at(f"{_LOOK} [data-part=unknown]").is_hidden()
        await screen.assert_accessible()
        assert await screen.find_overflow() == []
        await screen.shoot("playback-looked")
        await bar.focus()
        await screen.page.keyboard.press("Home")
        await screen.at(_LOOK).wait_for(state="hidden")
        await screen.at('[data-playback-target="toggle"]').click()
        await screen.at(_LOOK).wait_for(state="visible")  # it comes as it plays
        await eventually(lambda: is_drawn(screen))


async def is_drawn(screen: Screen) -> bool:
    """Whether the line and the hand of the other one stand on the picture, each with a name."""
    return await screen.at(f"{_LOOK} .mark-line").count() >= 2
