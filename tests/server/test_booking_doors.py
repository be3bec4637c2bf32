"""Slots, booking, the slip and the referral office through the door, as pages and scripts go."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from consult.cases.model import Case
from consult.kernel.work import Role
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.makers import referrals
from tests.makers.cases import citizen_number
from tests.makers.referrals import Office
from tests.makers.twins import make_decided_twins
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SEQUENCE = count(300, 2)
IN_DAYS = count(20)
WISH = {"urgency": "routine", "reason": "请散瞳检查及OCT。", "consent": True}


@dataclass
class Desk:
    """A hospital's clinic with its office, and the two browsers."""

    office: Office
    doctor: Visitor
    desk: Visitor

    def decided(self) -> Case:
        """A case of a patient of her own, decided for referral."""
        world = self.office.world
        self.office = self.office.at(world.clinic.at(utc_now()))
        number = citizen_number(next(SEQUENCE), birth="19480102")
        return referrals.make_decided(self.office, document_number=number)

    async def publish(self, **changes: Any) -> tuple[int, Any]:
        """Publish a morning on a day that no other test uses."""
        day = utc_now().date() + timedelta(days=next(IN_DAYS))
        told = {
            "day_from": day.isoformat(),
            "day_until": day.isoformat(),
            "weekdays": [day.isoweekday()],
            "start": "08:30",
            "end": "09:30",
            "minutes": 15,
            "physician_name": "梁思远",
        }
        path = f"/api/clinics/{self.office.clinic_id}/slots"
        return await self.desk.send(path, {**told, **changes})

    async def slot_ids(self) -> list[str]:
        """Four fresh slots."""
        status, answer = await self.publish()
        assert status == 200, answer
        return [slot["id"] for slot in answer["slots"]]


@pytest.fixture
async def desk(house: WorldHouse) -> AsyncIterator[Desk]:
    world = house.world
    clerk = world.person(Side.LEAD, Role.REFERRAL_DESK)
    physician = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    seal = load_seal(house.house.data_dir / "keys")
    office = Office(world.consortium, seal, clerk.actor, world.things["clinic"])
    async with house.visitor(physician) as doctor, house.visitor(clerk) as behind:
        yield Desk(office, doctor, behind)


async def test_from_the_signed_report_to_the_booked_slot_in_three_acts(desk: Desk) -> None:
    world = desk.office.world
    desk.office = desk.office.at(world.clinic.at(utc_now()))
    number = citizen_number(next(SEQUENCE), birth="19480102")
    report = referrals.make_reported(desk.office, document_number=number)
    slots = await desk.slot_ids()
    answer: dict[str, Any] = {"choice": "accepted", "next_step": "refer"}
    acts = (
        ("decision", answer),
        ("hold", {"slot_ids": slots[:1]}),
        ("booking", {**WISH, "slot_id": slots[0]}),
    )
    assert len(acts) == 3
    for name, body in acts:
        status, answer = await desk.doctor.send(f"/api/cases/{report.case_id}/{name}", body)
        assert status == 200, (name, answer)
    assert answer["location"] == f"/appointments/{answer['id']}/slip"
    _status, told = await desk.doctor.get(f"/api/cases/{report.case_id}/timeline")
    kinds = [event["kind"] for event in told["events"]]
    assert {"case.acknowledged", "case.decided"} <= set(kinds)


async def test_from_the_decision_to_the_slip(desk: Desk) -> None:
    case, slots = desk.decided(), await desk.slot_ids()
    status, page = await desk.doctor.page(f"/cases/{case.id}/booking")
    assert status == 200
    for said in (
        "ADA 2017 转诊标准",
        "2026.1",
        "Diabetes Care 2017",
        "符合转诊标准",
        "左眼中度非增生型",
    ):
        assert said in page
    held, hold = await desk.doctor.send(f"/api/cases/{case.id}/hold", {"slot_ids": slots})
    assert (held, hold["slot"]["id"]) == (200, slots[0])
    press = {**WISH, "slot_id": slots[0]}
    status, booked = await desk.doctor.send(f"/api/cases/{case.id}/booking", press)
    assert status == 200, booked
    status, again = await desk.doctor.send(f"/api/cases/{case.id}/booking", press)
    assert (status, again["id"]) == (200, booked["id"])
    assert booked["location"] == f"/appointments/{booked['id']}/slip"


