"""A camera or microphone that is pulled out in mid call: another takes its place, or it is said."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.call_counts import everybody_has_all, hears_nothing_of
from tests.makers.call_people import (
    end_call,
    keeps_seeing,
    let_in_all,
    open_caller,
    open_video_world,
    secure_base,
    take_place,
)
from tests.makers.calls import open_caller_browser
from tests.makers.screen import PHONE, Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(400)]
_THREE_CAMERAS: Final = "--use-fake-device-for-media-stream=device-count=3,fps=30"
_LAPTOP = (1366, 768)
_KINDS: Final = [("zh", "camera", "video"), ("en", "microphone", "audio")]
# what Chromium does when a plug is drawn: the track ends, and the device is in no list any more
_PLUGS: Final = """
(() => {
  window.drawn = new Set();
  window.openTracks = [];
  const devices = navigator.mediaDevices;
  if (devices === undefined) return;
  const open = devices.getUserMedia.bind(devices);
  const list = devices.enumerateDevices.bind(devices);
  // the second is a depth camera, of which nothing can be sent
  const isDrawn = ({ deviceId, label }) =>
    window.drawn.has(deviceId) || label === "fake_device_1";
  devices.enumerateDevices = async () => (await list()).filter((each) => !isDrawn(each));
  devices.getUserMedia = async (wanted) => {
    for (const each of [wanted.video, wanted.audio]) {
      if (isDrawn({ deviceId: each?.deviceId?.exact })) {
        throw new DOMException("", "NotFoundError");
      }
    }
    const stream = await open(wanted);
    window.openTracks.push(...stream.getTracks());
    return stream;
  };
  window.drawPlugs = (kind) => {
    for (const track of window.openTracks) {
      if (track.kind !== kind || track.readyState === "ended") continue;
      window.drawn.add(track.getSettings().deviceId);
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.drawAllPlugs = async (kind) => {
    const input = { video: "videoinput", audio: "audioinput" }[kind];
    for (const each of await list()) {
      if (each.kind === input) window.drawn.add(each.deviceId);
    }
    window.drawPlugs(kind);
  };
  window.plugIn = () => {
    window.drawn.clear();
    devices.dispatchEvent(new Event("devicechange"));
  };
})();
"""


@dataclass(frozen=True)
class Pair:
    """The clinic, whose plugs are drawn, and the expert."""

    people: tuple[Person, Person]
    clinic: Screen
    reader: Screen

    async def meet(self) -> None:
        """Both see and hear each other."""
        await everybody_has_all((self.clinic, self.reader), self.people)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("pulled")) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """With several cameras and microphones."""
    without = ("--use-fake-device",)
    async with open_caller_browser(without=without, more=(_THREE_CAMERAS,)) as opened:
        yield opened


@pytest.fixture
async def pair(
    request: pytest.FixtureRequest, house: WorldHouse, browser: Browser
) -> AsyncIterator[Pair]:
    """Both are in the call, the clinic in this language."""
    world, base = house.world, secure_base(house)
    physician = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = world.person(Side.LEAD, Role.EXPERT)
    await let_in_all(house, physician, [expert])
    look = {"language": request.param, "size": _LAPTOP}
    async with (
        open_caller(browser, base, physician, script=_PLUGS, **look) as clinic,
        open_caller(browser, base, expert) as reader,
    ):
        for screen in (clinic, reader):
            await take_place(screen, world.things["case"])
        made = Pair((physician, expert), clinic, reader)
        await made.meet()
        yield made
        await end_call(house, physician)


def told(kind: str, code: str) -> str:
    """Where the page says in the call how a device stands."""
    return f'.call-told [data-of="{kind}"][data-outcome="{code}"]'


async def looks_well(screen: Screen, name: str) -> None:
    """In both sizes nothing scrolls sideways and nobody is kept out."""
    for size in (PHONE, _LAPTOP):
        await screen.resize(size)
        assert await screen.find_overflow() == []
        await screen.assert_accessible()
        await screen.shoot(name)


async def used(screen: Screen, kind: str) -> str:
    """The device that is chosen under Devices."""
    return await screen.at(f"#call-{kind}").input_value()


@pytest.mark.parametrize(("pair", "kind", "sends"), _KINDS, indirect=["pair"])
async def test_another_device_takes_the_place_of_one_that_was_pulled_out_and_the_page_says_so(
    pair: Pair, kind: str, sends: str
) -> None:
    clinic, before = pair.clinic, await used(pair.clinic, kind)
    assert before
    await clinic.page.evaluate("(kind) => window.drawPlugs(kind)", sends)
    await clinic.at(told(kind, "replaced")).wait_for(state="visible")
    assert await used(clinic, kind) not in {"", before}
    await looks_well(clinic, f"call-replaced-{kind}")
    await pair.meet()
    await clinic.at(
        ".call-devices summary", has_text="设备" if kind == "camera" else "Devices"
    ).click()
    await clinic.at(f"#call-{kind}").select_option(index=1)
    await clinic.at(told(kind, "replaced")).wait_for(state="hidden")
    await pair.meet()


@pytest.mark.parametrize("pair", ["zh"], indirect=True)
async def test_whoever_was_muted_when_her_microphone_was_pulled_out_stays_muted(pair: Pair) -> None:
    clinic, reader = pair.clinic, pair.reader
    button = clinic.at('[data-toggle="microphone"]')
    await button.click()
    await hears_nothing_of(reader, pair.people[0])
    await clinic.page.evaluate("() => window.drawPlugs('audio')")
    await clinic.at(told("microphone", "replaced")).wait_for(state="visible")
    await keeps_seeing(reader)  # what is sent has had time to come
    await hears_nothing_of(reader, pair.people[0])
    assert await button.get_attribute("aria-pressed") == "true"
    await button.click()
    await pair.meet()


@pytest.mark.parametrize(("pair", "kind", "sends"), _KINDS, indirect=["pair"])
async def test_where_no_other_is_left_the_page_says_what_to_do_and_takes_what_is_plugged_in_again(
    pair: Pair, kind: str, sends: str
) -> None:
    clinic, tile = pair.clinic, f'.call-tile[data-person="{pair.people[0].id}"]'
    await clinic.page.evaluate("(kind) => window.drawAllPlugs(kind)", sends)
    await clinic.at(told(kind, "gone")).wait_for(state="visible")
    if kind == "camera":
        await pair.reader.at(f'{tile} [data-part="dark"]').wait_for(state="visible")
    else:
        await hears_nothing_of(pair.reader, pair.people[0])
    await looks_well(clinic, f"call-gone-{kind}")
    await clinic.page.evaluate("() => window.plugIn()")
    await clinic.at(told(kind, "gone")).wait_for(state="hidden")
    await pair.meet()
