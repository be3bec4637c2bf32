"""A patient comes into the call by a link on her telephone, without an account (VID-09)."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, counted, meets, open_caller_browser, phase
from tests.makers.guests import IDENTITY, make_in_page, patient_of
from tests.makers.media_house import eventually
from tests.makers.screen import DESKTOP, PHONE, Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("guest") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


def base_of(house: WorldHouse) -> str:
    """By a name that browsers take for this computer, so that there is a camera."""
    return house.base.replace("127.0.0.1", "localhost")


def physician_of(house: WorldHouse) -> Person:
    return house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_patient_joins_by_a_link_on_her_telephone_and_nobody_else_can(
    house: WorldHouse, browser: Browser, language: str
) -> None:
    base, case_id = base_of(house), house.world.things["case"]
    async with house.visitor(physician_of(house)) as visitor:
        name, tail = await patient_of(visitor, house)
    async with (
        open_screen(browser, base, language=language, size=DESKTOP) as clinic,
        open_screen(browser, base, language=language, size=PHONE) as phone,
        open_screen(browser, base, language=language, size=PHONE) as other,
    ):
        await clinic.come_as(physician_of(house).token)
        await call_from_case(clinic, case_id)
        path = await make_in_page(clinic, "patient")
        await looks_well(clinic, "guest-link")
        for _ in range(3):  # a chat program looks at it before anybody reads it
            await other.go(path)
        await reads_and_joins(phone, path, name)
        await is_refused(other, path)
        await says_who_she_is(phone, name, tail)
        await is_let_in(clinic, phone, name)
        await they_write(clinic, phone)
        await comes_back(clinic, phone, path)
        await clinic.at('[data-action="call#end"]').click()
        await phase(phone, "over")
        await looks_well(phone, "guest-over")


async def reads_and_joins(phone: Screen, path: str, name: str) -> None:
    """The page says who invites, and names no patient; the button uses the link up."""
    await phone.go(path)
    await looks_well(phone, "guest-invited")
    assert name not in await phone.page.content()
    await phone.press(phone.at(".join-go"))
    await phone.form(IDENTITY).wait_for()


async def is_refused(other: Screen, path: str) -> None:
    """A second device is told in plain words that the link is used."""
    async with other.refused(410, "/join/"):
        await other.go(path)
    assert other.say("另一台设备", "another device") in await other.at("main").inner_text()
    await looks_well(other, "guest-refused")


async def says_who_she_is(phone: Screen, name: str, tail: str) -> None:
    """A wrong answer is said, and another try is left."""
    form = phone.form(IDENTITY)
    await looks_well(phone, "guest-identity")
    await phone.fill(form, {"name": name, "tail": "0000" if tail != "0000" else "1111"})
    async with phone.refused(422, IDENTITY):
        await (await phone.button_of(form)).click()
    await phone.assert_said("还可以再试 2 次", "Tries left: 2")
    await phone.submit(form, {"name": name, "tail": tail})


async def is_let_in(clinic: Screen, phone: Screen, name: str) -> None:
    """She looks at her devices and knocks; the doctor sees what agreed, and lets her in."""
    await phone.at(".call").wait_for()
    await looks_well(phone, "guest-check")
    assert name not in await phone.page.content()
    await phone.at('button[data-door="knock"]').click()
    await phase(phone, "waiting")
    await looks_well(phone, "guest-waiting")
    knock = clinic.at(".call-knock")
    await knock.wait_for(state="visible")
    await knock.locator('[data-identity="matched"]').wait_for(state="visible")
    await looks_well(clinic, "guest-knock")
    assert clinic.say("患者本人", "The patient") in await knock.inner_text()
    assert await clinic.at(".call-tile").count() == 0
    await knock.locator("[data-admits]").click()
    await phase(phone, "call")
    for screen in (clinic, phone):
        assert (await meets(screen))["name"]
        await looks_well(screen, "guest-call")
    assert await phone.at(".call-talk").count() == 0


async def they_write(clinic: Screen, phone: Screen) -> None:
    """What one writes the other reads, beside the call."""
    for writer, reader, text in ((phone, clinic, "听不见 / no sound"), (clinic, phone, "好 / ok")):
        await writer.at("#words-text").fill(text)
        await writer.at("#words-text").press("Enter")
        await reader.at(".call-said-list li", has_text=text).wait_for(state="visible")
    for screen in (clinic, phone):
        await looks_well(screen, "guest-words")


async def comes_back(clinic: Screen, phone: Screen, path: str) -> None:
    """She leaves and opens the link again in the same browser: her place is kept, no knock."""
    await phone.at('[data-action="call#leave"]').click()
    await phase(phone, "over")
    await clinic.at(".call-tile").wait_for(state="detached")
    await phone.go(path)
    assert phone.path == "/join"
    await phone.at('button[data-door="join"]').click()
    await phase(phone, "call")
    await clinic.at(".call-tile").wait_for(state="visible")
    await eventually(lambda: sees_again(phone))


async def sees_again(phone: Screen) -> bool:
    """Whether pictures are drawn."""
    return bool((await counted(phone))["frames"] > 5)


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
