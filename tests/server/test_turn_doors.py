"""The speaker list at web's doors: members by their session, a guest by the link that she used."""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from consult.kernel.work import Role
from tests.makers.guests import IDENTITY, ROOM, make_by_door, patient_of, use
from tests.makers.media_house import eventually
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
HAND = f"{ROOM}/hand"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("turns") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


def room_of(house: WorldHouse) -> str:
    return f"/api/cases/{house.world.things['case']}/room"


@pytest.fixture
async def people(house: WorldHouse) -> AsyncIterator[tuple[Visitor, Visitor, Visitor]]:
    """The physician's call, the expert who was let in, and a browser that nobody has used."""
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    async with (
        house.visitor(physician) as host,
        house.visitor(expert) as reader,
        Visitor(house.base) as browser,
    ):

        async def is_open() -> bool:
            return (await host.send(room_of(house)))[0] == 200

        await eventually(is_open)
        assert (await reader.send(f"{room_of(house)}/knock"))[0] == 200
        await admit(house, host, str(expert.id))
        yield host, reader, browser
        await host.send(f"{room_of(house)}/end")


async def admit(house: WorldHouse, host: Visitor, person_id: str) -> None:
    body = {"person_id": person_id, "admitted": True}
    assert (await host.send(f"{room_of(house)}/answer", body))[0] == 200


async def listed(visitor: Visitor, url: str) -> list[tuple[str, bool, bool]]:
    """By name who stands in the list, who has the word, and which turn is the reader's own."""
    status, told = await visitor.get(f"{url}/turns")
    assert status == 200, told
    return [(each["name"], each["is_speaking"], each["is_mine"]) for each in told["turns"]]


async def test_a_member_and_a_guest_raise_their_hands_and_the_host_gives_the_word(
    house: WorldHouse, people: tuple[Visitor, Visitor, Visitor]
) -> None:
    host, reader, guest = people
    room, expert = room_of(house), house.world.person(Side.LEAD, Role.EXPERT)
    person_id, token = await make_by_door(host, house.world.things["case"], "patient")
    assert (await guest.send(HAND, {"raised": True}))[0] == 403  # nobody yet
    assert await use(guest, token) == 200
    assert (await guest.send(HAND, {"raised": True}))[0] == 409  # not let in
    assert (await guest.get(f"{ROOM}/turns"))[0] == 409
    name, tail = await patient_of(host, house)
    await guest.send(IDENTITY, {"name": name, "tail": tail})
    await guest.send(f"{ROOM}/knock")
    await admit(house, host, person_id)
    assert (await reader.send(f"{room}/hand", {"raised": True}))[0] == 200
    assert (await guest.send(HAND, {"raised": True}))[0] == 200
    doctor = (await listed(host, room))[0][0]
    assert await listed(guest, ROOM) == [(doctor, False, False), ("患者本人", False, True)]
    assert await listed(reader, room) == [(doctor, False, True), ("患者本人", False, False)]
    await may_lead(house, host, reader, guest)
    for given, speaks in ((person_id, ["患者本人", doctor]), (str(expert.id), [doctor])):
        body = {"person_id": given, "given": True}
        assert (await host.send(f"{room}/turns", body))[0] == 200
        assert [each for each, _, _ in await listed(guest, ROOM)] == speaks
    assert (await listed(reader, room))[0] == (doctor, True, True)
    assert (await reader.send(f"{room}/hand", {"raised": False}))[0] == 200
    assert await listed(host, room) == []


async def may_lead(house: WorldHouse, host: Visitor, reader: Visitor, guest: Visitor) -> None:
    """The host alone is shown the buttons, and the doors hold it."""
    room = room_of(house)
    told = [(await host.get(f"{room}/turns"))[1], (await reader.get(f"{room}/turns"))[1]]
    told.append((await guest.get(f"{ROOM}/turns"))[1])
    assert [each["may_lead"] for each in told] == [True, False, False]
    body: dict[str, Any] = {"person_id": told[0]["turns"][0]["person_id"], "given": True}
    assert (await reader.send(f"{room}/turns", body))[0] == 403
    assert (await host.send(f"{room}/turns", body | {"person_id": "0" * 32}))[0] == 409
    for wrong in ({}, {"raised": 1}, {"raised": None}, {"raised": True, "person_id": "x"}):
        assert (await guest.send(HAND, wrong))[0] == 422
        assert (await reader.send(f"{room}/hand", wrong))[0] == 422
