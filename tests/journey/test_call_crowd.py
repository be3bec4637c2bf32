"""Three and then six people in one call, each at a page of her own in Chromium (VID-06)."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.makers.call_crowd import Call, call_of, holds_everybody
from tests.makers.call_people import open_video_world, take_place
from tests.makers.calls import open_caller_browser
from tests.makers.media_house import eventually
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side, add_person, let_in

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("crowd")) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """All pages, closed at the end."""
    async with AsyncExitStack() as opened:
        yield opened


def three(house: WorldHouse) -> list[Person]:
    """The physician, who calls, and two of the hospital."""
    person = house.world.person
    return [
        person(Side.HOME, Role.REQUESTING_PHYSICIAN),
        person(Side.LEAD, Role.EXPERT),
        person(Side.LEAD, Role.COORDINATOR),
    ]


def six(house: WorldHouse) -> list[Person]:
    """Those, the photographer, and two more experts."""
    world = house.world
    made = [
        add_person(
            world.clinic,
            world.places[Side.LEAD],
            side=Side.LEAD,
            role=Role.EXPERT,
            login=f"further{number}",
            name=name,
        )
        for number, name in enumerate(("钱江一", "钱江二"), start=1)
    ]
    further = [let_in(world.clinic, each) for each in made]
    return [*three(house), world.person(Side.HOME, Role.PHOTOGRAPHER), *further]


async def test_three_see_and_hear_each_other_through_leaving_muting_and_a_screen_shown_twice(
    house: WorldHouse, browser: Browser, stack: AsyncExitStack
) -> None:
    call = await call_of(house, browser, stack, three(house))
    await call.goes_on()
    for screen in call.screens[:2]:
        await holds_everybody(screen, "call-three")
    await call.be_mute(1)
    await call.show_screen(0)
    await call.show_screen(0)
    await call.go_without(2)
    await take_place(call.screens[2], call.case_id)
    await call.goes_on()


async def test_six_see_and_hear_each_other_while_one_has_the_word_and_one_goes_and_comes(
    house: WorldHouse, browser: Browser, stack: AsyncExitStack
) -> None:
    call = await call_of(house, browser, stack, six(house))
    await call.goes_on()
    for screen in call.screens[:2]:
        await holds_everybody(screen, "call-six")
    await has_the_word(call, 3)
    await call.be_mute(4)
    await call.go_without(5)
    await take_place(call.screens[5], call.case_id)
    await call.goes_on()
    await eventually(lambda: is_on_record(house, call))


async def has_the_word(call: Call, place: int) -> None:
    """Everybody sees whose hand is raised, and whom the host has given the word."""
    row = f'.turn[data-person="{call.people[place].id}"]'
    await call.screens[place].at('[data-raised="none"]').click()
    for screen in call.screens:
        await screen.at(f'{row} [data-state="next"]').wait_for(state="visible")
    await call.screens[0].at(f'{row} [data-lead="give"]').click()
    for screen in call.screens:
        await screen.at(f'{row} [data-state="speaking"]').wait_for(state="visible")
    await call.screens[place].at('[data-raised="speaking"]').click()
    for screen in call.screens:
        await screen.at(".turns-order").wait_for(state="hidden")


async def is_on_record(house: WorldHouse, call: Call) -> bool:
    """Whether each has a line in the attendance, and who came again two stays in hers."""
    async with house.visitor(call.people[0]) as visitor:
        status, told = await visitor.get(f"/api/cases/{call.case_id}/room")
    assert status == 200, told
    (room,) = told["rooms"]
    stays = {each["person_id"]: each["stays"] for each in room["attendances"]}
    wanted = {each.id: 1 for each in call.people} | {call.people[5].id: 2}
    return len(room["attendances"]) == len(wanted) and stays == wanted
