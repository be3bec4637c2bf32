"""The verification page: what a code tells anybody, and nothing of a patient (U14)."""

import pytest

from consult.cases.model import Case
from consult.reports.codes import code_of, parse_code
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.signing import sign_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
HASH = "3f2a91bc0d4e77a1" + "0" * 48


@pytest.mark.parametrize(
    "typed", ["3F2A-91BC-0D4E-77A1", "3f2a91bc0d4e77a1", " 3f2a 91bc-0d4e 77a1"]
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_code(typed) == HASH[:16]
    assert code_of(HASH) == "3F2A-91BC-0D4E-77A1"


@pytest.mark.parametrize(
    "typed", ["", "3F2A", "3F2A-91BC-0D4E-77A1-0", "3F2A-91BC-0D4E-77AG", "%", "٣" * 16]
)
def test_anything_else_is_no_code(typed: str) -> None:
    assert parse_code(typed) is None


async def test_a_code_tells_number_version_institution_time_and_standing(
    house: ImageHouse, case: Case, expert: Visitor, anybody: Visitor
) -> None:
    report = await sign_by_door(house, case, expert)
    _, data = await expert.get(f"/api/reports/{report}")
    code = code_of(data["sha256"])

    _, page = await anybody.page(f"/verify/{code}")
    _, typed = await anybody.page("/verify", params={"code": code.lower()})
    _, english = await anybody.page(f"/verify/{code}?lang=en")

    for told in (page, typed):
        assert "本版有效" in told
        assert case.number in told
        assert data["content"]["invited"]["name"] in told
    assert "This version is valid." in english
    content = data["content"]
    for secret in (
        content["patient"]["name"],
        content["patient"]["tail"],
        content["author"]["name"],
        content["body"]["impression"],
        content["inviting"]["name"],
    ):
        assert secret not in page + english

    said = {"cause": "wrong_eye", "reason": "左右颠倒", "of_sha256": data["sha256"]}
    door = f"/api/cases/{case.id}/report/retract"
    assert (await expert.send(door, {**said, "password": PASSWORD}))[0] == 200
    _, after = await anybody.page(f"/verify/{code}")
    assert "本报告已撤销。" in after
    assert "左右颠倒" not in after


async def test_a_code_that_names_nothing_says_so_and_no_more(anybody: Visitor) -> None:
    for text in ("3F2A-91BC-0D4E-77A1", "x", "%00", "<script>alert(1)</script>"):
        status, page = await anybody.page("/verify", params={"code": text})
        assert status == 200
        assert "没有此核验码对应的报告。" in page
        assert "<script>alert" not in page
    assert (await anybody.page("/verify"))[0] == 200
