"""Two browsers of real people see and hear each other through the whole house."""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from consult.kernel.work import Role
from tests.makers.browsers import chromium_path
from tests.makers.media_house import eventually
from tests.makers.room_script import ROOM_FLAGS, ROOM_SCRIPT
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(240)]
_PORTS = 200
_OVER = 1000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    ports = f"{first}-{first + _PORTS - 1}"
    place = tmp_path_factory.mktemp("rooms") / "house"
    with open_world(place, media="true", media_ports=ports) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(ROOM_FLAGS)
        )
        yield opened
        await opened.close()


async def sit_down(house: WorldHouse, browser: Browser, person: Person) -> Page:
    """A page of the house itself, with its policy, in which this person is signed in."""
    context = await browser.new_context()
    await context.add_cookies([{"name": "lianzhen", "value": person.token, "url": house.base}])
    page = await context.new_page()
    await page.goto(f"{house.base}/account")
    await page.evaluate(f"() => {{ {ROOM_SCRIPT}\n Object.assign(window, {{ enter, counted }}); }}")
    return page


async def sees_and_hears(page: Page) -> dict[str, Any] | None:
    found: dict[str, Any] = await page.evaluate("counted()")
    return found if found["video"] > 30 and found["energy"] > 0 else None


async def test_physician_and_expert_see_and_hear_each_other_until_the_call_ends(
    house: WorldHouse, browser: Browser
) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    room = f"/api/cases/{house.world.things['case']}/room"
    async with house.visitor(physician) as host, house.visitor(expert) as guest:

        async def is_called() -> bool:
            return (await host.send(room))[0] == 200

        await eventually(is_called)
        assert (await guest.send(f"{room}/knock"))[0] == 200
        pages = [await sit_down(house, browser, each) for each in (physician, expert)]
        early = pages[1]
        await early.evaluate("(path) => enter(path, 'VP8')", f"{room}/line")
        await eventually(lambda: was_shut(early))
        body = {"person_id": expert.id, "admitted": True}
        assert (await host.send(f"{room}/answer", body))[0] == 200
        for page in pages:
            await page.evaluate("(path) => enter(path, 'VP8')", f"{room}/line")
        for page in pages:
            await eventually(lambda page=page: sees_and_hears(page))
        assert (await host.send(f"{room}/end"))[0] == 200
        for page in pages:
            await eventually(lambda page=page: was_ended(page))
        told = (await host.get(room))[1]
        assert told["open_room_id"] is None
        assert {each["person_id"] for each in told["rooms"][0]["attendances"]} == {
            physician.id,
            expert.id,
        }


async def was_shut(page: Page) -> bool:
    """Nobody hears anything before she was let in: there is no line at all."""
    found = await page.evaluate("counted()")
    return bool(found["code"]) and found["video"] == found["audio"] == 0


async def was_ended(page: Page) -> bool:
    return bool((await page.evaluate("counted()"))["code"] == _OVER)
