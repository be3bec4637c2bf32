"""Whoever is not taken into a call reads why, and her page stays calm: it does not try for ever."""

from collections.abc import Iterator

import pytest

from consult.kernel.work import Role
from server.media.asking import MediaDesk
from tests.makers.call_people import let_in_all, open_caller, open_video_world, secure_base
from tests.makers.calls import open_caller_browser, phase
from tests.makers.media_house import eventually
from tests.makers.screen import PHONE
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(400)]
_LAPTOP = (1366, 768)
_SAID = {
    "zh": "服务器当前已无法承载更多通话",
    "en": "This server carries no more at present",
}


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video, which carries one call at a time."""
    with open_video_world(tmp_path_factory.mktemp("refused"), media_rooms="1") as opened:
        yield opened


async def is_in(desk: MediaDesk, room_id: str) -> bool:
    """Whether somebody's device stands in the room."""
    told = await desk.ask("stats", room=room_id)
    return "refused" not in told and bool(told["stats"]["participants"])


async def test_a_page_says_that_the_server_is_full_and_joins_once_it_is_not(
    house: WorldHouse,
) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    room_id = await let_in_all(house, physician, [])
    desk = MediaDesk(house.house.data_dir / "run" / "media.sock")
    assert (await desk.ask("close", room=room_id))["closed"]
    assert (await desk.ask("open", room="another", key="0" * 64))["opened"]
    async with open_caller_browser() as browser:
        for language, size in (("zh", _LAPTOP), ("en", PHONE)):
            more = {"language": language, "size": size}
            async with open_caller(browser, secure_base(house), physician, **more) as screen:  # type: ignore[arg-type]
                await screen.go(f"/cases/{house.world.things['case']}/room")
                await screen.at('button[data-door="join"]').click()
                await phase(screen, "over")
                said = screen.at("[data-ended]:visible")
                await said.wait_for()
                assert _SAID[language] in await said.inner_text()
                assert await screen.find_overflow() == []
                await screen.assert_accessible()
                await screen.shoot("call-refused")
                if language == "en":
                    assert (await desk.ask("close", room="another"))["closed"]
                    await screen.at('.call-wait [data-action="call#again"]:visible').click()
                    await screen.at('button[data-door="join"]').click()
                    await phase(screen, "call")
                    await eventually(lambda: is_in(desk, room_id))
    desk.close()
