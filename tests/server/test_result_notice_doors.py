"""A result notice read as sentences went onto no paper, and the journal says so (RPT-10)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consult.cases.model import ServiceType
from consult.reports import receipts
from consult.reports.seal import load_seal
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.reports import make_read_case, prepare, sign
from tests.makers.second_readings import normal_body
from tests.makers.tellings import after_rules
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ImageHouse]:
    """A server of this test's own."""
    with open_image_house(tmp_path / "house") as opened:
        yield opened


async def test_sentences_are_shown_and_the_page_is_printed(house: ImageHouse) -> None:
    near = replace(house.world, clinic=house.clinic)
    case = make_read_case(near, service_type=ServiceType.SCREENING_READ)
    shown = prepare(near, case, by=near.expert, body=normal_body())
    report = sign(
        near, case, by=near.expert, shown=shown, seal=load_seal(house.house.data_dir / "keys")
    )
    near.clinic.do(
        near.physician, receipts.receive_together, report_ids=[report.id], rules=after_rules()
    )

    def kinds() -> list[str]:
        told = [line.kind for line in house.clinic.lines() if line.case_id == case.id]
        return [kind for kind in told if kind in {"telling.shown", "telling.printed"}]

    async with Visitor(house.house.base, language="en") as chen:
        await chen.sign_in("chen", PASSWORD)
        status, answer = await chen.get(f"/api/cases/{case.id}/result-notice")
        assert (status, bool(answer["sentences"])) == (200, True)
        assert kinds() == ["telling.shown"]
        assert (await chen.page(f"/cases/{case.id}/result-notice"))[0] == 200
        assert kinds() == ["telling.shown", "telling.printed"]
