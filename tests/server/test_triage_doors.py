"""The referral office's answers through the door, and what the sender reads of each (REF-06)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from consult.kernel.work import Role
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.makers import referrals
from tests.makers.cases import citizen_number
from tests.makers.referrals import Office
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SEQUENCE = count(900, 2)
WISH = {"urgency": "routine", "reason": "请散瞳检查及OCT。", "consent": True}


@dataclass
class Request:
    """A request that waits at a clinic of its own, and the two browsers."""

    doctor: Visitor
    desk: Visitor
    case_id: str
    referral_id: str
    clinic_id: str
    other_clinic_id: str

    async def answer(self, door: str, **told: Any) -> tuple[int, Any]:
        """What the office says, from the page as it stands now."""
        path = f"/api/referrals/{self.referral_id}"
        if "version" not in told:
            _, stands = await self.desk.get(path)
            told["version"] = stands["version"]
        return await self.desk.send(f"{path}/{door}", told)

    async def is_told(self, *words: str) -> bool:
        """Whether the sender's page says so."""
        _, page = await self.doctor.page(f"/cases/{self.case_id}")
        return all(word in page for word in words)

    async def is_refused(self, door: str, field: str, **told: Any) -> bool:
        """Whether the office is told which field is wrong."""
        status, answer = await self.answer(door, **told)
        return (status, [each["field"] for each in answer["errors"]]) == (422, [field])


@pytest.fixture
async def request_(house: WorldHouse) -> AsyncIterator[Request]:
    world = house.world
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK)
    physician = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    seal = load_seal(house.house.data_dir / "keys")
    office = Office(world.consortium, seal, clerk.actor, world.things["clinic"])
    number = citizen_number(next(SEQUENCE), birth="19470304")
    case = referrals.make_decided(office.at(world.clinic.at(utc_now())), document_number=number)
    async with house.visitor(physician) as doctor, house.visitor(clerk) as desk:
        clinics = [await _add_clinic(desk, department) for department in ("眼底病科", "青光眼科")]
        body = {**WISH, "clinic_id": clinics[0]}
        status, asked = await doctor.send(f"/api/cases/{case.id}/referral", body)
        assert status == 200, asked
        yield Request(doctor, desk, str(case.id), asked["id"], *clinics)


async def test_an_acceptance_reaches_whoever_asked(request_: Request) -> None:
    status, _ = await request_.answer("accept", note="周二安排OCT")
    assert status == 200
    assert await request_.is_told("同意接诊，待安排时间", "周二安排OCT")
    _, page = await request_.desk.page(f"/desk?row={request_.referral_id}")
    assert ("周二安排OCT" in page, 'id="his-copy"' in page) == (True, True)


async def test_a_graver_urgency_is_told_and_stands_on_the_red_list(request_: Request) -> None:
    assert await request_.is_refused("upgrade", "reason", urgency="emergency")
    assert await request_.is_refused("upgrade", "urgency", urgency="routine", reason="视力骤降")
    status, told = await request_.answer("upgrade", urgency="emergency", reason="视力骤降")
    assert (status, told["urgency"], bool(told["answer_by"])) == (200, "emergency", True)
    assert await request_.is_told("已提高紧急程度", "视力骤降")
    _, listed = await request_.desk.get("/api/referrals?view=red")
    assert request_.referral_id in [each["id"] for each in listed["referrals"]]


async def test_a_request_goes_on_to_another_department(request_: Request) -> None:
    reason = {"reason": "眼压高"}
    assert await request_.is_refused("redirect", "clinic_id", clinic_id="0" * 32, **reason)
    same = {"clinic_id": request_.clinic_id, **reason}
    assert await request_.is_refused("redirect", "clinic_id", **same)
    there = {"clinic_id": request_.other_clinic_id}
    assert await request_.is_refused("redirect", "reason", **there)
    status, old = await request_.answer("redirect", version=99, **there, **reason)
    assert (status, old["code"]) == (409, "referral-changed")
    status, told = await request_.answer("redirect", **there, **reason)
    assert (status, told["location"]) == (200, f"/desk/referrals/{request_.referral_id}")
    assert await request_.is_told("已转至本科室", "眼压高")


async def test_a_returned_request_comes_back_with_its_advice_and_may_be_sent_anew(
    request_: Request,
) -> None:
    assert await request_.is_refused("end", "reason", how="returned")
    status, told = await request_.answer("end", how="returned", reason="先查视野，3 月后再转")
    assert (status, told["status"]) == (200, "returned")
    assert await request_.is_told("接诊医院建议", "先查视野，3 月后再转", "已退回并附建议")
    _, line = await request_.doctor.get(f"/api/cases/{request_.case_id}/timeline")
    kinds = [event["kind"] for event in line["events"]]
    assert {"referral.returned", "case.referral_returned"} <= set(kinds)
    body = {**WISH, "clinic_id": request_.clinic_id, "reason": "视野已查，缺损"}
    status, anew = await request_.doctor.send(f"/api/cases/{request_.case_id}/referral", body)
    assert (status, anew["status"]) == (200, "requested")


async def test_a_row_that_is_not_there_opens_nothing(request_: Request) -> None:
    status, page = await request_.desk.page(f"/desk?row={'0' * 32}")
    assert (status, "office-open" in page) == (200, False)
    status, page = await request_.desk.page("/desk?row=../..")
    assert (status, "Traceback" in page) == (422, False)


async def _add_clinic(desk: Visitor, department: str) -> str:
    body = {"name": f"门诊{next(SEQUENCE)}", "department": department, "address": "3 楼"}
    told = {**body, "phone": "0799-1234567", "mode": "request"}
    status, added = await desk.send("/api/clinics", told)
    assert status == 200, added
    return str(added["id"])
