"""Whoever is taken no further into a call hears why, and her page does not try for ever."""

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import aiohttp
import pytest

from consult.kernel.work import Role
from consult.rooms.model import MOST_STAYS
from server.media.asking import MediaDesk
from tests.makers.media_house import eventually
from tests.makers.room_visitors import open_line
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
_REFUSED: Final = 4409
_KEY: Final = "0" * 64
_STAY: Final = (
    "INSERT INTO room_stays (id, room_id, person_id, institution_id, device, joined_at, seen_at,"
    " left_at, how) SELECT ?, id, 'nobody', 'elsewhere', 'first', opened_at, opened_at, opened_at,"
    " 'lost' FROM rooms WHERE id = ?"
)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video, which carries one call at a time."""
    first = 20_000 + secrets.randbelow(40_000)
    told = {"media": "true", "media_rooms": "1", "media_ports": f"{first}-{first + 199}"}
    with open_world(tmp_path_factory.mktemp("refusals") / "house", **told) as opened:
        yield opened


@pytest.fixture
async def host(house: WorldHouse) -> AsyncIterator[Visitor]:
    """The physician who called."""
    async with house.visitor(house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)) as visitor:
        yield visitor


@contextlib.asynccontextmanager
async def desk_of(house: WorldHouse) -> AsyncIterator[MediaDesk]:
    desk = MediaDesk(house.house.data_dir / "run" / "media.sock")
    try:
        yield desk
    finally:
        desk.close()


async def call(house: WorldHouse, host: Visitor) -> str:
    async def is_called() -> str | None:
        status, told = await host.send(f"/api/cases/{house.world.things['case']}/room")
        return str(told["room_id"]) if status == 200 else None

    return str(await eventually(is_called))


async def heard(line: aiohttp.ClientWebSocketResponse) -> list[dict[str, Any]]:
    """Everything until it is closed."""
    async with asyncio.timeout(60):
        return [message.json() async for message in line]


async def test_who_comes_when_the_server_carries_no_further_call_reads_that_it_is_full(
    house: WorldHouse, host: Visitor
) -> None:
    room_id = await call(house, host)
    async with desk_of(house) as desk:
        assert (await desk.ask("close", room=room_id))["closed"]
        assert (await desk.ask("open", room="another", key=_KEY))["opened"]
        line = await open_line(host, house.world.things["case"])
        refused = {"told": "refused", "say": "join", "code": "rooms-full"}
        assert (await heard(line), line.close_code) == ([refused], _REFUSED)
        assert (await desk.ask("close", room="another"))["closed"]
        line = await open_line(host, house.world.things["case"])
        assert (await line.receive_json())["told"] == "welcome", "there is a place again"


async def test_who_comes_into_a_call_whose_record_is_full_is_told_so_and_stands_in_no_room(
    house: WorldHouse, host: Visitor
) -> None:
    room_id = await call(house, host)
    with sqlite3.connect(house.house.data_dir / "lianzhen.db", timeout=20) as database:
        for number in range(MOST_STAYS):
            database.execute(_STAY, (f"stay-{number}", room_id))
    line = await open_line(host, house.world.things["case"])
    told = await heard(line)
    assert told[-1] == {"told": "refused", "say": "join", "code": "room-crowded"}
    assert line.close_code == _REFUSED
    async with desk_of(house) as desk:

        async def is_empty() -> bool:
            return not (await desk.ask("stats", room=room_id))["stats"]["participants"]

        await eventually(is_empty)
    assert house.house.log().count('"bug"') == 0


async def test_a_line_that_comes_again_and_again_is_one_stay(
    house: WorldHouse, host: Visitor
) -> None:
    await call(house, host)
    path = f"/api/cases/{house.world.things['case']}/room"
    for _ in range(4):
        line = await open_line(host, house.world.things["case"])
        assert (await line.receive_json())["told"] == "welcome"
        await line.close()
    line = await open_line(host, house.world.things["case"])
    assert (await line.receive_json())["told"] == "welcome"
    [attendance] = (await host.get(path))[1]["rooms"][0]["attendances"]
    assert (attendance["stays"], attendance["left_at"]) == (1, None)
    await line.send_json({"say": "leave"})
    await heard(line)

    async def has_left() -> bool:
        [now] = (await host.get(path))[1]["rooms"][0]["attendances"]
        return now["left_at"] is not None

    await eventually(has_left)
