"""A call between the clinic and the expert, by the pages alone (VID-01, VID-02, VID-05)."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, counted, meets, open_caller_browser, phase
from tests.makers.media_house import eventually
from tests.makers.screen import DESKTOP, PHONE, Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("call") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


def base_of(house: WorldHouse) -> str:
    """By a name that browsers take for this computer, so that there is a camera."""
    return house.base.replace("127.0.0.1", "localhost")


def people(house: WorldHouse) -> tuple[Person, Person]:
    world = house.world
    return world.person(Side.HOME, Role.REQUESTING_PHYSICIAN), world.person(Side.LEAD, Role.EXPERT)


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
async def test_the_expert_is_rung_on_her_list_knocks_and_both_see_and_hear_each_other(
    house: WorldHouse, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    case_id, (physician, expert) = house.world.things["case"], people(house)
    look = {"language": language, "size": size}
    async with (
        open_screen(browser, base_of(house), **look) as clinic,
        open_screen(browser, base_of(house), **look) as reader,
    ):
        await clinic.come_as(physician.token)
        await reader.come_as(expert.token)
        await calls(clinic, reader, case_id)
        await is_rung_and_let_in(clinic, reader)
        await hides_and_mutes(clinic, reader)
        await leaves_and_comes_again(clinic, reader)


async def calls(clinic: Screen, reader: Screen, case_id: str) -> None:
    """The expert sits before her list; the clinic looks at its devices, and calls."""
    await reader.go("/worklist")
    await reader.at("[data-controller=stream][data-state=live]").wait_for(state="attached")
    await clinic.go(f"/cases/{case_id}/room")
    await clinic.at("select[data-kind=camera] option:nth-child(2)").first.wait_for(state="attached")
    await looks_well(clinic, "call-check")
    await call_from_case(clinic, case_id)


async def is_rung_and_let_in(clinic: Screen, reader: Screen) -> None:
    """Nothing is seen or heard before the host has opened the door."""
    ring = reader.at("#ring")
    await ring.wait_for(state="visible")
    await looks_well(reader, "call-ring")
    await ring.locator('[data-action="ring#later"]').click()
    await ring.wait_for(state="hidden")
    await reader.go(clinic.path)
    await reader.at('button[data-door="knock"]').click()
    await phase(reader, "waiting")
    await looks_well(reader, "call-waiting")
    assert await counted(reader) == {
        "frames": 0,
        "width": 0,
        "loud": 0,
        "sounds": 0,
        "name": "",
        "place": "",
    }
    knock = clinic.at(".call-knock")
    await knock.wait_for(state="visible")
    await looks_well(clinic, "call-knock")
    await knock.locator("[data-admits]").click()
    await phase(reader, "call")
    for screen in (clinic, reader):
        met = await meets(screen)
        assert met["name"]
        assert met["place"]
        await looks_well(screen, "call")


async def leaves_and_comes_again(clinic: Screen, reader: Screen) -> None:
    """Whoever was let in comes again without knocking, until the call ends for all."""
    await reader.at('[data-action="call#leave"]').click()
    await phase(reader, "over")
    await clinic.at(".call-tile").wait_for(state="detached")
    await looks_well(reader, "call-left")
    await reader.at('.call-wait:not([hidden]) [data-action="call#again"]').click()
    await reader.at('button[data-door="join"]').click()
    for screen in (clinic, reader):
        await meets(screen)
    await clinic.at('[data-action="call#end"]').click()
    for screen in (clinic, reader):
        await phase(screen, "over")


async def hides_and_mutes(clinic: Screen, reader: Screen) -> None:
    """What the one switches off, the other one is told and gets no more."""
    dark = reader.at('.call-tile [data-part="dark"]')
    muted = reader.at('.call-tile [data-part="muted"]')
    camera, microphone = (clinic.at(f'[data-toggle="{each}"]') for each in ("camera", "microphone"))
    await camera.click()
    await dark.wait_for(state="visible")
    await microphone.click()
    await muted.wait_for(state="visible")
    await eventually(lambda: gets_nothing(reader))
    await camera.click()
    await dark.wait_for(state="hidden")
    await microphone.click()
    await muted.wait_for(state="hidden")
    await meets(reader)


async def gets_nothing(screen: Screen) -> bool:
    found = await counted(screen)
    return (found["width"], found["sounds"]) == (0, 0)


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
