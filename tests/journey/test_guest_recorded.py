"""A patient who came by a link is asked on her telephone before the call is recorded (VID-07)."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.calls import call_from_case, open_caller_browser, phase
from tests.makers.guests import IDENTITY, make_in_page, patient_of
from tests.makers.recorded_calls import open_recording_house
from tests.makers.screen import DESKTOP, PHONE, Screen, open_screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("asked") / "house") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_she_is_asked_in_her_words_sees_that_it_is_on_and_takes_it_back(
    house: WorldHouse, browser: Browser, language: str
) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    base = house.base.replace("127.0.0.1", "localhost")  # so that there is a camera
    async with house.visitor(physician) as visitor:
        who = await patient_of(visitor, house)
    async with (
        open_screen(browser, base, language=language, size=DESKTOP) as clinic,
        open_screen(browser, base, language=language, size=PHONE) as phone,
    ):
        await clinic.come_as(physician.token)
        await call_from_case(clinic, house.world.things["case"])
        await comes_in(clinic, phone, *who)
        await clinic.at('.rec [data-shown="ask"]').click()
        await says(clinic, "asked")
        name = clinic.say("患者本人", "The patient")
        await clinic.at('.rec [data-says="asked"]', has_text=name).wait_for(state="visible")
        await phone.at(".rec-ask").wait_for(state="visible")
        await looks_well(phone, "guest-recording-question")
        assert await phone.at('.rec [data-shown="ask"]').count() == 0
        await phone.at('[data-action="recording#agree"]').click()
        for screen in (clinic, phone):
            await says(screen, "on")
            await looks_well(screen, "guest-recording-on")
        await phone.at('.rec [data-own="agreed"]').click()
        for screen in (clinic, phone):
            await says(screen, "refused-guest")
            await looks_well(screen, "guest-recording-refused")
        await clinic.at('.rec [data-shown="ask"]').wait_for(state="hidden")


async def comes_in(clinic: Screen, phone: Screen, name: str, tail: str) -> None:
    """By the link, the button, her name, a knock; and the doctor lets her in."""
    await phone.go(await make_in_page(clinic, "patient"))
    await phone.press(phone.at(".join-go"))
    await phone.submit(phone.form(IDENTITY), {"name": name, "tail": tail})
    await phone.at('button[data-door="knock"]').click()
    await clinic.at(".call-knock [data-admits]").click()
    await phase(phone, "call")


async def says(screen: Screen, code: str) -> None:
    await screen.at(f'.rec [data-says="{code}"]').wait_for(state="visible")


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
