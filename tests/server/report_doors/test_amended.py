"""Amending and retracting through the doors: the pages of both sides, in both languages."""

from typing import Any

import pytest

from consult.cases.model import Case
from consult.reports.body import body_as_json
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reports import full_body
from tests.makers.signing import sign_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
RETRACTION = {"cause": "wrong_patient", "reason": "照片属于另一位患者"}


async def test_an_amendment_goes_from_the_reading_room_to_a_flagged_decision(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    first = await sign_by_door(house, case, expert)
    await physician.send(f"/api/reports/{first}/receive")
    decision = {"choice": "accepted", "next_step": "follow_up", "note": "", "reason": "本院随访"}
    assert (await physician.send(f"/api/cases/{case.id}/decision", decision))[0] == 200

    status, place = await expert.send(f"/api/cases/{case.id}/report/amend")
    assert (status, place["location"]) == (200, f"/cases/{case.id}/reading")
    _, room = await expert.page(place["location"])
    assert "正在更正第 1 版" in room
    assert "data-lease-url-value" not in room
    second = await _sign_amendment(case, expert, advice="1 周内就诊")

    _, card = await physician.page(f"/cases/{case.id}")
    assert "处理意见依据第 1 版。" in card
    assert "第 2 版更正了：" in card
    assert "1 周内就诊" in card
    assert f"/api/reports/{second}/receive" in card
    assert f"/api/cases/{case.id}/decision" not in card

    status, refusal = await physician.send(f"/api/reports/{first}/receive")
    assert (status, refusal["detail"]) == (409, "已有第 2 版，请查看该版。")
    await physician.send(f"/api/reports/{second}/receive")
    assert f"/api/cases/{case.id}/decision" in (await physician.page(f"/cases/{case.id}"))[1]
    _, old = await physician.page(f"/reports/{first}")
    assert "本版已由第 2 版替代" in old
    assert "签章校验：有效" in old
    _, data = await physician.get(f"/api/reports/{first}")
    assert (data["validity"], data["superseded_by"], data["is_valid"]) == ("amended", 2, True)


async def test_the_paper_of_an_amendment_tells_both_readings_in_english(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    await sign_by_door(house, case, expert)
    await expert.send(f"/api/cases/{case.id}/report/amend")
    second = await _sign_amendment(case, expert, interval_months=6)
    await physician.send("/api/language", {"language": "en"})

    _, paper = await physician.page(f"/reports/{second}")

    assert "Amendment of version 1" in paper
    assert "in 3 month(s)" in paper
    assert "in 6 month(s)" in paper


async def test_a_retraction_marks_every_version_and_needs_the_password(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    first = await sign_by_door(house, case, expert)
    _, data = await expert.get(f"/api/reports/{first}")
    said = {**RETRACTION, "of_sha256": data["sha256"]}
    door = f"/api/cases/{case.id}/report/retract"
    status, refusal = await expert.send(door, {**said, "password": "not-mine"})
    assert (status, refusal["errors"][0]["field"]) == (422, "password")
    status, refusal = await expert.send(door, {**said, "cause": "mood", "password": PASSWORD})
    assert (status, refusal["errors"][0]["field"]) == (422, "cause")

    status, answer = await expert.send(door, {**said, "password": PASSWORD})

    assert (status, answer["version"]) == (200, 2)
    _, old = await physician.page(f"/reports/{first}")
    _, new = await physician.page(f"/reports/{answer['report_id']}")
    _, card = await physician.page(f"/cases/{case.id}")
    assert "本版已由第 2 版撤销" in old
    assert "照片属于另一位患者" in old
    assert "本报告已撤销。" in new
    assert "远程眼底影像诊断报告" in new
    assert "患者有误" in card
    kinds = [line.kind for line in house.clinic.lines() if line.case_id == case.id]
    assert {"report.signature_refused", "case.retracted"} <= set(kinds)


async def test_another_side_is_offered_neither_and_refused_both(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    await sign_by_door(house, case, expert)
    _, theirs = await physician.page(f"/cases/{case.id}")
    _, own = await expert.page(f"/cases/{case.id}")

    assert ("/report/amend" in theirs, "retract-dialog" in theirs) == (False, False)
    assert ("/report/amend" in own, "retract-dialog" in own) == (True, True)
    assert (await physician.send(f"/api/cases/{case.id}/report/amend"))[0] == 403


async def _sign_amendment(case: Case, expert: Visitor, **changes: Any) -> str:
    body = body_as_json(full_body(amendment_reason="复核更正", **changes)) | {"version": 1}
    assert (await expert.send(f"/api/cases/{case.id}/report/draft", body))[0] == 200
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview")
    assert any(line["label"].startswith(("更正项：", "Changed: ")) for line in shown["lines"])
    told = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
    status, answer = await expert.send(f"/api/cases/{case.id}/report/sign", told)
    assert (status, answer["location"]) == (200, f"/cases/{case.id}"), answer
    return str(answer["report_id"])
