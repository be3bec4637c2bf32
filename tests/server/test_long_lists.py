"""Lists longer than a page holds say so, and what was first asked for is done first."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consult.cases.model import ServiceType
from consult.reports.seal import load_seal
from consult.reports.versions import Report
from tests.makers.cases import citizen_number
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.reports import make_read_case, prepare, sign
from tests.makers.rulebooks import copy_config
from tests.makers.second_readings import normal_body
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_KEY = re.compile(r'<tr data-key="(\w+)"')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ImageHouse]:
    """A server whose page of answers holds two, and whose act tells one patient."""
    config = copy_config(tmp_path / "config", "receipts.toml", most="2")
    tellings = config / "tellings.toml"
    tellings.write_text(tellings.read_text("utf-8").replace("most = 100", "most = 1"), "utf-8")
    with open_image_house(tmp_path / "house", config_dir=str(config)) as opened:
        yield opened


def screened(house: ImageHouse, number: int) -> Report:
    """A screening without a finding, read and signed."""
    near = replace(house.world, clinic=house.clinic)
    seal = load_seal(house.house.data_dir / "keys")
    who = {"document_number": citizen_number(2 * number)}
    case = make_read_case(near, service_type=ServiceType.SCREENING_READ, **who)
    shown = prepare(near, case, by=near.expert, body=normal_body())
    return sign(near, case, by=near.expert, shown=shown, seal=seal)


async def test_the_oldest_answers_come_first_and_no_more_are_ticked_than_one_act_takes(
    house: ImageHouse,
) -> None:
    reports = [screened(house, 40 + number) for number in range(3)]
    cases = [report.case_id for report in reports]
    async with Visitor(house.house.base, language="en") as chen:
        await chen.sign_in("chen", PASSWORD)
        _status, page = await chen.page("/receipts")
        assert _KEY.findall(page) == cases[:2]
        assert "1 more wait behind them" in page
        body = {"report_ids": [report.id for report in reports[:2]], "has_read": True}
        assert (await chen.send("/api/receipts", body))[0] == 200
        _status, page = await chen.page("/receipts")
        assert _KEY.findall(page) == cases[2:]
        assert "wait behind them" not in page
        _status, page = await chen.page("/tellings")
        assert sorted(_KEY.findall(page)) == sorted(cases[:2])
        assert page.count(' checked aria-label="Told: ') == 1
        assert "the first 1 are ticked, 1 more stand below them" in page
