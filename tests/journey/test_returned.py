"""Returned by eye and field: the clinic photographs again, and the same expert signs."""

from pathlib import Path

import pytest

from consult.blobs.folder import FolderStore
from consult.kernel.work import Role
from tests.journey.acts import clinic, reading
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number, make_patient
from tests.makers.pictures import own_copy
from tests.makers.screen import Screen
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in
from tests.makers.world_story import wait_for_reading

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(400)]
_LEFT_MACULA = "#ask-2"
_REST = {
    "advice": "控制血糖，散瞳眼底检查。",
    "referral_need": "refer",
    "referral_urgency": "routine",
    "interval_months": "3",
}


async def test_a_returned_case_is_photographed_again_and_signed_by_the_same_expert(
    world_house: WorldHouse, at_door: Opener, real_files: Path, tmp_path: Path
) -> None:
    world = world_house.world
    patient = make_patient(
        world.consortium, name="项根娣", document_number=citizen_number(214, birth="19580203")
    )
    darkroom = Darkroom(world.consortium, FolderStore(world_house.house.data_dir / "blobs"))
    case = wait_for_reading(world, patient, darkroom)
    photograph = tmp_path / "OS_macula.jpg"
    photograph.write_bytes(
        own_copy((real_files / "image" / "fundus" / "HRF_02_h_downscaled.jpg").read_bytes())
    )
    people = (
        world.person(Side.LEAD, Role.EXPERT),
        world.person(Side.HOME, Role.REQUESTING_PHYSICIAN),
    )
    async with at_door(world_house.base) as expert, at_door(world_house.base) as doctor:
        for screen, person in zip((expert, doctor), people, strict=True):
            await screen.come_as(let_in(world.now, person).token)
        await doctor.go("/retakes")
        await doctor.at('.live[data-state="live"]').wait_for()
        await expert.go("/worklist")
        await reading.take(expert, case.id)
        await reading.write(expert, {"right": {"icdr": "0"}}, advice="左眼看不清")
        await send_back(expert)
        await call_back(doctor, case.id)
        await photograph_again(doctor, case.id, photograph)
        await read_again(expert, case.id)


async def send_back(expert: Screen) -> None:
    """The left macula is out of focus; nothing preselected, and an empty list is refused."""
    await expert.at('a[href$="/return"]').click()
    button = expert.at("#return-dialog button[type=submit]")
    await button.wait_for()
    await expert.assert_accessible()
    async with expert.refused(422, "/return"):
        await button.click()
    await expert.problems()
    await expert.at(_LEFT_MACULA).select_option("out_of_focus")
    await expert.at("[name=note]").fill("散瞳后复拍")
    await expert.shoot("return")
    await reading.press_and_leave(expert, button)


async def call_back(doctor: Screen, case_id: str) -> None:
    """The patient comes onto the open list by herself, with her telephone; the list is printed."""
    row = doctor.at(f'#retakes [data-key="{case_id}"]')
    await row.wait_for()
    told = await row.inner_text()
    assert "13905786127" in told
    assert doctor.say("左眼(OS) 黄斑中心：离焦，请复拍", "Out of focus") in told
    await doctor.assert_accessible()
    await doctor.shoot("retakes")
    await doctor.press(doctor.at('a[href="/retakes/print"]'))
    assert "项根娣" in await doctor.at(".retake-table").inner_text()
    await doctor.shoot("retakes-paper")


async def photograph_again(doctor: Screen, case_id: str, photograph: Path) -> None:
    """Without the photograph the case does not go; with it, it goes with its old number."""
    await doctor.go(f"/cases/{case_id}")
    assert await doctor.at("#way .asked li").count() == 1
    async with doctor.refused(422, "/submit"):
        await doctor.at('.dock button[form="case-form"]').click()
    await doctor.shoot("returned-draft")
    await doctor.at("#images input[type=file]:not([webkitdirectory])").set_input_files(photograph)
    await doctor.at("li.file-ok").wait_for(timeout=90_000)
    await clinic.answer_questions(doctor)
    await doctor.press(doctor.at('button[data-act-url-value$="/images/confirm"]'))
    await clinic.submit(doctor)
    assert await doctor.at("#replaced .shot").count() == 1


async def read_again(expert: Screen, case_id: str) -> None:
    """It came back to her, with her draft, and she signs what she sees now."""
    await expert.go("/worklist?tab=mine")
    row = expert.at(f'#worklist [data-key="{case_id}"]')
    assert expert.say("补充后退回给您", "Back for you") in await row.inner_text()
    await reading.take(expert, case_id)
    assert await expert.at("[name=advice]").input_value() == "左眼看不清"
    assert await reading.look_at_all(expert) == 4
    await reading.write(expert, reading.REFERABLE, **_REST)
    await reading.sign(expert)
