"""The other ways through booking by the doors: stopped, missed, asked of the hospital, rebooked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from consult.cases.model import Case
from consult.kernel.work import Role, Work
from consult.referrals.tables import AppointmentRow, ReferralRow
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.makers import referrals
from tests.makers.cases import citizen_number
from tests.makers.referrals import Office
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SEQUENCE = count(600, 2)
IN_DAYS = count(60)
WISH = {"urgency": "routine", "reason": "请散瞳检查及OCT。", "consent": True}


@dataclass
class Counter:
    """A hospital's office with a clinic of its own for this test, and the two browsers."""

    office: Office
    doctor: Visitor
    desk: Visitor
    clinic_id: str = ""

    def decided(self) -> Case:
        """A case of a patient of her own, decided for referral."""
        world = self.office.world
        self.office = self.office.at(world.clinic.at(utc_now()))
        number = citizen_number(next(SEQUENCE), birth="19470304")
        return referrals.make_decided(self.office, document_number=number)

    async def add_clinic(self, mode: str) -> None:
        """A clinic with its own name, booked in this way."""
        body = {"name": f"门诊{next(SEQUENCE)}", "department": "眼底病科", "address": "3 楼"}
        told = {**body, "phone": "0799-1234567", "mode": mode}
        status, added = await self.desk.send("/api/clinics", told)
        assert (status, added["mode"]) == (200, mode)
        self.clinic_id = added["id"]

    async def publish(self, **changes: Any) -> tuple[date, list[str]]:
        """A morning on a day that no other test uses; the day and four slots."""
        day = utc_now().date() + timedelta(days=next(IN_DAYS))
        told = {
            "day_from": day.isoformat(),
            "day_until": day.isoformat(),
            "weekdays": [day.isoweekday()],
            "start": "08:30",
            "end": "09:30",
            "minutes": 15,
            "physician_name": f"梁{self.clinic_id[-6:]}",
        }
        path = f"/api/clinics/{self.clinic_id}/slots"
        status, answer = await self.desk.send(path, {**told, **changes})
        assert status == 200, answer
        return day, [slot["id"] for slot in answer["slots"]]

    async def booked(self) -> tuple[Case, dict[str, Any], date]:
        """A patient with an appointment in the first slot of a day of its own."""
        case, (day, slots) = self.decided(), await self.publish()
        await self.doctor.send(f"/api/cases/{case.id}/hold", {"slot_ids": slots[:1]})
        press = {**WISH, "slot_id": slots[0]}
        status, booked = await self.doctor.send(f"/api/cases/{case.id}/booking", press)
        assert status == 200, booked
        return case, booked, day

    async def version(self, referral_id: str) -> int:
        """The referral's version as it stands."""
        _, stands = await self.doctor.get(f"/api/referrals/{referral_id}")
        return int(stands["version"])


@pytest.fixture
async def counter(house: WorldHouse) -> AsyncIterator[Counter]:
    world = house.world
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK)
    physician = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    seal = load_seal(house.house.data_dir / "keys")
    office = Office(world.consortium, seal, clerk.actor, world.things["clinic"])
    async with house.visitor(physician) as doctor, house.visitor(clerk) as behind:
        yield Counter(office, doctor, behind)


async def test_a_stopped_day_puts_the_patient_on_the_list_and_she_is_booked_anew(
    counter: Counter,
) -> None:
    await counter.add_clinic("direct")
    case, booked, day = await counter.booked()
    path = f"/api/clinics/{counter.clinic_id}/slots/stop"
    status, answer = await counter.desk.send(path, {"day": day.isoformat()})
    assert (status, answer["errors"][0]["field"]) == (422, "reason")
    told = {"day": day.isoformat(), "reason": "医师外出会诊"}
    status, done = await counter.desk.send(path, told)
    assert (status, done["stopped"], done["requeued"]) == (200, 4, [booked["referral_id"]])
    assert done["location"] == "/desk?view=rebook"
    status, again = await counter.desk.send(path, told)
    assert (status, again["stopped"], again["requeued"]) == (200, 0, [])
    status, listed = await counter.desk.get("/api/referrals?view=rebook")
    found = {each["id"]: each for each in listed["referrals"]}[booked["referral_id"]]
    assert (status, found["status"], found["requeued_because"]) == (200, "requested", "stopped")
    assert found["answer_by"]
    status, page = await counter.doctor.page(f"/cases/{case.id}")
    said = ("停诊，须改约", "医师外出会诊", "转诊办公室负责人", "承诺回复时间")
    assert [word for word in said if word not in page] == []
    assert (await counter.doctor.page(booked["location"]))[0] == 409
    await _rebook(counter, booked["referral_id"])


