"""The main stretch of the loop in Chromium 109, the oldest browser that we promise (U9)."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from consult.kernel.work import Role
from tests.journey.acts import booking, clinic, reading
from tests.makers.browsers import open_floor_chromium
from tests.makers.screen import Screen, open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
_REST = {
    "advice": "散瞳眼底检查。",
    "referral_need": "refer",
    "referral_urgency": "routine",
    "interval_months": "3",
}


@pytest.fixture(scope="module")
async def floor() -> AsyncIterator[Browser]:
    """A real Chromium 109."""
    async with open_floor_chromium() as opened:
        yield opened


@contextlib.asynccontextmanager
async def person_at(
    floor: Browser, house: WorldHouse, side: Side, role: Role
) -> AsyncIterator[Screen]:
    """Somebody of the world in this browser."""
    person = house.world.person(side, role)
    async with open_screen(floor, house.base) as screen:
        await screen.come_as(person.token)
        yield screen


def test_the_floor_is_chromium_109(floor: Browser) -> None:
    assert floor.version.split(".")[0] == "109"


async def test_a_case_is_sent_read_signed_and_booked_in_chromium_109(
    floor: Browser, tmp_path: Path, real_files: Path
) -> None:
    card = clinic.pack_folder(tmp_path / "card", real_files)
    with open_world(tmp_path / "data") as house:
        async with contextlib.AsyncExitStack() as stack:
            doctor, expert = [
                await stack.enter_async_context(person_at(floor, house, side, role))
                for side, role in (
                    (Side.HOME, Role.REQUESTING_PHYSICIAN),
                    (Side.LEAD, Role.EXPERT),
                )
            ]
            await clinic.register(doctor)
            case_id = await clinic.open_case(doctor, "screening_read")
            await clinic.fill_screening(doctor)
            await clinic.record_consent(doctor)
            await clinic.send_folder(doctor, card, as_files=True)
            await clinic.confirm_set(doctor)
            await reading.watch_list(expert)
            await clinic.submit(doctor)
            await reading.row_arrived_at(expert, case_id)
            await reading.take(expert, case_id)
            await reading.look_at_all(expert)
            await reading.write(expert, reading.REFERABLE, **_REST)
            await reading.sign(expert)
            await doctor.at("#report").wait_for()
            await booking.receive(doctor)
            await booking.decide(doctor, "refer")
            await booking.book(doctor)
            await booking.print_slip(doctor)
