"""The referral office at its screen: a booking arrives by itself, is moved, and the clinic sees."""

import asyncio
from datetime import time, timedelta

import pytest

from consult.blobs.folder import FolderStore
from consult.cases.model import Case
from consult.kernel.work import Role
from consult.people.patients.model import Patient
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.journey.acts import booking
from tests.journey.acts import desk as office
from tests.journey.conftest import Opener
from tests.makers import referrals
from tests.makers.cases import citizen_number, make_patient
from tests.makers.screen import PHONE
from tests.makers.tiny_images import Darkroom
from tests.makers.twins import make_decided_twins
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in
from tests.makers.world_story import decide_to_refer

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("language", "sequence"), [("zh", 402), ("en", 404)])
async def test_a_booking_arrives_at_the_office_and_is_moved_while_the_clinic_looks_on(
    world_house: WorldHouse, at_door: Opener, language: str, sequence: int
) -> None:
    world, base = world_house.world, world_house.base
    case, twin, patient = await asyncio.to_thread(_decide, world_house, sequence)
    physician = let_in(world.now, world.person(Side.HOME, Role.REQUESTING_PHYSICIAN))
    clerk = let_in(world.now, world.person(Side.LEAD, Role.REFERRAL_DESK))
    async with (
        at_door(base, language=language) as doctor,
        at_door(base, language=language) as beside,
        at_door(base, language=language) as desk,
    ):
        for screen, token in ((doctor, physician.token), (beside, physician.token)):
            await screen.come_as(token)
        await desk.come_as(clerk.token)
        under_way = await office.watch_tabs(desk)
        await doctor.go(f"/cases/{case.id}/booking")
        await booking.book(doctor)
        row = await office.wait_for_row(desk, patient.name, count=under_way + 1)
        await beside.go(f"/cases/{case.id}")
        await beside.at('.live[data-state="live"]').wait_for()
        before = await beside.at("#booking p.line b").first.inner_text()
        told = await office.move(desk, row)
        moved = beside.at("#booking p.line b", has_not_text=before).first
        await moved.wait_for()
        assert await moved.inner_text() in told
        await desk.at(".paper", has_text=desk.say("原单作废", "no longer holds")).first.wait_for()
        await beside.go(f"/cases/{twin}/booking")
        assert await beside.at("button.slot").count() == 0
        assert await beside.at(f'a[href="/cases/{case.id}#booking"]').count() == 1
        await beside.assert_accessible()
        await beside.shoot("already-referred")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_office_books_on_a_telephone_without_scrolling_sideways(
    world_house: WorldHouse, at_door: Opener, language: str
) -> None:
    world, referral_id = world_house.world, world_house.world.things["referral"]
    clerk = let_in(world.now, world.person(Side.LEAD, Role.REFERRAL_DESK))
    async with at_door(world_house.base, language=language, size=PHONE) as desk:
        await desk.come_as(clerk.token)
        await desk.go(f"/desk/referrals/{referral_id}/booking?change=1")
        await desk.at("button.slot").first.wait_for()
        await desk.assert_accessible()
        assert await desk.find_overflow() == []
        await desk.shoot("desk-change")


def _decide(house: WorldHouse, sequence: int) -> tuple[Case, str, Patient]:
    """Two cases of one patient that were decided for referral, and a day with free times."""
    world, data_dir = house.world, house.house.data_dir
    seal = load_seal(data_dir / "keys")
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    day = utc_now().date() + timedelta(days=6)
    referrals.publish(
        referrals.Office(world.consortium, seal, clerk, world.things["clinic"]),
        day_from=day,
        day_until=day,
        weekdays=frozenset({day.isoweekday()}),
        start=time(8, 0),
        end=time(11, 0),
        physician_name=f"顾{sequence}",
    )
    number = citizen_number(sequence, birth="19590203")
    patient = make_patient(world.consortium, name=f"汤{sequence}", document_number=number)
    darkroom = Darkroom(world.consortium, FolderStore(data_dir / "blobs"))
    case = decide_to_refer(world, patient, darkroom, seal)
    [twin] = world.now.system(make_decided_twins, case_id=case.id, count=1)
    return case, twin, patient