async def test_a_request_is_written_back_and_the_slip_says_place_and_number(
    counter: Counter,
) -> None:
    await counter.add_clinic("request")
    case = counter.decided()
    status, page = await counter.doctor.page(f"/cases/{case.id}/booking")
    assert (status, "申请预约" in page, counter.clinic_id in page) == (200, True, True)
    body = {**WISH, "clinic_id": counter.clinic_id}
    status, asked = await counter.doctor.send(f"/api/cases/{case.id}/referral", body)
    assert (status, bool(asked["answer_by"])) == (200, True)
    _, listed = await counter.desk.get("/api/referrals?view=asked")
    assert asked["id"] in [each["id"] for each in listed["referrals"]]
    _, page = await counter.desk.page(f"/desk/referrals/{asked['id']}")
    said = ("回填院内预约结果", "复制全部", "电话记录", "承诺回复时间")
    assert [word for word in said if word not in page] == []
    path = f"/api/referrals/{asked['id']}/write-back"
    day = utc_now().date() + timedelta(days=next(IN_DAYS))
    told = {"day": day.isoformat(), "at": "09:40", "place": "5 楼 12 诊室", "ticket": "A023"}
    status, answer = await counter.desk.send(path, {**told, "version": 99})
    assert (status, answer["code"]) == (409, "referral-changed")
    wish = {**told, "version": asked["version"]}
    status, written = await counter.desk.send(path, wish)
    assert (status, written["ticket"], written["slot_id"]) == (200, "A023", None)
    assert (await counter.desk.send(path, wish))[1]["id"] == written["id"]
    _, slip = await counter.doctor.page(f"/appointments/{written['id']}/slip")
    items = ("5 楼 12 诊室", "第 A023 号", "取号地点", "身份证/医保卡", "勿驾车", "09:40")
    assert [item for item in items if item not in slip] == []
    assert (await counter.doctor.send(path, wish))[0] == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": "2026-02-30"}, "day"),
        ({"day": "1999-01-01"}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"at": "9:40"}, "at"),
        ({"at": "24:00"}, "at"),
        ({"place": "长" * 201}, "place"),
        ({"ticket": "A\u202e1"}, "ticket"),
        ({"ticket": 23}, "ticket"),
        ({"replaces": "x"}, "replaces"),
        ({"version": 0}, "version"),
    ],
)
async def test_nonsense_is_not_written_back(
    counter: Counter, changes: dict[str, object], field: str
) -> None:
    await counter.add_clinic("request")
    body = {**WISH, "clinic_id": counter.clinic_id}
    case = counter.decided()
    _, asked = await counter.doctor.send(f"/api/cases/{case.id}/referral", body)
    day = (utc_now().date() + timedelta(days=9)).isoformat()
    told = {"day": day, "at": "09:40", "version": asked["version"], **changes}
    status, answer = await counter.desk.send(f"/api/referrals/{asked['id']}/write-back", told)
    assert status == 422, answer
    assert field in [error["field"] for error in answer["errors"]]


async def test_a_missed_visit_is_followed_up_by_the_inviting_side(
    counter: Counter, house: WorldHouse
) -> None:
    await counter.add_clinic("direct")
    case, booked, _ = await counter.booked()
    path = f"/api/referrals/{booked['referral_id']}"
    version = await counter.version(booked["referral_id"])
    status, answer = await counter.desk.send(f"{path}/noshow", {"version": version})
    assert (status, answer["code"]) == (409, "appointment-not-yet")
    counter.office.clinic.system(_yesterday, appointment_id=booked["id"])
    status, missed = await counter.desk.send(f"{path}/noshow", {"version": version})
    assert (status, missed["requeued_because"]) == (200, "noshow")
    status, listed = await counter.doctor.get("/api/salvages")
    found = {each["referral_id"]: each for each in listed["salvages"]}
    salvage = found[booked["referral_id"]]
    owner = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN).actor
    assert (status, salvage["outcome"]) == (200, "")
    assert (await counter.desk.get("/api/salvages"))[0] == 403
    for page in ("/salvages", "/salvages?view=done", salvage["location"], f"/cases/{case.id}"):
        assert (await counter.doctor.page(page))[0] == 200
    await _log_calls(counter, path)
    status, taken = await counter.doctor.send(
        f"{path}/salvage/take", {"version": salvage["version"]}
    )
    assert (status, taken["owner_id"]) == (200, owner.practitioner_id)
    await _end(counter, path, {"version": taken["version"], "reason": "患者不愿就诊"})
    status, page = await counter.doctor.page(salvage["location"])
    assert (status, "患者拒绝，已告知风险" in page) == (200, True)


