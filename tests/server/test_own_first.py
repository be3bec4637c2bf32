"""Own reading first through the doors: nothing tells the requesting physician before the lock."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from consult.cases.model import Case
from server.transactions import utc_now
from tests.makers.cases import citizen_number
from tests.makers.door_sweep import everything
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.readings import graded
from tests.makers.reports import make_read_case
from tests.makers.rulebooks import copy_config
from tests.makers.signing import sign_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_SAID = ("专家所见", "专家结论", "专家建议")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house whose requesting physicians read diagnoses first."""
    folder = tmp_path_factory.mktemp("own")
    config = copy_config(folder / "config", "own_reading.toml", on_for='["remote_diagnosis"]')
    with open_image_house(folder / "house", config_dir=str(config)) as opened:
        yield opened


@pytest.fixture
async def people(house: ImageHouse) -> AsyncIterator[tuple[Visitor, Visitor]]:
    """The browsers of the requesting physician and of the expert."""
    async with Visitor(house.house.base) as physician, Visitor(house.house.base) as expert:
        await physician.sign_in("chen", PASSWORD)
        await expert.sign_in("li", PASSWORD)
        yield physician, expert


async def test_no_door_tells_her_the_opinion_before_her_reading_is_locked(
    house: ImageHouse, people: tuple[Visitor, Visitor]
) -> None:
    physician, expert = people
    case = _case(house, 621)
    report_id = await sign_by_door(house, case, expert, **_words())

    before = await everything(house, physician, case, report_id)
    assert sum(status == 200 for _path, status, _text in before) > 20
    assert {path for path, _status, text in before for word in _SAID if word in text} == set()
    assert (await physician.get(f"/api/reports/{report_id}"))[0] == 404
    assert (await physician.send(f"/api/reports/{report_id}/receive", {}))[0] == 404
    _, page = await physician.page(f"/cases/{case.id}")
    assert ("会诊意见已到" in page, "不做本人阅片" in page) == (True, True)


async def test_her_lock_opens_it_beside_her_own_reading_eye_by_eye(
    house: ImageHouse, people: tuple[Visitor, Visitor]
) -> None:
    physician, expert = people
    case = _case(house, 625)
    report_id = await sign_by_door(house, case, expert, **_words())
    said = {"right": "normal", "left": "abnormal", "left_icdr": 1, "words": "少许微血管瘤"}
    place = f"/api/cases/{case.id}/own-reading"
    assert (await physician.send(place, said))[0] == 200
    status, answer = await physician.send(place, said)
    assert (status, answer["code"]) == (409, "own-reading-locked")

    after = await everything(house, physician, case, report_id)
    told = {path for path, _status, text in after for word in _SAID if word in text}
    assert {f"/cases/{case.id}", f"/api/reports/{report_id}", f"/reports/{report_id}"} <= told
    _, page = await physician.page(f"/cases/{case.id}")
    assert page.count('class="odd"') == 1
    assert ("少许微血管瘤" in page, "不一致" in page) == (True, True)
    _, seen = await expert.page(f"/cases/{case.id}")
    assert ("本人阅片" in seen.split("tl-h")[0], "少许微血管瘤" in seen) == (False, False)

    _, counted = await physician.get("/api/training")
    assert [curve["total"]["eyes"] for curve in counted["curves"]] == [2]
    status, page = await physician.page("/training")
    assert (status, "结论一致率" in page, "50.0" in page) == (200, True, True)


async def test_a_reason_opens_it_at_once_and_the_history_says_so(
    house: ImageHouse, people: tuple[Visitor, Visitor]
) -> None:
    physician, expert = people
    case = _case(house, 623)
    report_id = await sign_by_door(house, case, expert)

    place = f"/api/cases/{case.id}/own-reading/skip"
    assert (await physician.send(place, {"reason": " "}))[0] == 422
    assert (await physician.get(f"/api/reports/{report_id}"))[0] == 404
    assert (await physician.send(place, {"reason": "患者在诊室等候"}))[0] == 200
    assert (await physician.get(f"/api/reports/{report_id}"))[0] == 200
    _, page = await physician.page(f"/cases/{case.id}")
    assert ("未做本人阅片即查看会诊意见" in page, "患者在诊室等候" in page) == (True, True)


def _words() -> dict[str, Any]:
    left = graded(2, findings=_SAID[0])
    return {"left": left, "impression": _SAID[1], "advice": _SAID[2]}


def _case(house: ImageHouse, sequence: int) -> Case:
    now = replace(house.world, clinic=house.world.clinic.at(utc_now()))
    return make_read_case(now, document_number=citizen_number(sequence))
