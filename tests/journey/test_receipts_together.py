"""Sixteen normal answers are received by five presses at the most; findings never among them."""

import pytest

from consult.blobs.folder import FolderStore
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Role
from consult.reports.model import ReportBody
from consult.reports.seal import load_seal
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number, make_patient
from tests.makers.reports import full_body, prepare, sign
from tests.makers.screen import PHONE, Screen
from tests.makers.second_readings import normal_body
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in
from tests.makers.world_story import wait_for_reading

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(400)]
_NORMALS = 16
_MOST_PRESSES = 5
_COUNT = """() => { window.presses = 0;
  document.addEventListener("pointerdown", () => {
    sessionStorage.presses = Number(sessionStorage.presses ?? 0) + 1; }, true); }"""


def answered(house: WorldHouse, sequence: int, body: ReportBody) -> Case:
    """A screening that was read and signed."""
    number = citizen_number(sequence, birth="19550220")
    patient = make_patient(house.world.consortium, name="柳月英", document_number=number)
    seal = load_seal(house.house.data_dir / "keys")
    darkroom = Darkroom(house.world.consortium, FolderStore(house.house.data_dir / "blobs"))
    case = wait_for_reading(house.world, patient, darkroom)
    near = house.world.consortium  # its clock stands where it was asked for
    shown = prepare(near, case, by=near.expert, body=body)
    sign(near, case, by=near.expert, shown=shown, seal=seal)
    return case


async def test_sixteen_normal_answers_are_received_by_five_presses_at_the_most(
    world_house: WorldHouse, at_door: Opener
) -> None:
    normal = [answered(world_house, 600 + 2 * number, normal_body()) for number in range(_NORMALS)]
    finding = answered(world_house, 650, full_body())
    world = world_house.world
    doctor = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with at_door(world_house.base) as screen:
        await screen.come_as(let_in(world.now, doctor).token)
        await screen.page.add_init_script(f"({_COUNT})()")
        await screen.go("/cases")
        await screen.press(screen.at('a[href="/cases?view=arrived"]'))
        await screen.press(screen.at('a[href="/receipts"]'))
        await looks_well(screen)
        for case in normal:
            assert await screen.at(f'#receipts [data-key="{case.id}"]').count() == 1
        assert await screen.at(f'#receipts [data-key="{finding.id}"]').count() == 0
        assert screen.say("有异常", "Abnormal") in await row_of(screen, finding)
        await screen.at('label:has([name="has_read"])').click()
        await screen.press(screen.at('button[form="receipts"]'))
        presses = int(await screen.page.evaluate("() => sessionStorage.presses"))
        assert 0 < presses <= _MOST_PRESSES, presses
        assert await screen.at("#receipts").count() == 0
        assert await screen.at(f'#singly [data-key="{finding.id}"]').count() == 1
    found = [world.now.system(cases.get_case, case_id=case.id).status for case in normal]
    assert found == [CaseStatus.ACKNOWLEDGED] * _NORMALS
    waits = world.now.system(cases.get_case, case_id=finding.id).status
    assert waits is CaseStatus.REPORTED


async def looks_well(screen: Screen) -> None:
    """In both windows, with the main button in sight; results that nobody read are refused."""
    wide = screen.size
    for size in (PHONE, wide):
        await screen.resize(size)
        assert await screen.find_overflow() == []
        await screen.assert_accessible()
        await screen.shoot("receipts")


async def row_of(screen: Screen, case: Case) -> str:
    return await screen.at(f'#singly [data-key="{case.id}"]').inner_text()


async def test_results_that_nobody_says_to_have_read_are_not_received(
    world_house: WorldHouse, at_door: Opener
) -> None:
    case = answered(world_house, 690, normal_body())
    world = world_house.world
    doctor = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with at_door(world_house.base, language="en") as screen:
        await screen.come_as(let_in(world.now, doctor).token)
        await screen.go("/receipts")
        async with screen.refused(422, "/api/receipts"):
            await screen.at('button[form="receipts"]').click()
        await screen.assert_said("已阅读", "read these results")
    status = world.now.system(cases.get_case, case_id=case.id).status
    assert status is CaseStatus.REPORTED
