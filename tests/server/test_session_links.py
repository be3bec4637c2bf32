"""A link for a booked session: made beforehand, good in its time, once, gone when it is moved."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from consult.cases import service as cases
from consult.kernel.work import Role
from server.transactions import utc_now
from tests.makers.guests import use
from tests.makers.media_house import eventually
from tests.makers.video_sessions import book_soon
from tests.makers.visitor import Visitor
from tests.makers.world import CANARIES
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Booked:
    """A session of the case, with the doctor who booked it."""

    house: WorldHouse
    doctor: Visitor
    session_id: str

    @property
    def case_id(self) -> str:
        """The case of the session."""
        return self.house.world.things["case"]

    @property
    def links(self) -> str:
        """Where its links are made."""
        return f"/api/cases/{self.case_id}/video-sessions/{self.session_id}/links"

    async def make(self, for_whom: str = "patient") -> str:
        """A link; what its address ends with."""
        status, made = await self.doctor.send(self.links, {"for_whom": for_whom})
        assert status == 200, made
        return str(made["address"]).rpartition("/")[2]

    async def listed(self) -> list[dict[str, Any]]:
        """The links as the doctor sees them."""
        status, told = await self.doctor.get(self.links)
        assert status == 200, told
        return list(told["links"])

    def browser(self) -> Visitor:
        """A browser that nobody has used."""
        return Visitor(self.house.base)


def person(house: WorldHouse, side: Side, role: Role) -> Person:
    return house.world.person(side, role)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video of its own for each test: a case has one session ahead of it."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("session-links") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


@pytest.fixture
async def doctor(house: WorldHouse) -> AsyncIterator[Visitor]:
    async with house.visitor(person(house, Side.HOME, Role.REQUESTING_PHYSICIAN)) as visitor:
        yield visitor


def book(house: WorldHouse, doctor: Visitor, *, minutes: float) -> Booked:
    """A session that begins so many minutes from now."""
    physician = person(house, Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = person(house, Side.LEAD, Role.EXPERT)
    case = house.world.now.do(physician.actor, cases.get_case, case_id=house.world.things["case"])
    session_id = book_soon(
        house.world.now,
        case,
        expert=expert.actor,
        doctor=physician.actor,
        starts_at=utc_now() + timedelta(minutes=minutes),
    )
    return Booked(house, doctor, session_id)


async def test_it_tells_its_time_beforehand_and_opens_once_when_the_doctor_has_opened_the_room(
    house: WorldHouse, doctor: Visitor
) -> None:
    booked = book(house, doctor, minutes=5)
    token = await booked.make()
    room = f"/api/cases/{booked.case_id}/room"
    async with booked.browser() as scanner, booked.browser() as patient:
        for _ in range(3):
            status, page = await scanner.page(f"/join/{token}")
            assert (status, "医生尚未开始会诊" in page) == (200, True)
        assert not [each for each in CANARIES if each.name in page or each.number in page]
        assert await use(patient, token) == 410  # nothing is there to go into, and nothing is used
        assert [each["is_used"] for each in await booked.listed()] == [False]

        async def is_open() -> bool:
            return (await doctor.send(room))[0] == 200

        await eventually(is_open)
        assert "/api/join" in (await scanner.page(f"/join/{token}"))[1]
        assert await use(patient, token) == 200
        assert (await patient.page("/join"))[0] == 200
        assert await use(scanner, token) == 410
        assert (await scanner.page(f"/join/{token}"))[0] == 410
    assert [each["is_used"] for each in await booked.listed()] == [True]
    _status, told = await doctor.get(f"{room}/links")
    assert [each["for_whom"] for each in told["links"]] == ["patient"]
    await doctor.send(f"{room}/end")


async def test_it_says_when_to_come_and_another_call_of_the_case_is_not_its_own(
    house: WorldHouse, doctor: Visitor
) -> None:
    booked = book(house, doctor, minutes=120)
    token = await booked.make("colleague")

    async def is_open() -> bool:
        return (await doctor.send(f"/api/cases/{booked.case_id}/room"))[0] == 200

    await eventually(is_open)  # a call of now, two hours before the session
    async with booked.browser() as guest:
        status, page = await guest.page(f"/join/{token}")
        assert (status, "之后再次打开本链接" in page) == (200, True)
        assert f"/join/{token}" in page  # it is the sheet that one prints
        assert await use(guest, token) == 410
    assert "邀请链接" in (await doctor.page(f"/cases/{booked.case_id}"))[1]
    await doctor.send(f"/api/cases/{booked.case_id}/room/end")


async def test_it_is_taken_back_and_ends_with_a_session_that_is_cancelled(
    house: WorldHouse, doctor: Visitor
) -> None:
    booked = book(house, doctor, minutes=120)
    first, second = await booked.make(), await booked.make("relative")
    gone = (await booked.listed())[0]["id"]
    revoke = f"{booked.links}/revoke"
    assert (await doctor.send(revoke, {"link_id": gone}))[0] == 200
    assert (await doctor.send(revoke, {"link_id": gone}))[0] == 404
    assert [each["is_revoked"] for each in await booked.listed()] == [True, False]
    expert = person(house, Side.LEAD, Role.EXPERT)
    async with booked.browser() as guest, house.visitor(expert) as other:
        assert (await guest.page(f"/join/{first}"))[0] == 410
        assert (await other.get(booked.links))[0] == 200  # the other one of the two
        place = booked.links.removesuffix("/links")
        body = {"version": 1, "reason": "手术"}
        assert (await other.send(f"{place}/cancel", body))[0] == 200
        status, page = await guest.page(f"/join/{second}")
        assert (status, "会诊已改期或取消" in page) == (410, True)
        assert await use(guest, second) == 410
    assert (await doctor.send(booked.links, {"for_whom": "patient"}))[0] == 409


async def test_nobody_else_makes_one(house: WorldHouse, doctor: Visitor) -> None:
    booked = book(house, doctor, minutes=120)
    for side, role, status in (
        (Side.AWAY, Role.EXPERT, 404),
        (Side.HOME, Role.PHOTOGRAPHER, 403),
    ):
        async with house.visitor(person(house, side, role)) as other:
            assert (await other.send(booked.links, {"for_whom": "patient"}))[0] == status
