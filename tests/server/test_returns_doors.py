"""The other ways through the loop, by the doors: returned, declined, sent on, lost, withdrawn."""

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from consult.cases.model import Case
from consult.cases.returns import service as returns
from consult.kernel.eyes import Eye
from consult.people.practitioners import service as practitioners
from consult.queue import service as queue
from consult.reports import service as reports
from consult.reports.body import body_as_json
from server.auth.passwords import hash_password
from server.views import retakes
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.reports import full_body, make_read_case
from tests.makers.returns import LEFT_MACULA, later, photograph, second_panel, send_back
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SEQUENCES = itertools.count(2, 2)
PHONE = "13905786127"
ASKED = {
    "images": [
        {"eye": "right", "field": "macula_centred", "reason": None},
        {"eye": "left", "field": "macula_centred", "reason": "out_of_focus"},
    ],
    "others": [],
    "note": "散瞳后复拍",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A running server whose panel's leader can sign in too."""
    with open_image_house(tmp_path_factory.mktemp("returns") / "house") as opened:
        opened.world.clinic.system(
            practitioners.set_password,
            practitioner_id=opened.world.leader.person,
            password_hash=hash_password(PASSWORD),
            must_change=False,
        )
        yield opened


@pytest.fixture
async def doctor(house: ImageHouse) -> AsyncIterator[Visitor]:
    """The requesting physician."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("chen", PASSWORD)
        yield visitor


@pytest.fixture
async def expert(house: ImageHouse) -> AsyncIterator[Visitor]:
    """An expert of the panel."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        yield visitor


@pytest.fixture
async def leader(house: ImageHouse) -> AsyncIterator[Visitor]:
    """The panel's leader."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("zhou", PASSWORD)
        yield visitor


def near(house: ImageHouse) -> Consortium:
    """The consortium at the present time."""
    return replace(house.world, clinic=house.clinic)


def waiting(house: ImageHouse, name: str) -> Case:
    """A case before the panel, of a patient whose number no other test of this house has."""
    number = citizen_number(next(SEQUENCES), birth="19550505")
    return make_read_case(near(house), name=name, document_number=number)


async def kinds_since(visitor: Visitor, position: int) -> set[str]:
    """What this browser is told after a position of the journal."""
    status, told = await visitor.get(f"/api/events/since?position={position}")
    assert status == 200, told
    return {entry["kind"] for entry in told["entries"]}


async def position_of(visitor: Visitor) -> int:
    """The journal's end as this browser knows it."""
    _status, told = await visitor.get("/api/events/since")
    return int(told["position"])


async def test_returned_photographed_again_and_back_to_the_same_expert(
    house: ImageHouse, doctor: Visitor, expert: Visitor
) -> None:
    case = waiting(house, "张桂英")
    path = f"/api/cases/{case.id}"
    assert (await expert.send(f"/api/queue/{case.id}/claim"))[0] == 200
    status, page = await expert.page(f"/cases/{case.id}/return")
    assert status == 200
    assert "无需复拍" in page
    status, refused = await expert.send(f"{path}/return", {"images": []})
    assert (status, refused["code"]) == (422, "return-asks-nothing")
    status, step = await expert.send(f"{path}/return", ASKED)
    assert (status, step["status"]) == (200, "returned"), step

    status, page = await doctor.page(f"/cases/{case.id}")
    assert status == 200
    for told in ("左眼(OS) 黄斑中心：离焦，请复拍", "散瞳后复拍", "承诺时间已暂停", "待复拍"):
        assert told in page, told
    await assert_listed(house, doctor, case)
    await assert_retaken(house, doctor, case)
    _status, page = await expert.page("/worklist?tab=mine")
    assert "补充后退回给您" in page
    _status, page = await doctor.page(f"/cases/{case.id}")
    assert "被复拍替换的照片 1 张" in page
    status, step = await expert.send(f"/api/queue/{case.id}/claim")
    assert (status, step["status"]) == (200, "accepted")
    status, told = await doctor.get(f"{path}/returns")
    [back] = told["returns"]
    assert (back["ended_how"], back["items"][0]["eye"]) == ("resubmitted", Eye.LEFT)


async def assert_listed(house: ImageHouse, doctor: Visitor, case: Case) -> None:
    """The patient stands on the list to be called back, on the screen and on paper."""
    _status, listed = await doctor.get("/api/retakes")
    [line] = [each for each in listed["retakes"] if each["case_id"] == case.id]
    assert (line["patient_name"], line["phone"]) == ("张桂英", PHONE)
    assert line["items"] == ["左眼(OS) 黄斑中心：离焦，请复拍"]
    status, paper = await doctor.page("/retakes/print")
    assert (status, PHONE in paper) == (200, True)
    assert "case.retake_listed" in house.clinic.kinds()


async def assert_retaken(house: ImageHouse, doctor: Visitor, case: Case) -> None:
    """Not before the photograph is there the case goes again."""
    path = f"/api/cases/{case.id}"
    status, answer = await doctor.send(
        f"{path}/submit",
        {"version": await version_of(doctor, case), "answers": controls(case)},
    )
    assert status == 422
    assert "images.left.macula_centred" in {each["field"] for each in answer["errors"]}

    photograph(near(house), case, LEFT_MACULA)
    status, answer = await doctor.send(
        f"{path}/submit",
        {"version": await version_of(doctor, case), "answers": controls(case)},
    )
    assert (status, answer.get("status")) == (200, "assigned"), answer


async def test_a_case_that_was_not_retaken_ends_in_plain_words_on_both_sides(
    house: ImageHouse, doctor: Visitor, expert: Visitor
) -> None:
    case = waiting(house, "李秀珍")
    await expert.send(f"/api/queue/{case.id}/claim")
    send_back(near(house), case)
    later(near(house), days=16).clinic.system(returns.expire_returned)
    for side in (doctor, expert):
        status, page = await side.page(f"/cases/{case.id}")
        assert status == 200
        assert "未复拍：所要求的资料未在期限内补充" in page
        assert "未在期限内补充，病例已结束" in page


async def test_telephone_numbers_are_for_those_who_see_names(
    house: ImageHouse, expert: Visitor
) -> None:
    case = waiting(house, "王春花")
    await expert.send(f"/api/queue/{case.id}/claim")
    send_back(near(house), case)
    do, who = house.clinic.do, house.world.photographer
    shown = do(who, retakes.make_list, after=None).lines
    masked = do(replace(who, sees_names=False), retakes.make_list, after=None).lines
    [(seen, hidden)] = [
        (line, other) for line, other in zip(shown, masked, strict=True) if line.case.id == case.id
    ]
    assert (seen.phone, hidden.phone) == (PHONE, "")
    assert hidden.patient.name != seen.patient.name


async def test_both_sides_hear_at_once_what_became_of_a_case(
    house: ImageHouse, doctor: Visitor, expert: Visitor
) -> None:
    case = waiting(house, "周阿妹")
    await expert.send(f"/api/queue/{case.id}/claim")
    here, there = await position_of(doctor), await position_of(expert)
    await expert.send(f"/api/cases/{case.id}/return", ASKED)
    assert "case.returned" in await kinds_since(doctor, here)
    photograph(near(house), case, LEFT_MACULA)
    await doctor.send(
        f"/api/cases/{case.id}/submit",
        {"version": await version_of(doctor, case), "answers": controls(case)},
    )
    assert {"case.submitted", "case.assigned"} <= await kinds_since(expert, there)


async def test_the_third_decline_stands_on_top_and_goes_to_another_panel(
    house: ImageHouse, doctor: Visitor, expert: Visitor, leader: Visitor
) -> None:
    case = waiting(house, "何金花")
    for turn in range(3):
        if turn:
            assert (await leader.send(f"/api/queue/{case.id}/send-on"))[0] == 200
        status, _ = await expert.send(f"/api/queue/{case.id}/decline", {"reason": f"第{turn}次"})
        assert status == 200
    status, listed = await leader.get("/api/queue?tab=declined")
    top = listed["cases"][0]
    assert (top["case_id"], top["declines"], top["is_pressed"]) == (case.id, 3, True)
    for side in (doctor, leader):
        status, page = await side.page(f"/cases/{case.id}")
        assert "已 3 次不予受理，由专家组组长负责处理" in page
        assert "第1次" in page

    await assert_forwarded(house, case, doctor, expert, leader)


async def assert_forwarded(
    house: ImageHouse, case: Case, doctor: Visitor, expert: Visitor, leader: Visitor
) -> None:
    """To a panel that the agreement allows, by the leader alone, with its whole way."""
    panel_id, other = second_panel(near(house))
    status, refused = await expert.send(
        f"/api/queue/{case.id}/forward", {"to_panel_id": panel_id, "reason": "青光眼"}
    )
    assert (status, refused["code"]) == (403, "not-panel-leader")
    status, found = await leader.get(f"/api/queue/{case.id}/panels")
    assert [each["id"] for each in found["panels"]] == [panel_id]
    assert "青光眼专家组" in (await leader.page(f"/cases/{case.id}/forward"))[1]
    status, refused = await leader.send(
        f"/api/queue/{case.id}/forward", {"to_panel_id": house.world.panel_id, "reason": "x"}
    )
    assert (status, refused["code"]) == (422, "same-panel")
    status, step = await leader.send(
        f"/api/queue/{case.id}/forward", {"to_panel_id": panel_id, "reason": "属青光眼专业"}
    )
    assert (status, step["status"]) == (200, "assigned")
    status, read = await doctor.get(f"/api/cases/{case.id}")
    promised = None if case.report_by is None else case.report_by.isoformat()
    assert (read["owner_id"], read["report_by"]) == (other.person, promised)
    status, trail = await doctor.get(f"/api/cases/{case.id}/trail")
    assert [each["kind"] for each in trail["steps"]] == [
        *["case.declined"] * 3,
        "case.escalated",
        "case.forwarded",
    ]
    status, page = await doctor.page(f"/cases/{case.id}")
    assert "眼底病专家组 → 青光眼专家组" in page


async def test_a_lease_that_runs_out_leaves_the_draft_and_says_so(
    house: ImageHouse, expert: Visitor, leader: Visitor
) -> None:
    case = waiting(house, "潘玉梅")
    await expert.send(f"/api/queue/{case.id}/claim")
    body = body_as_json(full_body(impression="写到一半的印象"))
    house.clinic.do(
        house.world.expert, reports.save_draft, case_id=case.id, content=body, revision=0
    )
    house.clinic.later(hours=2).system(queue.expire_leases)
    status, refused = await expert.send(f"/api/queue/{case.id}/renew")
    assert (status, refused["code"]) == (409, "case-not-yours")
    assert "草稿已保留" in refused["detail"]
    status, page = await expert.page(f"/cases/{case.id}/reading")
    assert "草稿" in page
    assert "领取已到期，病例放回" in (await expert.page(f"/cases/{case.id}"))[1]
    status, page = await leader.page("/worklist?tab=consult")
    assert "未完成草稿" in page
    assert "写到一半的印象" not in page
    assert (await expert.send(f"/api/queue/{case.id}/claim"))[0] == 200
    assert "写到一半的印象" in (await expert.page(f"/cases/{case.id}/reading"))[1]


async def test_a_withdrawn_case_is_gone_for_the_experts_and_says_why_at_home(
    house: ImageHouse, doctor: Visitor, expert: Visitor
) -> None:
    case = waiting(house, "郑爱珠")
    await expert.send(f"/api/queue/{case.id}/claim")
    status, answer = await doctor.send(
        f"/api/cases/{case.id}/withdraw",
        {"version": await version_of(doctor, case), "reason": "患者已自行就诊"},
    )
    assert (status, answer["status"]) == (200, "withdrawn")
    for door in (f"/api/cases/{case.id}", f"/api/cases/{case.id}/returns"):
        assert (await expert.get(door))[0] == 404
    assert (await expert.send(f"/api/queue/{case.id}/renew"))[0] == 404
    status, page = await doctor.page(f"/cases/{case.id}")
    for told in ("已撤回", "患者已自行就诊", "撤回病例"):
        assert told in page


async def version_of(visitor: Visitor, case: Case) -> int:
    """The case's revision as its page has it."""
    _status, read = await visitor.get(f"/api/cases/{case.id}")
    return int(read["version"])


def controls(case: Case) -> dict[str, Any]:
    """The answers as the page sends them."""
    return dict(case.answers)
