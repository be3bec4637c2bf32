"""Lesions, computed grades, phrases and the table of unreadable eyes through the doors."""

import re
from dataclasses import replace
from typing import Any

import pytest

from consult.cases.model import Case
from consult.reports.body import body_as_json
from consult.reports.model import ReferralNeed, ReferralUrgency
from tests.makers.image_house import ImageHouse
from tests.makers.lesions import CODES, only, ticked
from tests.makers.readings import graded
from tests.makers.reports import full_body
from tests.makers.signing import sign_by_door, write_by_door
from tests.makers.visitor import Visitor
from tests.makers.words import HAN

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SEEN = ticked("haemorrhage", "hard_exudate", "exudate_1dd", "venous_beading", quadrants=1)
LEFT = replace(graded(None, None, findings="dot"), lesions=SEEN)


async def test_the_room_offers_every_lesion_unsaid_and_tells_what_follows(
    case: Case, expert: Visitor
) -> None:
    await expert.send(f"/api/queue/{case.id}/claim")
    _, page = await expert.page(f"/cases/{case.id}/reading")
    for code in CODES:
        assert page.count(f'name="left.lesions.{code}.said"') == 2, code
    assert page.count('.quadrants"') == 3 * 2 * 4
    left = replace(LEFT, lesions=only(["haemorrhage"]))
    body = body_as_json(full_body(left=left)) | {"version": 0}
    _, check = await expert.send(f"/api/cases/{case.id}/report/check", body)
    told = check["graded"]["left"]
    assert set(check["graded"]) == {"left"}
    assert told["spans"]["icdr"] == "中度非增生型(NPDR)至增生型(PDR)"
    assert told["unsaid"] == "21 项"
    assert not told["is_overridden"]
    wrong = replace(LEFT, icdr=0)
    _, check = await expert.send(
        f"/api/cases/{case.id}/report/check",
        body_as_json(full_body(left=wrong)) | {"version": 0},
    )
    problem = next(each for each in check["problems"] if each["field"] == "left.icdr")
    assert problem["sentence"] == "按所选病变为“中度非增生型(NPDR)”。可按规则取值，改定时说明理由。"
    assert (check["graded"]["left"]["is_overridden"], problem["anchor"]) == (True, "f-left-icdr")


async def test_one_report_is_read_in_both_languages_from_the_same_data(
    house: ImageHouse, case: Case, expert: Visitor, physician: Visitor
) -> None:
    plain: dict[str, Any] = {"impression": "NPDR", "answer": "DME", "advice": "OCT", "limits": "L"}
    override = replace(LEFT, icdr=3, grade_reason="FFA")
    right = graded(findings="clear")
    plain |= {"need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.URGENT}
    report = await sign_by_door(house, case, expert, left=override, right=right, **plain)
    _, chinese = await physician.page(f"/reports/{report}")
    _, data = await physician.get(f"/api/reports/{report}")
    await physician.send("/api/language", {"language": "en"})
    _, english = await physician.page(f"/reports/{report}")
    _, again = await physician.get(f"/api/reports/{report}")
    assert (again["content"], again["sha256"]) == (data["content"], data["sha256"])
    for text in ("视网膜出血（颞上）", "未见病变", "R2 增生前期", "M1 黄斑病变", "阅片者改定",
                 "按规则：中度", "FFA"):  # fmt: skip
        assert text in chinese, text
    for text in ("Haemorrhage (Superotemporal)", "Lesions not seen", "R2 pre-proliferative",
                 "M1 maculopathy", "changed by the reader", "by the rule: Moderate"):  # fmt: skip
        assert text in english, text
    table = english.partition('<table class="paper-table">')[2].partition("</table>")[0]
    assert not HAN.search(re.sub(r"<tfoot>.*", "", table, flags=re.DOTALL))
    raw = {*CODES, *data["content"]["rules"], "override", "computed"} - {"laser", "form"}
    words = set(re.findall(r"[a-z_0-9]+_[a-z_0-9]+", table))
    assert not words & raw


async def test_an_experts_phrases_are_hers(case: Case, expert: Visitor, physician: Visitor) -> None:
    status, kept = await expert.send("/api/phrases", {"part": "advice", "text": "半年后复查"})
    assert (status, kept["version"]) == (200, 1)
    await expert.send(f"/api/queue/{case.id}/claim")
    assert "半年后复查" in (await expert.page(f"/cases/{case.id}/reading"))[1]
    status, told = await expert.send(f"/api/phrases/{kept['id']}", {"text": "一年", "version": 1})
    assert (status, told["text"]) == (200, "一年")
    status, refusal = await expert.send(f"/api/phrases/{kept['id']}", {"text": "x", "version": 1})
    assert (status, refusal["code"]) == (409, "phrase-changed")
    assert "一年" in (await expert.page("/phrases"))[1]
    assert (await physician.send("/api/phrases", {"part": "advice", "text": "x"}))[0] == 403
    assert (await expert.send(f"/api/phrases/{kept['id']}/remove"))[0] == 200
    assert (await expert.get("/api/phrases"))[1] == {"phrases": []}
    status, refusal = await expert.send("/api/phrases", {"part": "diagnoses", "text": "x"})
    assert (status, refusal["errors"][0]["field"]) == (422, "part")


async def test_a_malformed_lesion_is_named_and_nothing_is_stored(
    house: ImageHouse, case: Case, expert: Visitor
) -> None:
    await write_by_door(house, case, expert)
    left: dict[str, Any] = {"lesions": {"nvd": {"said": "perhaps"}}}
    status, refusal = await expert.send(
        f"/api/cases/{case.id}/report/draft", {"version": 1, "left": left}
    )
    assert (status, refusal["errors"][0]["field"]) == (422, "left.lesions.nvd.said")
