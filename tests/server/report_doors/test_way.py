"""Reading, signing, receiving and deciding through the door, and what is refused there."""

from typing import Any

import pytest

from consult.cases.images import excuses
from consult.cases.model import Case
from consult.cases.protocol import CaptureException, NoImageReason
from consult.kernel.eyes import Eye
from tests.makers.consortium import Consortium
from tests.makers.image_house import ImageHouse
from tests.makers.reports import claim
from tests.makers.signing import sign_by_door, write_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


async def test_a_case_is_read_signed_received_and_decided(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    report = await sign_by_door(house, case, expert)
    status, paper = await physician.page(f"/reports/{report}")
    assert (status, "签章校验：有效" in paper, "远程眼底影像诊断报告" in paper) == (200, True, True)

    early, answer = await physician.send(f"/api/cases/{case.id}/decision", _decision())
    assert (early, answer["code"]) == (409, "case-event-not-allowed")
    assert (await physician.send(f"/api/reports/{report}/receive"))[0] == 200
    again, answer = await physician.send(f"/api/reports/{report}/receive")
    assert (again, answer["detail"]) == (409, "此版报告已确认接收。")
    status, answer = await physician.send(
        f"/api/cases/{case.id}/decision", _decision(choice="partly")
    )
    assert (status, answer["errors"][0]["field"]) == (422, "reason")
    status, answer = await physician.send(
        f"/api/cases/{case.id}/decision", _decision(next_step="refer")
    )
    assert (status, answer["location"]) == (200, f"/cases/{case.id}/booking")


async def test_the_second_expert_is_told_by_name(
    now: Consortium, case: Case, expert: Visitor
) -> None:
    claim(now, case, by=now.leader)
    status, answer = await expert.send(f"/api/queue/{case.id}/claim")
    room, page = await expert.page(f"/cases/{case.id}/reading")

    assert status == 409
    assert answer["detail"].startswith("该病例已由 周怀瑾 于 ")
    assert (room, 'id="report-form"' in page) == (200, False)


async def test_the_room_shows_nothing_chosen_and_says_what_is_missing(
    case: Case, expert: Visitor
) -> None:
    await expert.send(f"/api/queue/{case.id}/claim")
    status, page = await expert.page(f"/cases/{case.id}/reading")
    _, check = await expert.send(f"/api/cases/{case.id}/report/check", {"version": 0})

    form = page.partition('id="report-form"')[2].partition("</form>")[0]
    fields = {problem["field"] for problem in check["problems"]}
    assert (status, " checked" in form, " selected" in form) == (200, False, False)
    assert check["outcome"] is None
    assert {"right.eye_status", "diagnoses", "advice", "limits"} <= fields
    assert len([field for field in fields if field.startswith("images.")]) == 4


async def test_the_reader_is_told_what_could_not_be_photographed_and_signs_for_it(
    house: ImageHouse, case: Case, expert: Visitor
) -> None:
    world = house.world
    cloudy = CaptureException(Eye.LEFT, None, NoImageReason.MEDIA_OPACITY)
    world.clinic.do(world.physician, excuses.save_excuse, case=case, excuse=cloudy)
    _, waiting = await expert.page(f"/cases/{case.id}/reading")
    assert "左眼(OS)：整只眼（屈光间质混浊）" in waiting
    await write_by_door(house, case, expert)
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview")
    assert shown["images"].endswith("无法拍摄 左眼(OS)：整只眼（屈光间质混浊）")


async def test_a_wrong_password_signs_nothing_and_is_written_down(
    house: ImageHouse, case: Case, expert: Visitor
) -> None:
    await write_by_door(house, case, expert)
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview")
    body = {"password": "not-mine", "shown_sha256": shown["shown_sha256"]}

    status, answer = await expert.send(f"/api/cases/{case.id}/report/sign", body)

    kinds = [line.kind for line in house.world.clinic.lines() if line.case_id == case.id]
    assert (status, answer["errors"][0]["field"]) == (422, "password")
    assert "report.signature_refused" in kinds
    assert "report.signed" not in kinds


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": "x"}, "version"),
        ({"version": -1}, "version"),
        ({"version": 0, "right": []}, "right"),
        ({"version": 0, "right": {"icdr": "4000000000"}}, "right.icdr"),
        ({"version": 0, "left": {"eye": "present"}}, "left.eye"),
        ({"version": 0, "advice": {"a": 1}}, "advice"),
        ({"version": 0, "advice": "x" * 5000}, "advice"),
        ({"version": 0, "impression": "\x00"}, "impression"),
        ({"version": 0, "diagnoses": {"H36": 1}}, "diagnoses"),
        ({"version": 0, "interval_months": 1e9}, "interval_months"),
        ({"version": 0, "signed": True}, "signed"),
    ],
)
async def test_nonsense_in_a_draft_is_refused_with_its_field(
    case: Case, expert: Visitor, body: dict[str, Any], field: str
) -> None:
    await expert.send(f"/api/queue/{case.id}/claim")

    status, answer = await expert.send(f"/api/cases/{case.id}/report/draft", body)

    assert status == 422
    assert [error["field"] for error in answer["errors"]] == [field]
    assert answer["errors"][0]["sentence"]


async def test_markup_in_a_report_is_shown_as_it_was_typed(
    house: ImageHouse, case: Case, expert: Visitor
) -> None:
    report = await sign_by_door(house, case, expert, advice="<script>alert(1)</script>")
    _, paper = await expert.page(f"/reports/{report}")

    assert "<script>alert(1)" not in paper
    assert "&lt;script&gt;alert(1)" in paper


def _decision(**changes: Any) -> dict[str, Any]:
    return {"choice": "accepted", "next_step": "follow_up", "reason": "", "note": "", **changes}
