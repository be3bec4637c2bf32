"""A call with two media processes: its record says which carries it, also after a restart."""

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from consult.kernel.work import Role
from server.media.asking import MediaAwayError, MediaDesk
from tests.makers.grown import children_of
from tests.makers.media_house import eventually
from tests.makers.room_visitors import WebPeer, meet
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
_PORTS = 200
_MOVED = 4503


@pytest.fixture
def house(tmp_path: Path) -> Iterator[WorldHouse]:
    first = 20_000 + secrets.randbelow(40_000)
    more = {
        "media": "true",
        "media_processes": "2",
        "media_ports": f"{first}-{first + _PORTS - 1}",
    }
    with open_world(tmp_path / "house", **more) as opened:
        yield opened


async def ask(house: WorldHouse, number: int, wish: str, **facts: Any) -> dict[str, Any] | None:
    """What one of the processes answers; None where it does not."""
    name = "media" if number == 1 else f"med-{number}"
    desk = MediaDesk(house.house.data_dir / "run" / f"{name}.sock")
    try:
        return dict(await desk.ask(wish, **facts))
    except MediaAwayError:
        return None
    finally:
        desk.close()


async def is_ready(visitor: Visitor) -> bool:
    """Whether web knows that both processes are there."""
    with contextlib.suppress(OSError):
        async with visitor.raw.get("/readyz") as answer:
            told = await answer.json()
            return told["away"] == [] and "media-process-away" not in told["warnings"]
    return False


async def homes(house: WorldHouse, room: str) -> list[int]:
    """Which of the processes have this room."""
    asked = [await ask(house, number, "stats", room=room) for number in (1, 2)]
    return [number for number, told in enumerate(asked, 1) if told and "stats" in told]


@contextlib.asynccontextmanager
async def called(house: WorldHouse) -> AsyncIterator[tuple[str, Visitor, list[WebPeer]]]:
    """Both are in the call, which goes on in the second process, for the first has another."""
    person, case_id = house.world.person, house.world.things["case"]
    expert = person(Side.LEAD, Role.EXPERT)
    physician = person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    path = f"/api/cases/{case_id}/room"
    async with house.visitor(physician) as host, house.visitor(expert) as guest:
        await eventually(lambda: is_ready(host))
        assert await ask(house, 1, "open", room="elsewhere", key="0" * 64)
        status, told = await host.send(path)
        assert status == 200, told
        assert (await guest.send(f"{path}/knock"))[0] == 200
        body = {"person_id": expert.id, "admitted": True}
        assert (await host.send(f"{path}/answer", body))[0] == 200
        peers = [WebPeer(each, case_id) for each in (host, guest)]
        try:
            for peer in peers:
                await peer.join()
                await peer.publish()
            await meet(peers[0], peers[1])
            yield str(told["room_id"]), host, peers
        finally:
            for peer in peers:
                await peer.close()


async def test_a_call_is_found_where_it_lives_after_web_was_started_again(
    house: WorldHouse,
) -> None:
    async with called(house) as (room, host, peers):
        assert await homes(house, room) == [2]
        assert await ask(house, 1, "close", room="elsewhere")  # now the first has more to spare
        (web,) = children_of(house.house.process.pid, "web")
        os.kill(web, signal.SIGKILL)
        await eventually(lambda: is_ready(host))
        for peer in peers:
            await peer.come_back()
            await peer.publish()  # on a slow machine their places were given up meanwhile
        await meet(peers[0], peers[1])
        assert await homes(house, room) == [2], "nobody was sent elsewhere"
        case_id = house.world.things["case"]
        assert (await host.send(f"/api/cases/{case_id}/room/end"))[0] == 200
        assert await homes(house, room) == []


async def test_a_call_whose_process_hangs_goes_on_in_another_and_nobody_is_left_behind(
    house: WorldHouse,
) -> None:
    async with called(house) as (room, host, peers):
        told = await ask(house, 2, "health")
        assert told is not None
        os.kill(told["born"], signal.SIGSTOP)
        try:
            one, other = peers
            one.drop_line()  # she comes again, and finds no answer there
            await eventually(lambda: one.close_code is not None)
            await asyncio.wait_for(one.join(), 60)
            await eventually(lambda: other.close_code == _MOVED)
            await asyncio.wait_for(other.join(), 60)
            for peer in peers:
                await peer.publish()
            await meet(one, other)
        finally:
            os.kill(told["born"], signal.SIGCONT)
        assert 1 in await homes(house, room)
        case_id = house.world.things["case"]
        await eventually(lambda: is_ready(host))
        assert (await host.send(f"/api/cases/{case_id}/room/end"))[0] == 200
        assert await homes(house, room) == [], "also where it had hung"


async def test_a_call_whose_process_died_is_placed_anew(house: WorldHouse) -> None:
    async with called(house) as (room, _host, peers):
        told = await ask(house, 2, "health")
        assert told is not None
        os.kill(told["born"], signal.SIGKILL)
        for peer in peers:
            await eventually(lambda p=peer: p.close_code is not None)
            await peer.join()
            await peer.publish()
        await meet(peers[0], peers[1])
        assert len(await homes(house, room)) == 1
