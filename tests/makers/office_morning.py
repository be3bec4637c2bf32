"""A morning at the referral office: twelve requests to be booked in the hospital's own system."""

import time
from dataclasses import dataclass
from datetime import time as clock
from datetime import timedelta

from consult.blobs.folder import FolderStore
from consult.calendar import service as calendar
from consult.calendar.model import BookingMode
from consult.cases import service as cases
from consult.kernel.work import Role, Work
from consult.people.patients.tables import PatientRow
from consult.referrals import service_open, service_request
from consult.referrals.records import ReferralRequest
from consult.referrals.tables import AppointmentRow
from consult.reports.model import ReferralUrgency
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.makers import referrals
from tests.makers.cases import citizen_number, make_patient
from tests.makers.screen import Screen
from tests.makers.tiny_images import Darkroom
from tests.makers.twins import make_decided_twins
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side
from tests.makers.world_story import decide_to_refer

COUNT = """
window.hand = { clicks: 0, keys: 0 };
for (const [kind, name] of [["click", "clicks"], ["keydown", "keys"]]) {
  addEventListener(kind, (event) => {
    if (event.isTrusted && (kind === "keydown" || event.detail > 0)) window.hand[name] += 1;
  }, true);
}"""
"""A click that a key makes has no detail, and counts as that key."""
IN_DAYS = 9


@dataclass(frozen=True)
class Morning:
    """The requests in the order in which they were sent, and the clinic that they ask."""

    referral_ids: list[str]
    clinic_id: str


@dataclass(frozen=True)
class Effort:
    """What one request cost the clerk: clicks, keys and seconds, beside the hospital's system."""

    clicks: int
    keys: int
    seconds: float


def make_morning(house: WorldHouse, *, sequence: int, count: int = 12) -> Morning:
    """Patients of one clinic, all waiting for a time; every fourth is an emergency."""
    world, data_dir = house.world, house.house.data_dir
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    facts = referrals.clinic_facts(name=f"门诊{sequence}", mode=BookingMode.REQUEST)
    clinic = world.now.do(clerk, calendar.add_clinic, facts=facts)
    number = citizen_number(sequence, birth="19580405")
    patient = make_patient(world.consortium, name=f"祝{sequence}", document_number=number)
    darkroom = Darkroom(world.consortium, FolderStore(data_dir / "blobs"))
    first = decide_to_refer(world, patient, darkroom, load_seal(data_dir / "keys"))
    twins = world.now.system(
        make_decided_twins, case_id=first.id, count=count - 1, of_one_person=False
    )
    made = []
    for place, case_id in enumerate([str(first.id), *twins]):
        urgency = ReferralUrgency.EMERGENCY if place % 4 == 3 else ReferralUrgency.ROUTINE
        wish = ReferralRequest(clinic.id, urgency, "左眼中度非增生型，请查OCT。", consent=True)
        world.now.system(_name, case_id=case_id, name=f"祝{sequence}{place:02d}")
        told = {"case_id": case_id, "wish": wish, "rules": referrals.book().referrals}
        made.append(world.now.do(world.consortium.physician, service_open.open_referral, **told).id)
    return Morning([str(each) for each in made], str(clinic.id))


def make_missed(house: WorldHouse, referral_id: str, *, minutes: int = 5) -> None:
    """The first of them was booked, and did not come: her time was some minutes ago."""
    world = house.world
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    day = utc_now().date() + timedelta(days=IN_DAYS)
    told = service_request.WrittenBack(day, clock(9, 40))
    known = {"referral_id": referral_id, "revision": 1, "told": told}
    booked = world.now.do(clerk, service_request.write_back, rules=referrals.book().slots, **known)
    world.now.system(_ago, appointment_id=booked.id, minutes=minutes)


async def copy_and_write_back(desk: Screen, row_id: str, *, place: int) -> tuple[Effort, str]:
    """One request: open it where it does not stand open, copy, type what the system says."""
    began, before = time.perf_counter(), await _hand(desk)
    opened = desk.at(f'tr.row-form[data-key="open-{row_id}"]')
    if await opened.count() == 0:
        await desk.at(f'tr[data-key="{row_id}"] a.row-link').click()
    await opened.wait_for()
    await opened.locator("[data-office-first]").click()
    await opened.locator("[data-office-first]", has_text=desk.say("已复制", "Copied")).wait_for()
    copied = await desk.page.evaluate("() => navigator.clipboard.readText()")
    day = utc_now().date() + timedelta(days=IN_DAYS)
    await desk.page.keyboard.press("Tab")
    await opened.locator('[name="day"]').fill(day.isoformat())
    await opened.locator('[name="at"]').fill(f"{8 + place // 4:02d}:{place % 4 * 15:02d}")
    await opened.locator('[name="ticket"]').focus()
    await desk.page.keyboard.type(f"A{place + 1:03d}")
    await desk.page.keyboard.press("Enter")
    await desk.at(f'#desk tr[data-key="{row_id}"]').wait_for(state="detached")
    after = await _hand(desk)
    spent = time.perf_counter() - began
    return Effort(after[0] - before[0], after[1] - before[1], spent), str(copied)


async def miss_and_call(desk: Screen, row_id: str) -> Effort:
    """A patient who did not come: no-show, said so, called in vain."""
    began, before = time.perf_counter(), await _hand(desk)
    await desk.at(f'tr[data-key="{row_id}"] button[data-act-url-value$="/noshow"]').click()
    await desk.at("dialog[open] button[type=submit]").click()
    opened = desk.at(f'tr.row-form[data-key="open-{row_id}"]')
    await opened.locator("#office-call button", has_text=desk.say("无人接听", "No answer")).click()
    await opened.locator(".calls li").first.wait_for()
    after = await _hand(desk)
    return Effort(after[0] - before[0], after[1] - before[1], time.perf_counter() - began)


async def _hand(desk: Screen) -> tuple[int, int]:
    clicks, keys = await desk.page.evaluate("() => [window.hand.clicks, window.hand.keys]")
    return int(clicks), int(keys)


def _name(work: Work, *, case_id: str, name: str) -> None:
    case = cases.get_case(work, case_id)
    work.session.get_one(PatientRow, case.patient_id).name = name


def _ago(work: Work, *, appointment_id: str, minutes: int) -> None:
    row = work.session.get_one(AppointmentRow, appointment_id)
    row.starts_at = row.ends_at = work.now - timedelta(minutes=minutes)
