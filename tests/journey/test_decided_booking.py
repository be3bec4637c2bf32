"""The next day, an answer with a finding: from the list to decision and booking by few clicks."""

from dataclasses import dataclass
from datetime import time, timedelta

import pytest

from consult.blobs.folder import FolderStore
from consult.calendar import service as calendar
from consult.calendar.model import BookingMode
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Role
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.journey.conftest import Opener
from tests.makers import referrals
from tests.makers.cases import citizen_number, make_patient
from tests.makers.reports import full_body, prepare, sign
from tests.makers.screen import Screen
from tests.makers.screening_morning import COUNT, counts
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in
from tests.makers.world_story import wait_for_reading

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
MOST_CLICKS = 8


@dataclass(frozen=True)
class Story:
    """A patient whose answer advises a referral, and a clinic that can take her."""

    case: Case
    clinic_id: str


def tell(house: WorldHouse, sequence: int, mode: BookingMode) -> Story:
    """Her answer was signed today; the clinic is booked in this way."""
    world, data_dir = house.world, house.house.data_dir
    seal = load_seal(data_dir / "keys")
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    facts = referrals.clinic_facts(name=f"专病门诊{sequence}", mode=mode)
    clinic = world.now.do(clerk, calendar.add_clinic, facts=facts)
    if mode is BookingMode.DIRECT:
        on = utc_now().date() + timedelta(days=8)
        referrals.publish(
            referrals.Office(world.consortium, seal, clerk, clinic.id),
            day_from=on,
            day_until=on,
            weekdays=frozenset({on.isoweekday()}),
            start=time(8, 0),
            end=time(9, 0),
            physician_name="顾清",
        )
    number = citizen_number(sequence, birth="19560311")
    patient = make_patient(world.consortium, name="蒲月华", document_number=number)
    darkroom = Darkroom(world.consortium, FolderStore(data_dir / "blobs"))
    case = wait_for_reading(world, patient, darkroom)
    near = world.consortium  # its clock stands where it was asked for
    shown = prepare(near, case, by=near.expert, body=full_body())
    sign(near, case, by=near.expert, shown=shown, seal=seal)
    return Story(case, clinic.id)


@pytest.mark.parametrize(
    ("mode", "sequence"), [(BookingMode.DIRECT, 902), (BookingMode.REQUEST, 904)]
)
async def test_from_the_arrived_answer_to_the_booking_takes_eight_clicks_at_the_most(
    world_house: WorldHouse, at_door: Opener, mode: BookingMode, sequence: int
) -> None:
    story = tell(world_house, sequence, mode)
    world = world_house.world
    person = let_in(world.now, world.person(Side.HOME, Role.REQUESTING_PHYSICIAN))
    async with at_door(world_house.base) as doctor:
        await doctor.come_as(person.token)
        await doctor.page.add_init_script(COUNT)
        await doctor.go("/cases?view=arrived")
        await doctor.press(doctor.at(f'a[href^="/cases/{story.case.id}"]').first)
        form = doctor.at(f'form[data-form-url-value="/api/cases/{story.case.id}/decision"]')
        await doctor.submit(form, {"choice": "accepted", "next_step": "refer"})
        assert doctor.path == f"/cases/{story.case.id}/booking"
        await book(doctor, story, mode)
        clicks, keys = await counts(doctor.page)
        assert 0 < clicks <= MOST_CLICKS, clicks
        assert keys == 0
    found = world.now.system(cases.get_case, case_id=story.case.id)
    assert found.status is CaseStatus.REFERRING


async def book(doctor: Screen, story: Story, mode: BookingMode) -> None:
    """A free time of the clinic, or the request for one; her consent is ticked."""
    if mode is BookingMode.DIRECT:
        await doctor.at("button.slot").first.click()
        await doctor.at("#hold").wait_for()
        await doctor.fill(doctor.at("#refer"), {"consent": "true"})
        await doctor.press(doctor.at('#hold button[form="refer"]'))
    else:
        await doctor.fill(doctor.at("#refer"), {"consent": "true"})
        await doctor.press(doctor.at(f'button[name="clinic_id"][value="{story.clinic_id}"]'))