@pytest.mark.parametrize(
    ("language", "items"),
    [
        (
            "zh-Hans",
            [
                *("预约就诊单", "身份证/医保卡", "转诊单", "既往资料", "眼镜", "数小时视物模糊"),
                *(
                    "请家属陪同",
                    "勿驾车",
                    "第 1 号",
                    "1 楼自助机或 6 号窗口取号",
                    "门诊楼 3 楼 5 诊室",
                ),
                *("0799-2266110", "立即拨", "眼底病科", "梁思远"),
            ],
        ),
        (
            "en",
            [
                *("Appointment slip", "Identity card or insurance card", "referral letter"),
                *("earlier records", "glasses", "blurred for some hours", "family member"),
                *("do not drive", "No. 1", "Outpatient building, floor 3, room 5", "at once"),
            ],
        ),
    ],
)
async def test_the_slip_names_what_to_bring_and_what_to_heed(
    desk: Desk, house: WorldHouse, language: str, items: list[str]
) -> None:
    booked = await _booked(desk)
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(physician, language=language) as reader:
        status, slip = await reader.page(booked["location"])
    assert status == 200
    assert [item for item in items if item not in slip] == []
    assert slip.count("张桂英") >= 2
    assert booked["number"] in slip


async def test_the_slips_of_all_who_are_booked_are_printed_in_one_job(
    desk: Desk, house: WorldHouse
) -> None:
    booked = [await _booked(desk), await _booked(desk)]
    status, slips = await desk.doctor.page("/screening/slips")
    assert status == 200
    assert [each["number"] in slips for each in booked] == [True, True]
    assert slips.count('class="slip-sheet"') >= 2
    assert 'href="/screening/slips"' in (await desk.doctor.page("/screening"))[1]
    clerk = house.world.person(Side.LEAD, Role.REFERRAL_DESK)
    async with house.visitor(clerk) as reader:
        _, own = await reader.page("/screening/slips")
    assert not any(each["number"] in own for each in booked)  # they are the clinic's to print


async def test_without_consent_the_sentence_stands_at_the_tick(desk: Desk) -> None:
    case, slots = desk.decided(), await desk.slot_ids()
    await desk.doctor.send(f"/api/cases/{case.id}/hold", {"slot_ids": slots[:1]})
    body = {**WISH, "consent": False, "slot_id": slots[0]}
    status, answer = await desk.doctor.send(f"/api/cases/{case.id}/booking", body)
    assert status == 422
    assert answer["errors"] == [
        {
            "field": "consent",
            "code": "referral-consent-needed",
            "sentence": "未经患者同意不能转诊。",
        }
    ]


async def test_a_second_referral_is_told_the_number_of_the_first(desk: Desk) -> None:
    case = desk.decided()
    body = {**WISH, "clinic_id": desk.office.clinic_id}
    status, first = await desk.doctor.send(f"/api/cases/{case.id}/referral", body)
    assert status == 200
    status, second = await desk.doctor.send(f"/api/cases/{case.id}/referral", body)
    assert (status, second["code"]) == (409, "referral-live")
    assert first["number"] in second["detail"]


async def test_the_second_case_of_a_patient_is_led_to_the_referral_of_the_first(
    desk: Desk,
) -> None:
    case = desk.decided()
    clinic = desk.office.world.clinic
    [twin] = clinic.system(make_decided_twins, case_id=case.id, count=1)
    body = {**WISH, "clinic_id": desk.office.clinic_id}
    _, first = await desk.doctor.send(f"/api/cases/{case.id}/referral", body)
    status, second = await desk.doctor.send(f"/api/cases/{twin}/referral", body)
    assert (status, second["code"]) == (409, "referral-live")
    assert second["location"] == f"/cases/{case.id}#booking"
    assert [word in second["detail"] for word in (first["number"], "眼底病科", "…")] == [
        *(True, True),
        False,
    ]
    status, page = await desk.doctor.page(f"/cases/{twin}/booking")
    assert (status, first["number"] in page, "已转诊：" in page) == (200, True, True)
    assert f"/api/cases/{twin}/hold" not in page
    status, ended = await desk.doctor.send(
        f"/api/cases/{twin}/referral/ended", {"how": "cancelled", "reason": "已有转诊"}
    )
    assert (status, ended["status"]) == (200, "cancelled")


