"""Who sits beside the doctor is said in the call; what was said by telephone is kept (U30)."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser

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
from tests.makers.screen import PHONE, Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(240)]
_HERE = ".call-devices:has(#present)"
_LAPTOP = (1366, 768)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    with open_video_world(tmp_path_factory.mktemp("present")) as opened:
        yield opened


async def says(screen: Screen, who: str, **more: str) -> None:
    """Choose as what somebody sits there, and fill in what is asked of such a person."""
    await screen.at(f'{_HERE} [name="who"]').select_option(who)
    if "identity" in more:
        await screen.at(f'{_HERE} [name="identity"]').select_option(more["identity"])
    if "name" in more:
        await screen.at(f'{_HERE} [name="name"]').fill(more["name"])
    await screen.at(f'{_HERE} [type="submit"]').click()


async def test_both_sides_read_who_sits_there_and_the_doctor_goes_on_by_telephone(
    house: WorldHouse,
) -> None:
    world, case_id = house.world, house.world.things["case"]
    host = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = world.person(Side.LEAD, Role.EXPERT)
    await let_in_all(house, host, [expert])
    async with open_caller_browser() as browser:
        await sit_and_see(house, browser, host, expert)
        await end_call(house, host)
        async with open_caller(browser, secure_base(house), host, size=_LAPTOP) as clinic:
            await telephone(clinic, case_id)
        async with open_caller(
            browser, secure_base(house), expert, language="en", size=PHONE
        ) as reader:
            await reader.go(f"/cases/{case_id}")
            await reader.at("#telephone", has_text="三日内复查眼压").wait_for()
            assert await reader.at("#telephone-form").count() == 0
            assert await reader.find_overflow() == []
            await reader.at("#telephone").scroll_into_view_if_needed()
            await reader.shoot("telephone-read")


async def sit_and_see(house: WorldHouse, browser: Browser, host: Person, expert: Person) -> None:
    """The patient and a nurse sit beside the physician; the expert reads it; the nurse goes."""
    case_id, base = house.world.things["case"], secure_base(house)
    async with (
        open_caller(browser, base, host, size=_LAPTOP) as clinic,
        open_caller(browser, base, expert, language="en", size=PHONE) as reader,
    ):
        for screen in (clinic, reader):
            await take_place(screen, case_id)
            await screen.at(f"{_HERE} summary").click()
        await says(clinic, "patient", identity="document")
        await clinic.at("#present li", has_text="已核对证件").wait_for()
        await says(clinic, "nurse", name="李护士")
        await clinic.at("#present li", has_text="李护士").wait_for()
        await clinic.shoot("present-said")
        await clinic.assert_accessible()
        assert await clinic.find_overflow() == []
        await reader.at("#present li", has_text="identity document seen").wait_for()
        await reader.shoot("present-read")
        assert await reader.at('#present [data-controller="act"]').count() == 0
        assert await reader.at(f'{_HERE} option[value="patient"]').count() == 0
        await clinic.at("#present li", has_text="李护士").locator("button").click()
        for screen in (clinic, reader):
            await screen.at("#present li", has_text="李护士").wait_for(state="detached")
        await clinic.at('.call[data-now="call"]').wait_for()  # nobody left the call by it


async def telephone(clinic: Screen, case_id: str) -> None:
    """From the card of the case: what is missing is said, and what is written down stands there."""
    await clinic.go(f"/cases/{case_id}")
    await clinic.at('[data-dialog-id-value="telephone-form"]').click()
    form = clinic.at("#telephone-form")
    clinic.awaited.append("422 ")
    await form.locator('button[type="submit"]').click()
    await form.locator("[aria-invalid='true']").first.wait_for()
    await form.locator('label:has([value="nobody_answered"])').click()
    await form.locator('[name="with_name"]').fill("值班医师 赵")
    await form.locator('[name="result"]').fill("三日内复查眼压，今日停用散瞳药")
    await clinic.shoot("telephone-form")
    await clinic.assert_accessible()
    await form.locator('button[type="submit"]').click()
    await clinic.at("#telephone", has_text="三日内复查眼压").wait_for()
    await clinic.at("#telephone", has_text="值班医师 赵").wait_for()
    await clinic.at("#telephone").scroll_into_view_if_needed()
    await clinic.shoot("telephone-kept")
    assert await clinic.find_overflow() == []
