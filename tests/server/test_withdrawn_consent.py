"""A consent is withdrawn while the patient is booked: photographs go, she is still expected."""

import asyncio
import time
from datetime import timedelta
from itertools import count

import pytest

from consult.blobs.folder import FolderStore
from consult.calendar import service_hold
from consult.cases.consents import service as consents
from consult.cases.images import service as images
from consult.kernel.work import Role
from consult.referrals import service_book
from consult.referrals.records import Appointment
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.makers import referrals
from tests.makers.cases import citizen_number, make_patient
from tests.makers.referrals import Office
from tests.makers.tiny_images import Darkroom
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side
from tests.makers.world_story import decide_to_refer

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SEQUENCE = count(700, 2)
NAME = "闻人璎珞"
GONE_WITHIN_S = 5.0


def book(house: WorldHouse) -> tuple[Appointment, str, str]:
    """A booked patient of her own: the appointment, her consent, and a picture's address."""
    world, data_dir = house.world, house.house.data_dir
    seal = load_seal(data_dir / "keys")
    desk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    office = Office(world.consortium, seal, desk, world.things["clinic"])
    number = citizen_number(next(SEQUENCE), birth="19480102")
    patient = make_patient(world.consortium, name=NAME, document_number=number)
    case = decide_to_refer(
        world, patient, Darkroom(world.consortium, FolderStore(data_dir / "blobs")), seal
    )
    day = utc_now().date() + timedelta(days=90 + next(SEQUENCE) % 60)
    days = {"day_from": day, "day_until": day, "weekdays": frozenset({day.isoweekday()})}
    slot = referrals.publish(office, **days)[0]
    do, by = world.now.do, world.consortium.physician
    rules = referrals.book()
    do(by, service_hold.hold_slot, slot_id=slot.id, case_id=case.id, limits=rules.holds)
    told = {"case_id": case.id, "slot_id": slot.id, "wish": referrals.request(office)}
    booked = do(by, service_book.refer_and_book, **told, rules=rules.referrals)
    (consent,) = do(by, consents.list_consents, patient_id=patient.id)
    uids = do(by, images.list_case_images, case_id=case.id)[0].instance.uids
    picture = (
        f"/dicomweb/YXWS/studies/{uids.study_instance_uid}/series/{uids.series_instance_uid}"
        f"/instances/{uids.sop_instance_uid}/rendered"
    )
    return booked, consent.id, picture


async def status_of(visitor: Visitor, path: str) -> int:
    async with visitor.raw.get(path, headers={"Accept": "*/*"}) as answer:
        await answer.read()
        return answer.status


async def test_the_expert_sees_nothing_more_and_the_office_still_expects_the_patient(
    house: WorldHouse,
) -> None:
    booked, consent_id, picture = await asyncio.to_thread(book, house)
    world = house.world
    physician = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert, clerk = (world.person(Side.LEAD, role) for role in (Role.EXPERT, Role.REFERRAL_DESK))
    case, page = f"/cases/{booked.case_id}", f"/desk/referrals/{booked.referral_id}"
    async with (
        house.visitor(physician) as doctor,
        house.visitor(expert) as reader,
        house.visitor(clerk) as office,
    ):
        picture = picture.replace("YXWS", "yxws")
        assert [await status_of(reader, path) for path in (case, picture)] == [200, 200]
        assert case in (await office.page(page))[1]
        status, told = await doctor.send(
            f"/api/consents/{consent_id}/withdraw", {"reason": "患者要求"}
        )
        assert status == 200, told
        since = time.monotonic()
        assert [await status_of(reader, path) for path in (case, picture)] == [404, 404]
        assert time.monotonic() - since < GONE_WITHIN_S
        status, text = await office.page(page)
        assert status == 200
        assert NAME in text
        assert booked.number in text
        assert case not in text
        assert "患者对共享的知情同意已终止" in text
        assert (await office.page(f"/appointments/{booked.id}/slip"))[0] == 200
        assert (await office.page(f"{page}/booking?change=1"))[0] == 200
        assert [await status_of(doctor, path) for path in (case, picture)] == [200, 200]
