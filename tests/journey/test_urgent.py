"""An urgent report stands on every page of the clinic until somebody confirms it (U4, RPT-08)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from consult.blobs.folder import FolderStore
from consult.cases.model import Case
from consult.kernel.ids import new_id
from consult.kernel.work import Role, Work
from consult.reports.alerts.service import MOST_SHOWN
from consult.reports.alerts.tables import AlertRow
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
        await stands_before_many(photographer, world_house, case)
        await confirms(doctor, case)
        await photographer.at(line_of(case)).wait_for(state="detached")
        assert await stranger.at(line_of(case)).count() == 0
    assert run(["verify", "--data-dir", str(world_house.house.data_dir)]) == 0


async def stands_before_many(screen: Screen, house: WorldHouse, case: Case) -> None:
    """More than a page holds: the newest first, in a list that scrolls, and the rest counted."""
    with many_alerts(house, case):
        await screen.go("/patients")
        more = screen.at("#alerts [data-alerts-target=more]")
        await more.wait_for()
        assert re.search(screen.say("另有 [0-9]+ 条", "And [0-9]+ more"), await more.inner_text())
        rows = screen.at("#alerts [data-alerts-target=list] .emergency")
        assert await rows.count() == MOST_SHOWN
        assert f"2099-{MOST_SHOWN}" in await rows.first.inner_text()
        box, view = await screen.at("#alerts").bounding_box(), screen.page.viewport_size
        assert box is not None
        assert view is not None
        assert box["height"] < view["height"] / 2
        await rows.last.scroll_into_view_if_needed()
        await screen.shoot("urgent-many")
        await screen.assert_accessible()
        assert await screen.find_overflow() == []
    await screen.go("/patients")
    await screen.at(line_of(case)).wait_for()


@contextmanager
def many_alerts(house: WorldHouse, case: Case) -> Iterator[None]:
    """One alert more than are shown, all of one case, and gone again afterwards."""
    made = [new_id() for _ in range(MOST_SHOWN)]

    def add(work: Work) -> None:
        known = work.session.scalars(select(AlertRow).where(AlertRow.case_id == case.id)).one()
        columns = [column.key for column in AlertRow.__table__.columns]
        values = {name: getattr(known, name) for name in columns}
        for count, alert_id in enumerate(made, start=1):
            later = {"raised_at": known.raised_at + timedelta(seconds=count)}
            marks = {"id": alert_id, "live_case_id": alert_id, "number": f"2099-{count}"}
            work.session.add(AlertRow(**{**values, **later, **marks}))

    house.world.now.system(add)
    try:
        yield
    finally:
        gone = delete(AlertRow).where(AlertRow.id.in_(made))
        house.world.now.system(lambda work: work.session.execute(gone) and None)


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
