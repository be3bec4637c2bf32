"""Booking by request, and a stopped clinic: what one side does, the other sees without a reload."""

import asyncio
from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest

from consult.blobs.folder import FolderStore
from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Slot
from consult.calendar.model import BookingMode
from consult.cases.model import Case
from consult.kernel.work import Role
from consult.people.patients.model import Patient
from consult.referrals import service_book
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.journey.conftest import Opener
from tests.makers import referrals
from tests.makers.cases import citizen_number, make_patient
from tests.makers.screen import PHONE, Screen
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in
from tests.makers.world_story import decide_to_refer

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
LIVE = '.live[data-state="live"]'


@dataclass(frozen=True)
class Story:
    """A decided case, and a clinic of its own at the lead hospital."""

    case: Case
    patient: Patient
    clinic_id: str


@pytest.mark.parametrize(("language", "sequence"), [("zh", 702), ("en", 704)])
async def test_a_request_is_written_back_and_the_clinic_prints_the_slip(
    world_house: WorldHouse, at_door: Opener, language: str, sequence: int
) -> None:
    story = await asyncio.to_thread(_tell, world_house, sequence, BookingMode.REQUEST)
    doctor_token, desk_token = _tokens(world_house)
    base = world_house.base
    async with (
        at_door(base, language=language) as doctor,
        at_door(base, language=language) as desk,
    ):
        await doctor.come_as(doctor_token)
        await desk.come_as(desk_token)
        await desk.go("/desk?view=asked")
        await desk.at(LIVE).wait_for()
        await _ask(doctor, story)
        await _open_request(desk, story)
        await doctor.at(LIVE).wait_for()
        day = utc_now().date() + timedelta(days=9)
        told = {"day": day.isoformat(), "at": "09:40", "ticket": "A023", "place": "5 楼 12 诊室"}
        await desk.fill(desk.at("#written"), told)
        await desk.page.keyboard.press("Enter")
        await desk.at("#desk tr[data-key]", has_text=story.patient.name).wait_for(state="detached")
        await _read_slip(doctor)


@pytest.mark.parametrize(("language", "sequence"), [("zh", 712), ("en", 714)])
async def test_a_stopped_day_puts_the_patient_on_the_list_and_she_is_booked_anew(
    world_house: WorldHouse, at_door: Opener, language: str, sequence: int
) -> None:
    story = await asyncio.to_thread(_tell, world_house, sequence, BookingMode.DIRECT)
    day = await asyncio.to_thread(_book, world_house, story, sequence)
    doctor_token, desk_token = _tokens(world_house)
    base = world_house.base
    async with (
        at_door(base, language=language) as doctor,
        at_door(base, language=language) as desk,
    ):
        await doctor.come_as(doctor_token)
        await desk.come_as(desk_token)
        await doctor.go(f"/cases/{story.case.id}")
        await doctor.at(LIVE).wait_for()
        await desk.go(f"/slots?clinic={story.clinic_id}&week={day.isoformat()}")
        await _stop(desk, day)
        row = desk.at("#desk tr[data-key]", has_text=story.patient.name)
        await row.wait_for()
        await desk.assert_accessible()
        await desk.shoot("desk-rebook")
        await doctor.at("#booking .notice", has_text="医师外出会诊").wait_for()
        await doctor.shoot("case-stopped")
        await desk.press(row.locator('a[href$="/booking"]'))
        await desk.at("button.slot").last.click()
        await desk.at("#hold").wait_for()
        await desk.press(desk.at('#hold button[form="refer"]'))
        told = await desk.at(".paper-slip-when").inner_text()
        await doctor.at("#booking .notice").wait_for(state="detached")
        assert await doctor.at("#booking p.line b").first.inner_text() in told


async def test_the_new_pages_fit_a_telephone(world_house: WorldHouse, at_door: Opener) -> None:
    doctor_token, desk_token = _tokens(world_house)
    async with (
        at_door(world_house.base, size=PHONE) as doctor,
        at_door(world_house.base, size=PHONE) as desk,
    ):
        await doctor.come_as(doctor_token)
        await desk.come_as(desk_token)
        await doctor.go("/salvages")
        await doctor.assert_accessible()
        assert await doctor.find_overflow() == []
        for path in ("/desk?view=rebook", "/desk?view=asked", "/slots"):
            await desk.go(path)
            await desk.assert_accessible()
            assert await desk.find_overflow() == []


