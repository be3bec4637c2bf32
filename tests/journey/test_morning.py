"""A screening morning in which everything goes wrong: nothing lost, mixed up or typed twice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from consult.blobs.folder import FolderStore
from consult.cases.screening import service as screening
from consult.cases.screening.model import parse_list_rules
from consult.kernel.work import Role
from consult.people.patients import service as patients
from tests.journey.conftest import Opener
from tests.makers.cases import SCREENING_ANSWERS, fill_in, give_consent
from tests.makers.clinic_pc import THIN, ClinicPc
from tests.makers.consortium import case_rules, patient_rules
from tests.makers.morning import (
    Faults,
    begin,
    find_faults,
    give,
    lines_of,
    list_patients,
    submit_all,
)
from tests.makers.morning_events import (
    CLOSED,
    CUT,
    IDLE,
    SCREENSHOT,
    SWAPPED,
    finish,
    prepare,
)
from tests.makers.rulebooks import read_config
from tests.makers.screening_morning import COUNT, FILES_MS, come
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(400)]
EVENTS = (None, CUT, CLOSED, IDLE, SWAPPED, SCREENSHOT)
MOST, CEILING = (15, 40), (25, 60)
MOST_TO_SUBMIT = 6
IN_ALL = 20
LISTS = parse_list_rules(read_config("screening.toml"))


@pytest.fixture
async def pc(world_house: WorldHouse, tmp_path: Path) -> AsyncIterator[ClinicPc]:
    """The photographer's computer, with its browser open."""
    computer = ClinicPc(world_house, tmp_path / "profile")
    await computer.open()
    yield computer
    await computer.close()


def prepare_others(house: WorldHouse, count: int, *, first: int) -> None:
    """Patients of the same morning who are ready already."""
    near = replace(house.world.consortium, clinic=house.world.now)
    do, by = near.clinic.do, near.physician
    darkroom = Darkroom(near, FolderStore(house.house.data_dir / "blobs"))
    text = lines_of(range(count), first=first)
    ways = {"rules": LISTS, "registration": patient_rules()}
    report = do(by, screening.take_list, text=text, count=count, **ways)
    assert report.count == count
    panel = {"panel_id": near.panel_id, "rules": case_rules()}
    for listed in do(by, screening.list_today, rules=LISTS)[-count:]:
        case = do(by, screening.begin, patient_id=listed.patient_id, **panel)
        patient = do(by, patients.get_patient, patient_id=listed.patient_id)
        give_consent(near, patient)
        fill_in(near, case, SCREENING_ANSWERS)
        darkroom.add(case, patient)


async def told(pc: ClinicPc) -> list[str]:
    """What is said of each file of the open row."""
    return list(await pc.screen.at("#desk-open .file-say p").all_inner_texts())


async def test_a_morning_of_events_loses_nothing_and_twenty_go_by_few_clicks(
    world_house: WorldHouse, pc: ClinicPc, at_door: Opener, real_files: Path
) -> None:
    prepare_others(world_house, IN_ALL - len(EVENTS), first=700)
    here = await list_patients(
        pc, len(EVENTS), first=500, fundus=real_files / "image" / "fundus", names_from=IN_ALL
    )
    before = None
    for patient, event in zip(here, EVENTS, strict=True):
        await prepare(pc, patient, event, before=before)
        before = patient
    await pc.screen.shoot("morning")
    await pc.screen.at("[data-controller=queue]").wait_for(state="hidden", timeout=FILES_MS)
    for patient, event in zip(here, EVENTS, strict=True):
        await finish(pc, patient, event)
        clicks, keys = CEILING if event else MOST
        assert 0 < patient.clicks <= clicks, (event, patient.clicks)
        assert 0 < patient.keys <= keys, (event, patient.keys)
        assert patient.loads == 0, event
    pc.assert_quiet()
    async with at_door(world_house.base) as doctor:
        await come(doctor, world_house, Role.REQUESTING_PHYSICIAN)
        await doctor.page.add_init_script(COUNT)
        await doctor.go("/screening")
        sent, clicks = await submit_all(doctor)
        assert sent == IN_ALL
        assert 0 < clicks <= MOST_TO_SUBMIT
    assert find_faults(world_house, here) == Faults(0, 0, 0)


async def test_on_a_thin_line_every_first_look_is_told_before_any_photograph_has_arrived(
    world_house: WorldHouse, pc: ClinicPc, real_files: Path
) -> None:
    fundus = real_files / "image" / "fundus"
    (patient,) = await list_patients(pc, 1, first=800, fundus=fundus, names_from=40)
    patient.photographs = [each + bytes(4_000_000) for each in patient.photographs]
    await begin(pc, patient)
    await pc.use_line(THIN)
    await give(pc, patient)
    assert [each.startswith("初看") for each in await told(pc)] == [True] * 4
    assert find_faults(world_house, [patient]).lost == len(patient.photographs)
    assert await pc.screen.at("#desk-banner .name").inner_text() == patient.name
