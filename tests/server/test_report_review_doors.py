"""Review before release through the doors: nobody has the report before, both names stand after."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consult.cases.model import Case
from consult.people.practitioners import service as practitioners
from consult.reports.body import body_as_json
from server.auth.passwords import hash_password
from server.transactions import utc_now
from tests.makers.cases import citizen_number
from tests.makers.door_sweep import everything
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.reports import full_body, look_at_all, make_read_case
from tests.makers.rulebooks import copy_config
from tests.makers.signing import sign_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_SAID = ("待审结论", "待审建议")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house whose diagnoses are all reviewed."""
    folder = tmp_path_factory.mktemp("review")
    config = copy_config(
        folder / "config", "report_review.toml", on_for='["remote_diagnosis"]', percent="100"
    )
    with open_image_house(folder / "house", config_dir=str(config)) as opened:
        opened.world.clinic.system(
            practitioners.set_password,
            practitioner_id=opened.world.leader.person,
            password_hash=hash_password(PASSWORD),
            must_change=False,
        )
        yield opened


async def test_nobody_has_the_report_before_a_reviewer_has_signed_it(house: ImageHouse) -> None:
    case = _case(house, 611)
    async with (
        Visitor(house.house.base) as author,
        Visitor(house.house.base) as leader,
        Visitor(house.house.base) as clinic,
    ):
        await author.sign_in("li", PASSWORD)
        await leader.sign_in("zhou", PASSWORD)
        await clinic.sign_in("chen", PASSWORD)
        held_id = await sign_by_door(house, case, author, impression="待审结论", advice="待审建议")

        told = await everything(house, clinic, case, held_id)
        assert sum(status == 200 for _path, status, _text in told) > 10
        assert {path for path, _status, text in told for word in _SAID if word in text} == set()
        status, answer = await author.send(f"/api/queue/{case.id}/claim")
        assert (status, answer["code"]) == (403, "case-already-read")
        status, answer = await author.get(f"/api/cases/{case.id}/report/preview")
        assert status in {403, 409}, answer
        _, listed = await leader.page("/worklist?tab=consult")
        assert "待审核" in listed

        report_id = await _review(house, case, leader)

        _, page = await clinic.page(f"/cases/{case.id}")
        _, paper = await clinic.page(f"/reports/{report_id}")
        for text in (page, paper):
            assert all(word in text for word in ("审核修改", "审核前", "待审建议", "审后建议"))
            assert all(word in text for word in ("报告医师", "审核医师"))
        assert (await clinic.get(f"/api/reports/{held_id}"))[0] == 404
        await clinic.send("/api/language", {"language": "en"})
        for place in (f"/cases/{case.id}", f"/reports/{report_id}"):
            _, english = await clinic.page(place)
            assert all(word in english for word in ("Changed on review", "Reviewing physician"))


async def _review(house: ImageHouse, case: Case, leader: Visitor) -> str:
    """The leader takes it, finds the report in the form, changes its advice and signs."""
    assert (await leader.send(f"/api/queue/{case.id}/claim"))[0] == 200
    _, room = await leader.page(f"/cases/{case.id}/reading")
    assert ("签发前审核" in room, "待审结论" in room) == (True, True)
    assert f"/cases/{case.id}/return" not in room
    world = replace(house.world, clinic=house.clinic)
    look_at_all(world, case, by=world.leader)
    body = body_as_json(full_body(impression="待审结论", advice="审后建议")) | {"version": 1}
    status, answer = await leader.send(f"/api/cases/{case.id}/report/draft", body)
    assert status == 200, answer
    _, shown = await leader.get(f"/api/cases/{case.id}/report/preview")
    sent = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
    status, answer = await leader.send(f"/api/cases/{case.id}/report/sign", sent)
    assert status == 200, answer
    return str(answer["report_id"])


def _case(house: ImageHouse, sequence: int) -> Case:
    now = replace(house.world, clinic=house.world.clinic.at(utc_now()))
    return make_read_case(now, document_number=citizen_number(sequence))
