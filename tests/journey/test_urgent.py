"""An urgent report stands on every page of the clinic until somebody confirms it (U4, RPT-08)."""

import pytest

from consult.blobs.folder import FolderStore
from consult.cases.model import Case
from consult.kernel.work import Role
from consult.reports.model import ReferralNeed, ReferralUrgency
from consult.reports.seal import load_seal
from server.__main__ import run
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number, make_patient
from tests.makers.reports import full_body, prepare, sign
from tests.makers.screen import PHONE, Screen
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in
from tests.makers.world_story import wait_for_reading

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(400)]
_WIDE = (1366, 768)
_NAME = "祝阿娣"
_BANNER = "#alerts .emergency"
_AT_ONCE = {"need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.EMERGENCY}


def waiting_case(house: WorldHouse, sequence: int) -> Case:
    """A screening before the panel."""
    near = house.world.consortium
    number = citizen_number(sequence, birth="19510713")
    patient = make_patient(near, name=_NAME, document_number=number)
    darkroom = Darkroom(near, FolderStore(house.house.data_dir / "blobs"))
    return wait_for_reading(house.world, patient, darkroom)


def sign_urgent(house: WorldHouse, case: Case) -> None:
    """The expert signs that the patient cannot wait."""
    near, seal = house.world.consortium, load_seal(house.house.data_dir / "keys")
    shown = prepare(near, case, by=near.expert, body=full_body(**_AT_ONCE))
    sign(near, case, by=near.expert, shown=shown, seal=seal)


async def sits_at(screen: Screen, house: WorldHouse, side: Side, role: Role, page: str) -> None:
    await screen.come_as(let_in(house.world.now, house.world.person(side, role)).token)
    await screen.go(page)
    await screen.at("[data-controller=stream][data-state=live]").wait_for(state="attached")


def line_of(case: Case) -> str:
    return f'{_BANNER}:has-text("{case.number}")'


@pytest.mark.parametrize(("language", "size", "sequence"), [("zh", _WIDE, 741), ("en", PHONE, 743)])
async def test_the_whole_clinic_is_told_at_once_and_until_its_physician_confirms(
    world_house: WorldHouse,
    at_door: Opener,
    language: str,
    size: tuple[int, int],
    sequence: int,
) -> None:
    case = waiting_case(world_house, sequence)
    look = {"language": language, "size": size}
    async with (
        at_door(world_house.base, **look) as doctor,
        at_door(world_house.base, **look) as photographer,
        at_door(world_house.base, **look) as stranger,
    ):
        await sits_at(doctor, world_house, Side.HOME, Role.REQUESTING_PHYSICIAN, "/cases")
        await sits_at(photographer, world_house, Side.HOME, Role.PHOTOGRAPHER, "/cases")
        await sits_at(stranger, world_house, Side.AWAY, Role.REQUESTING_PHYSICIAN, "/cases")
        assert await doctor.at(line_of(case)).count() == 0
        sign_urgent(world_house, case)
        for screen in (doctor, photographer):
            line = screen.at(line_of(case))
            await line.wait_for()
            told = await line.inner_text()
            assert screen.say("尚未确认", "Not confirmed yet") in told
            assert _NAME not in told
        await doctor.shoot("urgent-banner")
        await doctor.assert_accessible()
        assert await doctor.find_overflow() == []
        await photographer.go("/patients")
        await photographer.at(line_of(case)).wait_for()
        await confirms(doctor, case)
        await photographer.at(line_of(case)).wait_for(state="detached")
        assert await stranger.at(line_of(case)).count() == 0
    assert run(["verify", "--data-dir", str(world_house.house.data_dir)]) == 0


async def confirms(doctor: Screen, case: Case) -> None:
    """From the line to the case; a call that reached nobody first, then the confirmation."""
    await doctor.press(doctor.at(f"{line_of(case)} a"))
    card = doctor.at("#alert")
    assert doctor.say("值班电话", "Duty telephone") in await card.inner_text()
    await card.scroll_into_view_if_needed()
    await doctor.shoot("urgent-card")
    await doctor.assert_accessible()
    assert await doctor.find_overflow() == []
    await card.locator("summary").click()
    call = {"whom": "patient", "result": "no_answer", "note": "20:50 无人接听"}
    await doctor.submit(doctor.form(f"/api/cases/{case.id}/alert/calls"), call)
    assert "20:50 无人接听" in await doctor.at("#alert-calls").inner_text()
    await doctor.at(line_of(case)).wait_for()  # a call in vain confirms nothing
    form = doctor.form(f"/api/cases/{case.id}/alert/confirm")
    async with doctor.refused(422, "/alert/confirm"):
        await (await doctor.button_of(form)).click()
    await doctor.submit(form, {"contact": "family"})
    told = await doctor.at("#alert").inner_text()
    assert doctor.say("已联系家属", "The family was told") in told
    await doctor.at(line_of(case)).wait_for(state="detached")
    happened = await doctor.at('section[aria-labelledby="tl-h"]').inner_text()
    assert doctor.say("确认危急提醒", "confirmed the urgent alert") in happened
    await doctor.shoot("urgent-confirmed")
