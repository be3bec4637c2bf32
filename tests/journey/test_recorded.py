"""A call is recorded with everybody's consent, by the pages alone, and both sides play in step."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, meets, open_caller_browser, phase
from tests.makers.media_house import eventually
from tests.makers.recorded_calls import open_recording_house, recorded_call
from tests.makers.screen import DESKTOP, PHONE, Screen, open_screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(600)]
_IN_STEP_MS = 60
_AT: Final = """() => [...document.querySelectorAll("[data-track]")].map((each) => ({
  kind: each.dataset.track,
  at: Number(each.dataset.startsMs) + each.currentTime * 1000,
  plays: !each.paused && !each.seeking,
  frames: each instanceof HTMLVideoElement ? each.getVideoPlaybackQuality().totalVideoFrames : 0,
}))"""


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("recorded") / "house") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


def people(house: WorldHouse) -> tuple[Person, Person]:
    world = house.world
    return world.person(Side.HOME, Role.REQUESTING_PHYSICIAN), world.person(Side.LEAD, Role.EXPERT)


def base_of(house: WorldHouse) -> str:
    """By a name that browsers take for this computer, so that there is a camera."""
    return house.base.replace("127.0.0.1", "localhost")


async def test_both_are_asked_are_recorded_and_are_seen_again(
    house: WorldHouse, browser: Browser
) -> None:
    case_id, (physician, expert) = house.world.things["case"], people(house)
    base = base_of(house)
    async with (
        open_screen(browser, base, language="zh", size=DESKTOP) as clinic,
        open_screen(browser, base, language="en", size=PHONE) as reader,
    ):
        await clinic.come_as(physician.token)
        await reader.come_as(expert.token)
        await meet(clinic, reader, case_id)
        await is_asked_and_agrees(clinic, reader)
        await pauses_and_goes_on(clinic, reader)
        await stops(clinic, reader)
        await plays_back(clinic, case_id)
        await plays_back(reader, case_id)


async def test_one_refusal_is_told_by_its_side_and_nothing_is_recorded(
    house: WorldHouse, browser: Browser
) -> None:
    case_id, (physician, expert) = house.world.things["case"], people(house)
    base = base_of(house)
    async with (
        open_screen(browser, base, language="zh", size=DESKTOP) as clinic,
        open_screen(browser, base, language="zh", size=DESKTOP) as reader,
    ):
        await clinic.come_as(physician.token)
        await reader.come_as(expert.token)
        await meet(clinic, reader, case_id)
        await clinic.at('.rec [data-shown="ask"]').click()
        await reader.at('[data-action="recording#refuse"]').first.click()
        for screen in (clinic, reader):
            await says(screen, "refused-invited")
            await looks_well(screen, "call-not-recorded")
        await clinic.at('.rec [data-shown="ask"]').wait_for(state="hidden")
        await clinic.go(f"/cases/{case_id}")
        assert await clinic.at("#recordings").count() == 0


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
async def test_a_pause_is_passed_over_and_both_sides_stay_in_step(
    house: WorldHouse, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    physician, _ = people(house)
    async with recorded_call(house) as call:
        await call.begin()
        await call.everyone_told("on")
        await call.talk(3)
        await call.step(call.guest, "pause")
        await call.everyone_told("paused")
        await call.talk(6)
        await call.step(call.host, "resume")
        await call.everyone_told("on")
        await call.talk(6)
        await call.step(call.host, "stop")
        await call.taken(call.host, 4)
        recording_id = (await call.recordings(call.host))[0]
    async with open_screen(browser, base_of(house), language=language, size=size) as screen:
        await screen.come_as(physician.token)
        await screen.go(f"/cases/{house.world.things['case']}/recordings/{recording_id}")
        told = await screen.at(".playback").get_attribute("data-playback-stretches-value")
        (_, paused), (resumed, end) = json.loads(str(told))
        assert resumed - paused > 5000
        await screen.at('[data-playback-target="toggle"]').click()
        await eventually(lambda: in_step(screen, resumed + 500))
        await looks_well(screen, "playback-parts")
        assert not [each for each in await seen(screen) if paused + 1000 < each["at"] < resumed]
        await eventually(lambda: stands_at(screen, end))


async def stands_at(screen: Screen, end_ms: int) -> bool:
    """Whether it has played to its end and stopped there."""
    bar = screen.at('[data-playback-target="bar"]')
    pressed = await screen.at('[data-playback-target="toggle"]').get_attribute("aria-pressed")
    return pressed == "false" and abs(int(await bar.input_value()) - end_ms) <= 100


async def seen(screen: Screen) -> list[dict[str, Any]]:
    """Where each file stands."""
    found: list[dict[str, Any]] = await screen.page.evaluate(_AT)
    return found


async def meet(clinic: Screen, reader: Screen, case_id: str) -> None:
    """The clinic calls, the expert knocks and is let in."""
    await call_from_case(clinic, case_id)
    await reader.go(f"/cases/{case_id}/room")
    # until its devices are named the page moves under whoever presses a button
    cameras = reader.at("select[data-kind=camera] option:nth-child(2)")
    await cameras.first.wait_for(state="attached")
    await reader.at('button[data-door="knock"]').click()
    await clinic.at(".call-knock [data-admits]").click()
    await phase(reader, "call")
    for screen in (clinic, reader):
        await meets(screen)


async def says(screen: Screen, code: str) -> None:
    await screen.at(f'.rec [data-says="{code}"]').wait_for(state="visible")


async def is_asked_and_agrees(clinic: Screen, reader: Screen) -> None:
    """Nothing is recorded before the answer; then everybody sees that it is."""
    await clinic.at('.rec [data-shown="ask"]').click()
    await says(clinic, "asked")
    await reader.at(".rec-ask").wait_for(state="visible")
    await looks_well(clinic, "recording-asked")
    await looks_well(reader, "recording-question")
    await reader.at('[data-action="recording#agree"]').click()
    for screen in (clinic, reader):
        await says(screen, "on")
        await looks_well(screen, "recording-on")


async def pauses_and_goes_on(clinic: Screen, reader: Screen) -> None:
    """The expert pauses for privacy; who called goes on."""
    await eventually(lambda: has_run(clinic, "00:03"))
    await reader.at('.rec [data-shown="pause"]').click()
    for screen in (clinic, reader):
        await says(screen, "private")
    await looks_well(reader, "recording-paused")
    await clinic.at('.rec [data-shown="resume"]').click()
    for screen in (clinic, reader):
        await says(screen, "on")


async def has_run(screen: Screen, clock: str) -> bool:
    return (await screen.at('.rec [data-recording-target="clock"]').inner_text()) >= clock


async def stops(clinic: Screen, reader: Screen) -> None:
    began = await clinic.at('.rec [data-recording-target="clock"]').inner_text()
    later = f"00:{int(began.rpartition(':')[2]) + 4:02}"
    await eventually(lambda: has_run(clinic, later))
    await clinic.at('.rec [data-shown="stop"]').click()
    for screen in (clinic, reader):
        await says(screen, "stopped")
    await clinic.at('[data-action="call#end"]').click()
    for screen in (clinic, reader):
        await phase(screen, "over")


async def plays_back(screen: Screen, case_id: str) -> None:
    """From the case: both sides run, in step, also after somebody has moved the bar."""

    async def is_there() -> bool:
        await screen.go(f"/cases/{case_id}")
        await screen.press(screen.at("#recordings a").first)
        return await screen.at("[data-track]").count() >= 4

    await eventually(is_there)
    toggle = screen.at('[data-playback-target="toggle"]')
    await toggle.focus()
    await screen.page.keyboard.press("Enter")
    await eventually(lambda: in_step(screen, 500))
    await looks_well(screen, "playback")
    bar = screen.at('[data-playback-target="bar"]')
    await bar.focus()
    await screen.page.keyboard.press("Home")
    await eventually(lambda: in_step(screen, 300))
    assert await screen.at('[data-playback-target="fails"]').is_hidden()
    await toggle.click()


async def in_step(screen: Screen, least_ms: float) -> bool:
    """Whether two people are seen and heard at the same moment of the talk, at this look."""
    running = [each for each in await seen(screen) if each["plays"]]
    if len(running) < 4 or sum(each["frames"] > 3 for each in running) < 2:
        return False
    times = [each["at"] for each in running]
    return min(times) > least_ms and max(times) - min(times) <= _IN_STEP_MS


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