async def test_an_appointment_is_cancelled_and_booked_anew_by_the_doors(counter: Counter) -> None:
    await counter.add_clinic("direct")
    _, booked, _ = await counter.booked()
    path = f"/api/referrals/{booked['referral_id']}"
    told = {"version": await counter.version(booked["referral_id"]), "reason": "患者改期"}
    status, asked = await counter.doctor.send(f"{path}/cancel-booking", told)
    assert (status, asked["requeued_because"]) == (200, "cancelled")
    _, listed = await counter.desk.get("/api/referrals?view=rebook")
    assert booked["referral_id"] in [each["id"] for each in listed["referrals"]]
    _, slots = await counter.publish()
    assert (await counter.doctor.send(f"{path}/hold", {"slot_ids": slots}))[0] == 200
    status, anew = await counter.doctor.send(f"{path}/confirm", {"slot_id": slots[0]})
    assert (status, anew["id"] != booked["id"]) == (200, True)
    _, stands = await counter.doctor.get(path)
    assert (stands["status"], stands["requeued_because"]) == ("booked", "")


async def test_what_is_due_and_not_booked_stands_on_the_red_list(counter: Counter) -> None:
    await counter.add_clinic("direct")
    case = counter.decided()
    body = {**WISH, "urgency": "emergency", "clinic_id": counter.clinic_id}
    _, asked = await counter.doctor.send(f"/api/cases/{case.id}/referral", body)
    _, listed = await counter.desk.get("/api/referrals?view=red")
    assert asked["id"] in [each["id"] for each in listed["referrals"]]
    status, page = await counter.desk.page("/desk?view=red")
    assert (status, asked["number"] in page, "is-red" in page) == (200, True, True)


async def test_a_late_answer_turns_red_and_is_told_to_the_clinic(counter: Counter) -> None:
    await counter.add_clinic("request")
    case = counter.decided()
    body = {**WISH, "clinic_id": counter.clinic_id}
    _, asked = await counter.doctor.send(f"/api/cases/{case.id}/referral", body)
    counter.office.clinic.system(_overdue, referral_id=asked["id"])
    _, listed = await counter.desk.get("/api/referrals?view=red")
    assert asked["id"] in [each["id"] for each in listed["referrals"]]
    status, page = await counter.doctor.page(f"/cases/{case.id}")
    assert (status, "承诺回复时间" in page, "b-danger" in page) == (200, True, True)


async def _rebook(counter: Counter, referral_id: str) -> None:
    """The office offers a time before the day, and books it."""
    _, slots = await counter.publish()
    status, page = await counter.desk.page(f"/desk/referrals/{referral_id}")
    assert (status, "停诊，须改约" in page, "可改约时间" in page) == (200, True, True)
    doors = f"/api/referrals/{referral_id}"
    assert (await counter.desk.send(f"{doors}/hold", {"slot_ids": slots}))[0] == 200
    status, anew = await counter.desk.send(f"{doors}/confirm", {"slot_id": slots[0]})
    assert (status, anew["slot_id"]) == (200, slots[0])
    _, listed = await counter.desk.get("/api/referrals?view=rebook")
    assert referral_id not in [each["id"] for each in listed["referrals"]]


async def _log_calls(counter: Counter, path: str) -> None:
    call = {"whom": "patient", "result": "no_answer", "note": "上午"}
    for visitor in (counter.doctor, counter.desk):
        status, logged = await visitor.send(f"{path}/calls", call)
        assert (status, logged["result"]) == (200, "no_answer")
    assert (await counter.doctor.send(f"{path}/calls", {**call, "whom": "neighbour"}))[0] == 422


async def _end(counter: Counter, path: str, end: dict[str, Any]) -> None:
    for outcome, code in (("lost", "tries-too-few"), ("refused", "risk-not-told")):
        told = {**end, "outcome": outcome}
        status, answer = await counter.doctor.send(f"{path}/salvage/outcome", told)
        assert (status, answer["errors"][0]["code"]) == (422, code)
    told = {**end, "outcome": "refused", "risk_told": True}
    status, ended = await counter.doctor.send(f"{path}/salvage/outcome", told)
    assert (status, ended["status"]) == (200, "patient_declined")


def _yesterday(work: Work, *, appointment_id: str) -> None:
    row = work.session.get_one(AppointmentRow, appointment_id)
    row.starts_at = work.now - timedelta(days=1)


def _overdue(work: Work, *, referral_id: str) -> None:
    row = work.session.get_one(ReferralRow, referral_id)
    row.answer_by = work.now - timedelta(minutes=5)