async def _ask(doctor: Screen, story: Story) -> None:
    """The inviting physician asks the hospital for a time."""
    await doctor.go(f"/cases/{story.case.id}/booking")
    await doctor.fill(doctor.at("#refer"), {"consent": "true"})
    await doctor.assert_accessible()
    await doctor.shoot("booking-by-request")
    await doctor.press(doctor.at(f'button[name="clinic_id"][value="{story.clinic_id}"]'))


async def _open_request(desk: Screen, story: Story) -> None:
    """The request arrives by itself; the office opens it and calls the patient."""
    row = desk.at("#desk tr[data-key]", has_text=story.patient.name)
    await row.wait_for()
    await row.locator("a.btn[data-office]").click()
    await desk.at("#written").wait_for()
    await desk.assert_accessible()
    await desk.shoot("desk-write-back")
    await _call(desk)


async def _stop(desk: Screen, day: date) -> None:
    """The clinic of a day does not take place."""
    await desk.at('button[data-dialog-id-value="stop-day"]').click()
    await desk.assert_accessible()
    await desk.shoot("stop-day")
    told = {"day": day.isoformat(), "reason": "医师外出会诊"}
    await desk.submit(desk.at("#stop-day form"), told)


async def _read_slip(doctor: Screen) -> None:
    """The clinic's page shows the appointment by itself; its slip names everything."""
    slip = doctor.at('#book a[href$="/slip"]').first
    await slip.wait_for()
    await doctor.press(slip)
    await doctor.assert_accessible()
    await doctor.shoot("slip-written-back")
    paper = await doctor.at(".paper-slip").inner_text()
    bring = doctor.say("身份证/医保卡", "Identity card or insurance card")
    named = ("A023", "5 楼 12 诊室", "09:40", bring)
    assert [word for word in named if word not in paper] == []


async def _call(desk: Screen) -> None:
    """The office reaches the patient, and says so in the log."""
    await desk.at("#office-call button", has_text=desk.say("已接通", "Reached")).click()
    await desk.at("#office-call .calls li").first.wait_for()


def _tokens(house: WorldHouse) -> tuple[str, str]:
    world = house.world
    physician = let_in(world.now, world.person(Side.HOME, Role.REQUESTING_PHYSICIAN))
    clerk = let_in(world.now, world.person(Side.LEAD, Role.REFERRAL_DESK))
    return physician.token, clerk.token


def _tell(house: WorldHouse, sequence: int, mode: BookingMode) -> Story:
    """A patient decided for referral, and a clinic that is booked in this way."""
    world, data_dir = house.world, house.house.data_dir
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    facts = referrals.clinic_facts(name=f"门诊{sequence}", name_en=f"Clinic {sequence}", mode=mode)
    clinic = world.now.do(clerk, calendar.add_clinic, facts=facts)
    number = citizen_number(sequence, birth="19580405")
    patient = make_patient(world.consortium, name=f"贺{sequence}", document_number=number)
    darkroom = Darkroom(world.consortium, FolderStore(data_dir / "blobs"))
    case = decide_to_refer(world, patient, darkroom, load_seal(data_dir / "keys"))
    return Story(case, patient, clinic.id)


def _book(house: WorldHouse, story: Story, sequence: int) -> date:
    """She is booked into the first slot of a day; another day has free times as well."""
    world, doctor = house.world, house.world.consortium.physician
    day = utc_now().date() + timedelta(days=10)
    slots = [slot for days in (0, 7) for slot in _publish(house, story, sequence, day, days=days)]
    do, limits = world.now.do, referrals.book().holds
    do(doctor, service_hold.hold_slot, slot_id=slots[0].id, case_id=story.case.id, limits=limits)
    office = _office(house, story)
    do(
        doctor,
        service_book.refer_and_book,
        case_id=story.case.id,
        slot_id=slots[0].id,
        wish=referrals.request(office),
        rules=referrals.book().referrals,
    )
    return day


def _publish(house: WorldHouse, story: Story, sequence: int, day: date, *, days: int) -> list[Slot]:
    on = day + timedelta(days=days)
    return referrals.publish(
        _office(house, story),
        day_from=on,
        day_until=on,
        weekdays=frozenset({on.isoweekday()}),
        start=time(8, 0),
        end=time(9, 0),
        physician_name=f"顾{sequence}",
    )


def _office(house: WorldHouse, story: Story) -> referrals.Office:
    world = house.world
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    seal = load_seal(house.house.data_dir / "keys")
    return referrals.Office(world.consortium, seal, clerk, story.clinic_id)