async def test_the_office_moves_an_appointment_by_the_doors_that_the_clinic_has(
    desk: Desk,
) -> None:
    booked, slots = await _booked(desk), await desk.slot_ids()
    path = f"/api/referrals/{booked['referral_id']}"
    page = f"/desk/referrals/{booked['referral_id']}/booking"
    status, drawn = await desk.desk.page(f"{page}?change=1")
    assert (status, f"{path}/hold" in drawn, booked["id"] in drawn) == (200, True, True)
    assert (await desk.desk.page(f"{page}?change=x"))[0] == 422
    assert (await desk.desk.send(f"{path}/hold", {"slot_ids": slots}))[0] == 200
    press = {"slot_id": slots[0]}
    status, answer = await desk.desk.send(f"{path}/confirm", press)
    assert (status, answer["code"]) == (409, "referral-booked-already")
    status, moved = await desk.desk.send(f"{path}/confirm", {**press, "replaces": booked["id"]})
    assert (status, moved["slot_id"]) == (200, slots[0])
    status, slip = await desk.doctor.page(moved["location"])
    assert (status, booked["number"] in slip) == (200, True)
    assert (await desk.doctor.page(booked["location"]))[0] == 409
    _, stands = await desk.doctor.get(path)
    told = {"version": stands["version"], "reason": "停诊", "how": "declined"}
    status, answer = await desk.doctor.send(f"{path}/end", told)
    assert (status, answer["code"]) == (422, "referral-end-not-yours")
    status, answer = await desk.desk.send(f"{path}/end", told)
    assert (status, answer["location"]) == (200, f"/desk/referrals/{booked['referral_id']}")
    assert (await desk.desk.page(page))[0] == 200, "an ended referral's own page takes its place"


async def test_a_slot_that_somebody_has_is_refused_with_a_sentence(desk: Desk) -> None:
    first, second, slots = desk.decided(), desk.decided(), await desk.slot_ids()
    one = {"slot_ids": slots[:1]}
    assert (await desk.doctor.send(f"/api/cases/{first.id}/hold", one))[0] == 200
    status, answer = await desk.doctor.send(f"/api/cases/{second.id}/hold", one)
    assert (status, answer["code"]) == (409, "slot-taken")
    assert answer["detail"] == "该号刚被他人占用，请另选。"
    status, answer = await desk.doctor.send(
        f"/api/cases/{second.id}/booking", {**WISH, "slot_id": slots[0]}
    )
    assert (status, answer["code"]) == (409, "hold-over")


async def test_an_old_page_cancels_nothing_and_a_reason_is_due(desk: Desk) -> None:
    booked = await _booked(desk)
    path = f"/api/referrals/{booked['referral_id']}"
    _, stands = await desk.doctor.get(path)
    version = stands["version"]
    status, answer = await desk.doctor.send(f"{path}/cancel-booking", {"version": version})
    assert (status, answer["errors"][0]["field"]) == (422, "reason")
    reason = {"reason": "患者改期"}
    status, answer = await desk.doctor.send(
        f"{path}/cancel-booking", {"version": version - 1, **reason}
    )
    assert (status, answer["code"]) == (409, "referral-changed")
    status, answer = await desk.doctor.send(
        f"{path}/cancel-booking", {"version": version, **reason}
    )
    assert (status, answer["status"]) == (200, "requested")
    assert (await desk.doctor.page(booked["location"]))[0] == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": "8:30"}, "start"),
        ({"start": "24:00"}, "start"),
        ({"start": "08:30:00"}, "start"),
        ({"start": "08:30+08:00"}, "start"),
        ({"start": 830}, "start"),
        ({"start": "１０:３０"}, "start"),
        ({"end": "08:30"}, "end"),
        ({"end": "07:00"}, "end"),
        ({"day_from": "2026-02-30"}, "day_from"),
        ({"day_from": 1767571200}, "day_from"),
        ({"day_from": "1999-01-01"}, "day_from"),
        ({"day_until": "9999-12-31"}, "day_until"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [0]}, "weekdays.0"),
        ({"weekdays": ["1"]}, "weekdays.0"),
        ({"weekdays": [1] * 8}, "weekdays"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 4}, "minutes"),
        ({"minutes": 10**9}, "minutes"),
        ({"minutes": "15"}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"minutes": 15.5}, "minutes"),
        ({"physician_name": "长" * 81}, "physician_name"),
        ({"physician_name": "梁\u202e思远"}, "physician_name"),
        ({"physician_id": "0" * 32}, "physician_id"),
        ({"physician_id": "x"}, "physician_id"),
        ({"zone": "Mars/Olympus"}, "zone"),
    ],
)
async def test_a_publication_with_nonsense_names_the_field_and_publishes_nothing(
    desk: Desk, changes: dict[str, object], field: str
) -> None:
    status, answer = await desk.publish(**changes)
    assert status == 422, answer
    assert field in [error["field"] for error in answer["errors"]]


