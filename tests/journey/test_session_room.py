"""A booked session leads into its room, from the schedule and from the case (VID-08)."""

import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser

from consult.cases import service as cases
from consult.kernel.work import Role
from tests.makers.calls import meets, open_caller_browser, phase
from tests.makers.screen import DESKTOP, PHONE, SHOTS, Screen, open_screen
from tests.makers.video_sessions import book_soon
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(300)]
_SHANGHAI = timedelta(hours=8)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("session") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
async def test_both_go_from_their_pages_into_the_room_of_the_session_and_nobody_knocks(
    house: WorldHouse, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    physician, expert, case_id, day = books_for_now(house)
    base = house.base.replace("127.0.0.1", "localhost")
    look = {"language": language, "size": size}
    async with (
        open_screen(browser, base, **look) as clinic,
        open_screen(browser, base, **look) as reader,
    ):
        await clinic.come_as(physician.token)
        await reader.come_as(expert.token)
        await reader.go(f"/schedule?week={day}")
        await reader.at('.session-line a[href$="/room"]').wait_for()
        await looks_well(reader, "session-room-schedule")
        await calls_from_the_case(clinic, case_id)
        await comes_from_the_schedule(clinic, reader)
        await reader.at('[data-action="call#leave"]').click()
        await phase(reader, "over")
        await clinic.at('[data-action="call#end"]').click()
        await phase(clinic, "over")
        await clinic.go(f"/cases/{case_id}")
        said = clinic.say("本次会诊的通话", "Call of this session")
        await clinic.at("#session", has_text=said).wait_for()
        await writes_the_minutes(clinic, case_id)


def books_for_now(house: WorldHouse) -> tuple[Person, Person, str, str]:
    """A session that begins in a few minutes: its two people, its case, its day at the clinic."""
    world = house.world
    physician = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = world.person(Side.LEAD, Role.EXPERT)
    case = world.now.do(physician.actor, cases.get_case, case_id=world.things["case"])
    starts_at = world.now.now.replace(second=0, microsecond=0) + timedelta(minutes=12)
    book_soon(world.now, case, expert=expert.actor, doctor=physician.actor, starts_at=starts_at)
    return physician, expert, case.id, (starts_at + _SHANGHAI).date().isoformat()


async def calls_from_the_case(clinic: Screen, case_id: str) -> None:
    await clinic.go(f"/cases/{case_id}")
    door = clinic.at('#session a[href$="/room"]')
    await door.scroll_into_view_if_needed()
    await looks_well(clinic, "session-room-case")
    await clinic.press(door)
    await clinic.at('button[data-door="call"]').click()
    await phase(clinic, "call")


async def comes_from_the_schedule(clinic: Screen, reader: Screen) -> None:
    """She is rung too, and goes by her schedule all the same: nobody has to let her in."""
    await reader.at("#ring").wait_for(state="visible")
    await reader.press(reader.at('.session-line a[href$="/room"]'))
    await reader.at('button[data-door="knock"]').click()
    await phase(reader, "call")
    for screen in (clinic, reader):
        await meets(screen)
    assert await clinic.at(".call-knock").count() == 0


async def writes_the_minutes(clinic: Screen, case_id: str) -> None:
    """In the case, by the time line's own link to the call; then the sheet that is signed."""
    calls = clinic.at("#calls")
    await clinic.at('.timeline a[href^="#call-"]').first.click()
    await calls.scroll_into_view_if_needed()
    await looks_well(clinic, "calls-case")
    await calls.locator("[data-dialog-id-value^=minutes-]").click()
    dialog = clinic.at("dialog[open]")
    await dialog.locator("textarea").fill("建议 1 月内复查眼底")
    await looks_well(clinic, "calls-minutes")
    await dialog.locator("button[type=submit]").click()
    await calls.get_by_text("建议 1 月内复查眼底").first.wait_for()
    await clinic.press(calls.locator(f'a[href$="/cases/{case_id}/calls"]'))
    await clinic.at("table.paper-table").wait_for()
    await looks_well(clinic, "calls-sheet")
    pdf = await clinic.page.pdf(prefer_css_page_size=True)
    (SHOTS / f"{clinic.name}-calls-sheet.pdf").write_bytes(pdf)
    [sheet] = sheets_of(pdf)
    assert "建议 1 月内复查眼底" in sheet


def sheets_of(pdf: bytes) -> list[str]:
    """The text of each sheet."""
    asked = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(asked, input=pdf, capture_output=True, check=True, timeout=60).stdout
    return text.decode().split("\f")[:-1]


async def looks_well(screen: Screen, name: str) -> None:
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
