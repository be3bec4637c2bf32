"""Several experts in one call: hands, the order that everybody sees, and the word (VID-06)."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.call_people import (
    end_call,
    forgive_cuts,
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
_LAPTOP = (1366, 768)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("speakers")) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Without cameras: hands are raised all the same."""
    async with open_caller_browser(without=("--use-fake-device",)) as opened:
        yield opened


def people_of(house: WorldHouse) -> tuple[Person, Person, Person]:
    """Who calls, who reads, and somebody else of the panel's hospital."""
    return (
        house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN),
        house.world.person(Side.LEAD, Role.EXPERT),
        house.world.person(Side.HOME, Role.PHOTOGRAPHER),
    )


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_hands_are_raised_the_host_gives_the_word_and_everybody_sees_the_order(
    house: WorldHouse, browser: Browser, language: str
) -> None:
    host, expert, photographer = people_of(house)
    base, case_id = secure_base(house), house.world.things["case"]
    await let_in_all(house, host, [expert, photographer])
    async with (
        open_caller(browser, base, host, language=language, size=_LAPTOP) as clinic,
        open_caller(browser, base, expert, language=language, size=PHONE) as phone,
        open_caller(browser, base, photographer, language=language, size=_LAPTOP) as other,
    ):
        for screen in (clinic, phone, other):
            await take_place(screen, case_id)
        await raises(other)
        await stands(phone, photographer, "next")
        await raises(phone)
        for screen in (clinic, phone, other):
            await stands(screen, photographer, "next")
            await stands(screen, expert, "waiting")
        await looks_well(clinic, "speakers-host")
        await looks_well(phone, "speakers-phone")
        await the_host_leads(clinic, phone, other)
        await end_call(house, host)


async def the_host_leads(clinic: Screen, phone: Screen, other: Screen) -> None:
    """She gives the word to the second one, which a rejoin keeps, and takes it back."""
    waiting = clinic.at('.turn:has([data-state="waiting"]:not([hidden]))')
    await waiting.locator('[data-lead="give"]').click()
    for screen in (clinic, phone, other):
        await screen.at('.turn [data-state="speaking"]:not([hidden])').wait_for()
    await phone.at('[data-turn="speaking"]').wait_for(state="visible")
    await other.at('[data-turn="next"]').wait_for(state="visible")
    assert await other.at("[data-lead]:not([hidden])").count() == 0
    await looks_well(phone, "speakers-word")
    await comes_again(phone)
    await phone.at('[data-turn="speaking"]').wait_for(state="visible")
    await clinic.at('[data-lead="take"]:not([hidden])').click()
    await phone.at('[data-raised="none"]').wait_for(state="visible")
    await clinic.at('.turn [data-lead="give"]:not([hidden])').click()
    await other.at('[data-raised="speaking"]').click()
    for screen in (clinic, phone, other):
        await screen.at(".turns-order").wait_for(state="hidden")


async def comes_again(phone: Screen) -> None:
    """The page is loaded anew in mid call."""
    await phone.page.reload()
    await phone.at('button[data-door="join"]').click()
    await phone.at('.call[data-now="call"]').wait_for()
    forgive_cuts(phone)


async def raises(screen: Screen) -> None:
    """Her own hand."""
    await screen.at('[data-raised="none"]').click()
    await screen.at('[data-raised="waiting"]').wait_for(state="visible")


async def stands(screen: Screen, person: Person, state: str) -> None:
    """Somebody has this place in the list."""
    row = f'.turn[data-person="{person.id}"] [data-state="{state}"]'
    await screen.at(row).wait_for(state="visible")


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
