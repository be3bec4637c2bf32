"""The connection test (线路测试): what a clinic sees of its computer and network (VID-03, U30)."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import WebSocketRoute

from consult.kernel.work import Role
from tests.makers.certificates import make_authority
from tests.makers.coturn import Coturn, open_coturn
from tests.makers.line_test import open_speaking_browser, run_line_test
from tests.makers.screen import DESKTOP, PHONE, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(300)]
TRUSTS = "--ignore-certificate-errors"
ALL_WELL = {
    "secure": "local",
    "camera": "ok",
    "microphone": "ok",
    "line": "ok",
    "direct": "ok",
    "udp": "ok",
    "tcp": "ok",
    "tls": "ok",
    "quality": "good",
}


@dataclass(frozen=True)
class Place:
    """A house with video, and its relay."""

    house: WorldHouse
    relay: Coturn

    @property
    def base(self) -> str:
        """By a name that browsers take for this computer, so that there is a camera."""
        return self.house.base.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A house whose video and relay are on loopback."""
    folder = tmp_path_factory.mktemp("line")
    authority = make_authority(folder / "tls")
    first = 20_000 + secrets.randbelow(40_000)
    ports = f"{first}-{first + 199}"
    with open_coturn(folder / "turn", authority.pair) as relay:
        told = {"media": "true", "media_ports": ports, **relay.settings()}
        with open_world(folder / "data", **told) as house:
            yield Place(house, relay)


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
async def test_a_clinic_where_all_is_open_is_told_so_and_can_copy_it(
    place: Place, language: str, size: tuple[int, int]
) -> None:
    physician = place.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with open_speaking_browser(TRUSTS) as browser:
        async with open_screen(browser, place.base, language=language, size=size) as screen:
            await screen.come_as(physician.token)
            tested = await run_line_test(screen.page, place.base)
            assert (tested.outcomes, tested.verdict) == (ALL_WELL, "good")
            assert tested.failed == []
            await screen.assert_accessible()
            assert await screen.find_overflow() == []
            await screen.shoot("connection")
    assert screen.say("可以进行视频会诊", "are fit for video") in tested.sentence
    assert tested.text.startswith(tested.sentence)
    assert len(tested.text.splitlines()) == 3 + len(ALL_WELL)
    for private in (physician.id, physician.login, physician.token):
        assert private not in tested.text
    assert re.search(r"[0-9]:[0-9a-f]{24}", tested.text) is None
    assert "static-auth-secret" not in place.house.house.log()


async def test_a_cut_websocket_is_the_step_that_the_page_names(place: Place) -> None:
    physician = place.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with open_speaking_browser(TRUSTS) as browser:
        async with open_screen(browser, place.base) as screen:
            await screen.come_as(physician.token)
            await screen.page.context.route_web_socket("**/api/connection/line", cut)
            tested = await run_line_test(screen.page, place.base)
    assert (tested.failed, tested.verdict) == (["line"], "no-line")
    assert tested.outcomes["direct"] == "no-line"


async def cut(socket: WebSocketRoute) -> None:
    """What a proxy does that knows no WebSocket."""
    await socket.close()


async def test_without_video_and_without_leave_the_page_still_looks_at_the_computer(
    house: WorldHouse,
) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    base = house.base.replace("127.0.0.1", "localhost")
    async with open_speaking_browser(grants=False) as browser:
        async with open_screen(browser, base) as screen:
            await screen.come_as(physician.token)
            tested = await run_line_test(screen.page, base)
    assert (tested.failed, tested.verdict) == (["camera", "microphone"], "off")
    assert (tested.outcomes["camera"], tested.outcomes["line"]) == ("denied", "ok")
    assert [tested.outcomes[way] for way in ("udp", "tcp", "tls")] == ["not-set"] * 3
