"""A call without a camera, with one that is refused or busy, and shared screens."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.call_people import (
    end_call,
    keeps_seeing,
    let_in_all,
    measured,
    open_caller,
    open_video_world,
    secure_base,
    take_place,
    writes,
)
from tests.makers.calls import open_caller_browser
from tests.makers.media_house import eventually
from tests.makers.screen import PHONE, Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(400)]
_DEVICE, _ALLOWS = "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
_BUSY: Final = """
navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("", "NotReadableError");
};
"""
_NO_CALLS: Final = "window.RTCPeerConnection = undefined;"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("call")) as opened:
        yield opened


def physician_of(house: WorldHouse) -> Person:
    return house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)


@contextlib.asynccontextmanager
async def in_a_call(house: WorldHouse, browser: Browser) -> AsyncIterator[Screen]:
    """The clinic's physician sits in the room, with camera and microphone; the expert is let in."""
    host = physician_of(house)
    await let_in_all(house, host, [house.world.person(Side.LEAD, Role.EXPERT)])
    async with open_caller(browser, secure_base(house), host) as clinic:
        await take_place(clinic, house.world.things["case"])
        yield clinic
        await end_call(house, host)


def lack(kind: str, code: str) -> str:
    """Where the page says in the call that something is missing."""
    return f'.call-told [data-of="{kind}"][data-outcome="{code}"]'


@pytest.mark.parametrize(
    ("code", "without", "script", "language"),
    [
        ("none", (_DEVICE,), "", "zh"),
        ("denied", (_ALLOWS,), "", "en"),
        ("in-use", (), _BUSY, "en"),
    ],
)
async def test_whoever_has_neither_camera_nor_microphone_is_told_why_sees_hears_and_writes(
    house: WorldHouse, code: str, without: tuple[str, ...], script: str, language: str
) -> None:
    case_id, expert = house.world.things["case"], house.world.person(Side.LEAD, Role.EXPERT)
    base = secure_base(house)
    async with (
        open_caller_browser() as browser,
        open_caller_browser(without=without) as poor,
        in_a_call(house, browser) as clinic,
        open_caller(poor, base, expert, language=language, size=PHONE, script=script) as reader,
    ):
        await reader.go(f"/cases/{case_id}/room")
        for kind in ("camera", "microphone"):
            said = reader.at(f'.call-check [data-of="{kind}"][data-outcome="{code}"]')
            await said.wait_for(state="visible")
        await reader.assert_accessible()
        await reader.shoot(f"call-devices-{code}")
        await take_place(reader, case_id)
        for kind in ("camera", "microphone"):
            await reader.at(lack(kind, code)).wait_for(state="visible")
        await keeps_seeing(reader)
        await eventually(lambda: hears(reader))
        for part in ("dark", "muted"):
            await clinic.at(f'.call-tile [data-part="{part}"]').wait_for(state="visible")
        assert await reader.find_overflow() == []
        await reader.shoot(f"call-without-{code}")
        await writes(reader, f"我这里没有摄像头（{code}）")
        await clinic.at(".call-talk", has_text=f"我这里没有摄像头（{code}）").wait_for()


async def hears(screen: Screen) -> bool:
    return bool((await measured(screen))["energy"] > 0)


async def test_a_browser_that_knows_no_calls_says_so_and_its_doctor_writes(
    house: WorldHouse,
) -> None:
    case_id, expert = house.world.things["case"], house.world.person(Side.LEAD, Role.EXPERT)
    async with (
        open_caller_browser() as browser,
        in_a_call(house, browser) as clinic,
        open_caller(browser, secure_base(house), expert, script=_NO_CALLS) as reader,
    ):
        await reader.go(f"/cases/{case_id}/room")
        said = reader.at('.call-check [data-of="microphone"][data-outcome="unsupported"]')
        await said.wait_for(state="visible")
        await take_place(reader, case_id)
        await reader.at('[data-rung="text"]').wait_for(state="visible")
        await writes(reader, "我这里没有声音，请看文字")
        await clinic.at(".call-talk", has_text="我这里没有声音").wait_for()
        await reader.shoot("call-text")


_SHOWN: Final = """(shows) => {
  const video = document.querySelector(`.call-tile[data-shows="${shows}"] video`);
  return video?.srcObject ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
}"""


async def test_a_shared_screen_is_a_picture_of_its_own_beside_who_shares_it(
    house: WorldHouse,
) -> None:
    case_id, expert = house.world.things["case"], house.world.person(Side.LEAD, Role.EXPERT)
    async with (
        open_caller_browser() as browser,
        in_a_call(house, browser) as clinic,
        open_caller(browser, secure_base(house), expert) as reader,
    ):
        await take_place(reader, case_id)
        await clinic.at('[data-toggle="screen"]').click()
        for shows in ("screen", "camera"):
            await eventually(lambda shows=shows: shown(reader, shows))
        await reader.shoot("call-screen")
        await reader.assert_accessible()
        assert await reader.find_overflow() == []
        await clinic.at('[data-toggle="screen"]').click()
        await reader.at('.call-tile[data-shows="screen"]').wait_for(state="detached")
        await keeps_seeing(reader)


async def shown(screen: Screen, shows: str) -> bool:
    return bool(await screen.page.evaluate(_SHOWN, shows) > 2)
