"""Whether one hears anything, and by which speaker: before a call and in it (VID-02)."""

from collections.abc import Iterator
from typing import Final

import pytest

from consult.kernel.work import Role
from tests.makers.call_people import (
    end_call,
    let_in_all,
    open_caller,
    open_video_world,
    secure_base,
    take_place,
)
from tests.makers.calls import open_caller_browser
from tests.makers.media_house import eventually
from tests.makers.screen import PHONE, Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(240)]
_TONES: Final = """
window.tones = 0;
window.sinks = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { window.tones += 1; start.apply(this, at); };
const give = HTMLMediaElement.prototype.setSinkId;
HTMLMediaElement.prototype.setSinkId = async function (device) {
  if (window.isBroken) throw new DOMException("", "AbortError");
  await give.call(this, device);
  window.sinks.push(device);
};
"""
_SPEAKERS: Final = """async () => (await navigator.mediaDevices.enumerateDevices())
  .filter(({ kind, deviceId }) => kind === "audiooutput" && deviceId !== "default")
  .map(({ deviceId }) => deviceId)"""
_HEARD_ON: Final = """() => [...document.querySelectorAll(".call-tile audio")]
  .map((each) => each.sinkId)"""
_CHECK, _DEVICES = ".call-check", ".call-devices:has([data-speaker-target])"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("speaker")) as opened:
        yield opened


async def plays(screen: Screen, place: str) -> None:
    """Press the button, and be asked whether three tones were heard."""
    before = await screen.page.evaluate("window.tones")
    await screen.at(f'{place} [data-action="speaker#play"]').click()
    await screen.at(f'{place} [data-code="asked"]').wait_for(state="visible")
    assert await screen.page.evaluate("window.tones") == before + 3


async def choose(screen: Screen, place: str, device: str) -> None:
    await screen.at(f'{place} [data-speaker-target="choice"]').select_option(device)


async def test_a_doctor_hears_a_sound_before_the_call_and_the_others_on_the_speaker_she_chose(
    house: WorldHouse,
) -> None:
    world, case_id = house.world, house.world.things["case"]
    host = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = world.person(Side.LEAD, Role.EXPERT)
    base = secure_base(house)
    await let_in_all(house, host, [expert])
    async with (
        open_caller_browser() as browser,
        open_caller(browser, base, host, script=_TONES) as clinic,
        open_caller(browser, base, expert, language="en", size=PHONE) as reader,
    ):
        await clinic.go(f"/cases/{case_id}/room")
        await clinic.at(f'{_CHECK} [data-speaker-target="field"]').wait_for(state="visible")
        speaker, other = (await clinic.page.evaluate(_SPEAKERS))[:2]
        await plays(clinic, _CHECK)
        assert await clinic.page.evaluate("window.sinks") == []
        await choose(clinic, _CHECK, speaker)
        await plays(clinic, _CHECK)
        assert await clinic.page.evaluate("window.sinks") == [speaker]
        await clinic.assert_accessible()
        assert await clinic.find_overflow() == []
        await clinic.shoot("call-speaker-zh")
        await reader.go(f"/cases/{case_id}/room")
        await reader.at(f'{_CHECK} [data-speaker-target="field"]').wait_for(state="visible")
        assert await reader.find_overflow() == []
        await reader.shoot("call-speaker-en")
        for screen in (clinic, reader):
            await take_place(screen, case_id)
        await choose_again(clinic, speaker, other)
        await end_call(house, host)


async def choose_again(clinic: Screen, speaker: str, other: str) -> None:
    """In the call: another speaker, and one that plays nothing."""

    async def heard_on(device: str) -> bool:
        return bool(await clinic.page.evaluate(_HEARD_ON) == [device])

    await clinic.at(f"{_DEVICES} summary").click()
    # the page was loaded anew: as the computer does, until she chooses
    await choose(clinic, _DEVICES, speaker)
    await eventually(lambda: heard_on(speaker))
    await choose(clinic, _DEVICES, other)
    await eventually(lambda: heard_on(other))
    await plays(clinic, _DEVICES)
    await clinic.shoot("call-speaker-chosen")
    await clinic.page.evaluate("window.isBroken = true")
    await choose(clinic, _DEVICES, speaker)
    await clinic.at(f'{_DEVICES} [data-code="failed"]').wait_for(state="visible")
    assert await clinic.at(f'{_DEVICES} [data-speaker-target="choice"]').input_value() == ""
