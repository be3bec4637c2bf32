"""The doctor's own telephone is a second camera in her tile, and goes with her (U30)."""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, open_caller_browser, phase
from tests.makers.guests import shown_in
from tests.makers.media_house import eventually
from tests.makers.screen import DESKTOP, PHONE, Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(600)]
_CAMERA_MENU = '.call-devices:has([data-action="click->invite#camera"])'
_SEEN = """() => {
  const tile = document.querySelector(".call-tile");
  const frames = (video) => video?.srcObject ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
  return {
    tiles: document.querySelectorAll(".call-tile").length,
    first: frames(tile?.querySelector("video")),
    second: frames(tile?.querySelector("[data-second]")),
    shown: tile?.classList.contains("has-second") ?? false,
    muted: tile?.querySelector('[data-part="muted"]')?.hidden === false,
  };
}"""


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("companion") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


def base_of(house: WorldHouse) -> str:
    """By a name that browsers take for this computer, so that there is a camera."""
    return house.base.replace("127.0.0.1", "localhost")


def person_of(house: WorldHouse, side: Side, role: Role) -> Person:
    return house.world.person(side, role)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_doctors_telephone_is_a_second_camera_of_hers(
    house: WorldHouse, browser: Browser, language: str
) -> None:
    base, case_id = base_of(house), house.world.things["case"]
    async with (
        open_screen(browser, base, language=language, size=DESKTOP) as clinic,
        open_screen(browser, base, language=language, size=DESKTOP) as reader,
        open_screen(browser, base, language=language, size=PHONE) as phone,
    ):
        await clinic.come_as(person_of(house, Side.HOME, Role.REQUESTING_PHYSICIAN).token)
        await reader.come_as(person_of(house, Side.LEAD, Role.EXPERT).token)
        await call_from_case(clinic, case_id)
        await reader.go(f"/cases/{case_id}/room")
        await reader.at('button[data-door="knock"]').click()
        await clinic.at(".call-knock [data-admits]").click()
        await phase(reader, "call")
        await shows_her_camera(clinic, phone)
        await eventually(lambda: sees(reader, tiles=1, shown=True))
        await looks_well(reader, "companion-tile")
        await phone.at('[data-action="companion#turn"]').click()
        await clinic.at('[data-toggle="microphone"]').click()
        await eventually(lambda: sees(reader, tiles=1, shown=True, muted=True))
        await clinic.at('[data-action="call#leave"]').click()
        await phone.at('[data-said="ended"]').wait_for(state="visible")
        await looks_well(phone, "companion-ended")


async def shows_her_camera(clinic: Screen, phone: Screen) -> None:
    """The code is on the screen of the call; the telephone opens it and is pressed."""
    menu = clinic.at(_CAMERA_MENU)
    await menu.locator("summary").click()
    path = await shown_in(menu)
    await looks_well(clinic, "companion-code")
    await phone.go(path)
    await looks_well(phone, "companion-invited")
    await phone.press(phone.at(".join-go"))
    await phone.at('[data-action="companion#begin"]').click()
    await phone.at('[data-said="shown"]').wait_for(state="visible")
    await looks_well(phone, "companion-shown")


async def sees(screen: Screen, **wanted: Any) -> bool:
    """Whether one tile shows both cameras, each with frames that are drawn."""
    found = await screen.page.evaluate(_SEEN)
    has_frames = min(found["first"], found["second"]) > 5
    return has_frames and all(found[name] == value for name, value in wanted.items())


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
