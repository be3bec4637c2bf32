"""An expert offers times, a clinic books one, both are told; at a desk and on a telephone."""

from datetime import UTC, datetime, timedelta

import pytest

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]


async def test_a_session_is_offered_booked_cancelled_and_both_are_told(
    world_house: WorldHouse, at_door: Opener
) -> None:
    world, case_id = world_house.world, world_house.world.things["case"]
    near = let_in(world.now, world.person(Side.HOME, Role.REQUESTING_PHYSICIAN))
    far = let_in(world.now, world.person(Side.LEAD, Role.EXPERT))
    async with (
        at_door(world_house.base) as clinic,
        at_door(world_house.base) as expert,
        at_door(world_house.base) as pocket,
    ):
        await clinic.come_as(near.token)
        await expert.come_as(far.token)
        await pocket.come_as(far.token)
        await pocket.resize((390, 844))
        await expert.go("/schedule")
        await expert.at(".empty").wait_for()
        await offer(expert)
        await expert.go("/worklist")
        await book(clinic, case_id)
        told = expert.at(".coming", has_text="已预约视频会诊")
        await told.wait_for()
        await expert.shoot("session-told")
        await told.get_by_role("link").click()
        await expert.at("#session", has_text="已预约会诊").wait_for()
        await look_around(clinic, expert, pocket, case_id)
        await clinic.go("/cases")
        await cancel(expert)
        await clinic.at(".coming", has_text="已取消").wait_for()
        await clinic.go(f"/cases/{case_id}")
        await clinic.at("#session", has_text="外出会诊").wait_for()


async def offer(expert: Screen) -> None:
    """Every weekday of a fortnight, by the page's own form."""
    await expert.go("/schedule/windows")
    form, today = expert.at("#offer"), datetime.now(UTC).date()
    await form.locator("[name=day_from]").fill((today + timedelta(days=2)).isoformat())
    await form.locator("[name=day_until]").fill((today + timedelta(days=15)).isoformat())
    for box in await form.locator("input[type=checkbox]").all():
        await box.check()
    await form.locator("[name=start]").fill("10:00")
    await form.locator("[name=end]").fill("09:00")
    await form.locator("[name=minutes]").fill("30")
    expert.awaited.append("422 ")  # the end lies before the beginning
    await form.get_by_role("button").click()
    await form.locator("[name=end][aria-invalid=true]").wait_for()
    await form.locator("[name=end]").fill("11:00")
    await form.get_by_role("button").click()
    await expert.at("#windows .session-line").wait_for()
    await expert.shoot("session-windows")


async def book(clinic: Screen, case_id: str) -> None:
    """The first free time."""
    await clinic.go(f"/cases/{case_id}")
    await clinic.at("[data-dialog-id-value=book-session]").click()
    await clinic.at("#book-session input[type=radio]").first.check()
    await clinic.shoot("session-book")
    await clinic.at("#book-session button[type=submit]").click()
    await clinic.at("#session", has_text="已预约会诊").wait_for()
    await clinic.at("#book-session").wait_for(state="detached")
    await clinic.shoot("session-case")


async def look_around(clinic: Screen, expert: Screen, pocket: Screen, case_id: str) -> None:
    """Both schedules have it, on a telephone too, and nothing there is wider than the screen."""
    day = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    for screen, name in ((clinic, "near"), (expert, "far"), (pocket, "phone")):
        await screen.go(f"/schedule?week={day}")
        await screen.at("#schedule .session-line").wait_for()
        await screen.shoot(f"session-schedule-{name}")
    await pocket.go("/schedule/windows")
    await pocket.shoot("session-windows-phone")
    await pocket.go(f"/cases/{case_id}#session")
    await pocket.shoot("session-case-phone")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await pocket.page.evaluate(wide) <= 0
    await expert.go("/schedule")
    await expert.at("[data-act-url-value='/api/schedule/address']").click()
    await expert.at("output.once", has_text=".ics").wait_for()
    await expert.go(f"/cases/{case_id}")


async def cancel(expert: Screen) -> None:
    """With a reason."""
    await expert.at("[data-dialog-id-value=cancel-session]").click()
    await expert.at("#cancel-session-reason").fill("外出会诊")
    await expert.at("#cancel-session button[type=submit]").click()
    await expert.at("#session", has_text="已取消").wait_for()