async def test_ten_thousand_slots_are_too_many(desk: Desk) -> None:
    first = utc_now().date() + timedelta(days=1)
    status, answer = await desk.publish(
        day_from=first.isoformat(),
        day_until=(first + timedelta(days=170)).isoformat(),
        weekdays=[1, 2, 3, 4, 5, 6, 7],
        start="06:00",
        end="20:00",
        minutes=5,
        physician_name="万号",
    )
    assert (status, answer["errors"][0]["code"]) == (422, "too-many-slots")


async def test_the_office_lists_its_referrals_and_every_page_stands_in_both_languages(
    desk: Desk, house: WorldHouse
) -> None:
    booked = await _booked(desk)
    clerk = house.world.person(Side.LEAD, Role.REFERRAL_DESK)
    for language, words in (("zh-Hans", "双向转诊办公室"), ("en", "Referral office")):
        async with house.visitor(clerk, language=language) as reader:
            status, page = await reader.page("/desk")
            assert (status, words in page) == (200, True)
            for path in ("/desk?view=red", "/desk?view=today", "/desk?view=done", "/slots"):
                assert (await reader.page(path))[0] == 200
            status, page = await reader.page(f"/desk/referrals/{booked['referral_id']}")
            assert (status, booked["number"] in page) == (200, True)
    status, listed = await desk.desk.get("/api/referrals")
    assert booked["referral_id"] in [each["id"] for each in listed["referrals"]]
    early = f"/api/referrals/{booked['referral_id']}/arrived"
    status, answer = await desk.desk.send(early, {"version": 2})
    assert (status, answer["code"]) == (409, "appointment-not-yet")


@pytest.mark.parametrize("query", ["week=2026-99-99", "week=x", "week=2026-1-1", "at=../..", "at="])
async def test_nonsense_in_the_address_of_the_booking_page_is_refused(
    desk: Desk, query: str
) -> None:
    case = desk.decided()
    status, page = await desk.doctor.page(f"/cases/{case.id}/booking?{query}")
    assert (status, "Traceback" in page) == (422, False)


async def test_a_clinic_is_added_corrected_and_not_overwritten_from_an_old_page(
    desk: Desk,
) -> None:
    body = {
        "name": f"门诊{next(SEQUENCE)}",
        "department": "眼底病科",
        "address": "3 楼",
        "phone": "0799-1234567",
    }
    status, added = await desk.desk.send("/api/clinics", body)
    assert (status, added["version"]) == (200, 1)
    path = f"/api/clinics/{added['id']}"
    status, changed = await desk.desk.send(path, {**body, "phone": "0799-7", "version": 1})
    assert (status, changed["phone"]) == (200, "0799-7")
    status, answer = await desk.desk.send(path, {**body, "version": 1})
    assert (status, answer["code"]) == (409, "clinic-changed")
    status, answer = await desk.desk.send("/api/clinics", {**body, "phone": "<b>1</b>"})
    assert (status, answer["errors"][0]["field"]) == (422, "phone")


async def _booked(desk: Desk) -> dict[str, Any]:
    case, slots = desk.decided(), await desk.slot_ids()
    await desk.doctor.send(f"/api/cases/{case.id}/hold", {"slot_ids": slots[:1]})
    status, booked = await desk.doctor.send(
        f"/api/cases/{case.id}/booking", {**WISH, "slot_id": slots[0]}
    )
    assert status == 200, booked
    return dict(booked)
