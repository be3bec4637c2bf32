"""A hundred want the same thing at once: one has the case, ten have the slots (F15, F16, T18).

Through the house on SQLite, and through the services on both databases.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import time as clock_time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from consult.blobs.folder import FolderStore
from consult.calendar import service_hold
from consult.calendar.errors import SlotTakenError
from consult.calendar.model import SlotStatus
from consult.calendar.tables import SlotRow
from consult.kernel.work import Actor, Role, Work
from consult.people.organisations import panels
from consult.queue import service as queue
from consult.queue.errors import CaseTakenError
from consult.queue.tables import ClaimRow
from consult.reports.seal import load_seal
from server.transactions import utc_now
from tests.makers import referrals
from tests.makers.cases import citizen_number, make_patient
from tests.makers.clinic import Clinic
from tests.makers.consortium import make_consortium
from tests.makers.reports import make_read_case, queue_limits
from tests.makers.tiny_images import Darkroom
from tests.makers.twins import make_decided_twins
from tests.makers.world import World
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side, add_person, let_in
from tests.makers.world_story import decide_to_refer

RACERS, SLOTS = 100, 10
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house of its own, with a hundred experts on one panel."""
    with open_world(tmp_path_factory.mktemp("track")) as opened:
        yield opened


@pytest.mark.server
async def test_of_a_hundred_experts_one_has_the_case_and_the_others_are_told_who(
    track: WorldHouse,
) -> None:
    experts = await asyncio.to_thread(_add_experts, track.world)
    case_id = track.world.things["case"]

    async def claim(expert: Person) -> tuple[int, Any]:
        async with track.visitor(expert, language="zh-Hans") as visitor:
            return await visitor.send(f"/api/queue/{case_id}/claim")

    answers = await asyncio.gather(*map(claim, experts))
    winner = [expert for expert, (status, _) in zip(experts, answers, strict=True) if status == 200]
    assert Counter(status for status, _ in answers) == {200: 1, 409: RACERS - 1}
    losers = [told for status, told in answers if status == 409]
    assert {told["code"] for told in losers} == {"case-taken"}
    name = f"专家{experts.index(winner[0])}"
    assert all(name in told["detail"] for told in losers)
    assert track.world.now.system(_claims_of, case_id=case_id) == [winner[0].id]


@pytest.mark.server
async def test_of_a_hundred_clients_ten_book_the_ten_slots(track: WorldHouse) -> None:
    physician = track.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    cases, slots = await asyncio.to_thread(_add_bookable, track)

    async def book(case_id: str) -> list[tuple[int, Any]]:
        async with track.visitor(physician) as visitor:
            path = f"/api/cases/{case_id}"
            held = await visitor.send(f"{path}/hold", {"slot_ids": slots})
            if held[0] != 200:
                return [held]
            wish = {"slot_id": held[1]["slot"]["id"], "urgency": "routine", "reason": "散瞳检查"}
            return [held, await visitor.send(f"{path}/booking", wish | {"consent": True})]

    answers = await asyncio.gather(*map(book, cases))
    booked = [told for found in answers for status, told in found[1:] if status == 200]
    assert Counter(found[0][0] for found in answers) == {200: SLOTS, 409: RACERS - SLOTS}
    assert {found[0][1]["code"] for found in answers if found[0][0] == 409} == {"slot-taken"}
    assert len(booked) == SLOTS, [found for found in answers if len(found) > 1]
    assert sorted(told["slot_id"] for told in booked) == sorted(slots)
    assert track.world.now.system(_booked_slots, slot_ids=slots) == SLOTS


def test_of_a_hundred_claims_at_once_one_wins_on_either_database(clinic: Clinic) -> None:
    world = make_consortium(clinic)
    case = make_read_case(world)
    racers: list[Actor] = [world.leader, world.expert]
    started: list[Future[Any]] = [
        clinic.start(racers[turn % 2], queue.claim_case, case_id=case.id, limits=queue_limits())
        for turn in range(RACERS)
    ]
    failures = [future.exception(timeout=60) for future in started]
    won = {turn % 2 for turn, failure in enumerate(failures) if failure is None}
    assert len(won) == 1
    assert {type(failure) for failure in failures if failure is not None} == {CaseTakenError}
    assert clinic.system(_claims_of, case_id=case.id) == [racers[won.pop()].person]
    assert clinic.kinds().count("case.claimed") == 1


def test_of_a_hundred_holds_at_once_ten_win_on_either_database(
    clinic: Clinic, tmp_path: Path
) -> None:
    office = referrals.make_office(clinic, load_seal(tmp_path))
    decided = referrals.make_decided(office)
    twins = referrals.make_twins(office, decided, RACERS)
    slots = referrals.publish(office, end=clock_time(11, 0))[:SLOTS]
    started = [
        clinic.start(
            office.world.physician,
            service_hold.hold_any,
            slot_ids=[slot.id for slot in slots],
            case_id=twin,
            limits=referrals.book().holds,
        )
        for twin in twins
    ]
    failures = [future.exception(timeout=60) for future in started]
    held = [future.result().id for future, no in zip(started, failures, strict=True) if no is None]
    assert sorted(held) == sorted(slot.id for slot in slots)
    assert {type(no) for no in failures if no is not None} == {SlotTakenError}


def _add_experts(world: World) -> list[Person]:
    """A hundred experts of the hospital, all on the panel, all signed in."""
    clinic, place = world.now, world.places[Side.LEAD]
    found = []
    for number in range(RACERS):
        login = f"expert{number}"
        person = add_person(
            clinic, place, side=Side.LEAD, role=Role.EXPERT, login=login, name=f"专家{number}"
        )
        panel = clinic.system(panels.get_panel, panel_id=world.things["panel"])
        clinic.system(
            panels.add_panel_member,
            panel_id=panel.id,
            revision=panel.revision,
            practitioner_id=person.id,
        )
        found.append(let_in(clinic, person))
    return found


def _add_bookable(track: WorldHouse) -> tuple[list[str], list[str]]:
    """A hundred decided cases that want one of ten slots."""
    world, data_dir = track.world, track.house.data_dir
    seal = load_seal(data_dir / "keys")
    desk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    office = referrals.Office(world.consortium, seal, desk, world.things["clinic"])
    day = utc_now().date() + timedelta(days=5)
    slots = referrals.publish(
        office,
        day_from=day,
        day_until=day,
        weekdays=frozenset({day.isoweekday()}),
        start=clock_time(8, 0),
        end=clock_time(12, 0),
    )[:SLOTS]
    patient = make_patient(world.consortium, name="齐飞", document_number=citizen_number(998))
    darkroom = Darkroom(world.consortium, FolderStore(data_dir / "blobs"))
    case = decide_to_refer(world, patient, darkroom, seal)
    twins = world.now.system(make_decided_twins, case_id=case.id, count=RACERS, of_one_person=False)
    return twins, [slot.id for slot in slots]


def _claims_of(work: Work, *, case_id: str) -> list[str]:
    found = work.session.scalars(select(ClaimRow).where(ClaimRow.case_id == case_id))
    return [row.practitioner_id for row in found]


def _booked_slots(work: Work, *, slot_ids: list[str]) -> int:
    booked = select(func.count()).where(
        SlotRow.id.in_(slot_ids), SlotRow.status == SlotStatus.BOOKED
    )
    return work.session.scalar(booked) or 0
