"""照片总览: what goes with each case stands on the sheet before several are sent (U1)."""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consult.people.duty.model import DayHalf, Turn
from consult.people.organisations import panels
from tests.makers.classes import ENCAPSULATED, make_object
from tests.makers.duty import keep_week
from tests.makers.image_house import ImageHouse, Sender, open_image_house
from tests.makers.pictures import own_copy

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_GROUP = re.compile(r'data-eye="(?P<eye>\w*)">(?P<inside>.*?)</div></div>', re.DOTALL)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("sheet") / "house") as opened:
        yield opened


@pytest.fixture
async def nurse(house: ImageHouse) -> AsyncIterator[Sender]:
    """The photographer of the centre."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive("wu")


@pytest.fixture(scope="module")
def fundus(real_files: Path) -> bytes:
    """A real photograph of a right eye."""
    return (real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg").read_bytes()


async def begin(house: ImageHouse, nurse: Sender) -> str:
    """A patient comes and her draft is begun; the id of the case."""
    patient = house.patient()
    assert (await nurse.send("/api/screening/scan", {"q": patient.local_number}))[0] == 200
    told = {"panel_id": house.world.panel_id}
    assert (await nurse.send(f"/api/screening/{patient.id}/case", told))[0] == 200
    _status, page = await nurse.page("/screening")
    found = re.search(rf'data-key="{patient.id}"[^>]* data-case="(\w+)"', page)
    assert found is not None
    return found.group(1)


async def sheet_of(nurse: Sender, case_id: str) -> str:
    """What the sheet shows of one case."""
    _status, page = await nurse.page("/screening/sheet")
    sections = page.split('<section class="card sheet-row"')[1:]
    return next(each for each in sections if f'"sheet-{case_id}"' in each)


async def confirm(nurse: Sender, case_id: str, image: dict[str, Any], **said: str) -> None:
    """Say whose eye one photograph is, or that it is of no eye's back."""
    url = f"/api/cases/{case_id}/images/{image['id']}/confirm"
    status, answer = await nurse.send(url, said)
    assert status == 200, answer


async def test_all_that_goes_with_a_case_stands_on_the_sheet(
    house: ImageHouse, nurse: Sender, fundus: bytes
) -> None:
    case_id = await begin(house, nurse)
    await nurse.upload(case_id, own_copy(fundus), "OD_macula.jpg")
    await nurse.upload(case_id, own_copy(fundus), "outside.jpg")
    paper = make_object(ENCAPSULATED, study=f"2.25.{secrets.randbits(90)}")
    await nurse.upload(case_id, paper, "report.dcm")
    shown = {each["file_name"]: each for each in (await nurse.images(case_id))["images"]}
    await confirm(nurse, case_id, shown["outside.jpg"], field="external")
    drawn = await sheet_of(nurse, case_id)
    groups = {each["eye"]: each["inside"] for each in _GROUP.finditer(drawn)}
    assert [inside.count("<img ") for inside in groups.values()] == [1, 0, 1]
    assert "Other, or eye not stated" in groups[""]
    assert "Not confirmed yet" in groups["right"]
    assert "Not confirmed yet" not in groups[""]
    assert "Files that cannot be displayed and go with the case: 1" in drawn
    await confirm(nurse, case_id, shown["OD_macula.jpg"], eye="right", field="macula_centred")
    assert "Not confirmed yet" not in await sheet_of(nurse, case_id)


async def test_a_case_of_two_eyes_has_no_third_group(
    house: ImageHouse, nurse: Sender, fundus: bytes
) -> None:
    case_id = await begin(house, nurse)
    await nurse.upload(case_id, own_copy(fundus), "OD_macula.jpg")
    drawn = await sheet_of(nurse, case_id)
    assert [each["eye"] for each in _GROUP.finditer(drawn)] == ["right", "left"]
    assert "cannot be displayed" not in drawn


async def test_the_sheet_says_that_nobody_of_the_panel_is_on_duty(
    house: ImageHouse, nurse: Sender
) -> None:
    said = "Nobody is on duty now"
    await begin(house, nurse)
    assert said not in (await nurse.page("/screening/sheet"))[1]
    world = replace(house.world, clinic=house.clinic)
    in_three_days = (world.clinic.now + timedelta(days=3)).isoweekday()
    turns = (Turn(in_three_days, DayHalf.MORNING),)
    keep_week(world, {world.expert: turns}, by=world.leader)
    _status, page = await nurse.page("/screening/sheet")
    assert page.count(said) == 1  # one panel, however many cases ask it
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    assert re.search(rf"{panel.name_en or panel.name} \(cases on this page: [1-9]", page)
