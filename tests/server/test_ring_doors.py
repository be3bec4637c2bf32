"""A call rings the panel in order through web's door, also over a restart of web (VID-08)."""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from consult.kernel.work import Role
from tests.makers.media_house import eventually
from tests.makers.ring_people import seat_panel
from tests.makers.room_visitors import WebPeer
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
_RINGS_S = 20.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    ports = f"{first}-{first + 199}"
    with open_world(tmp_path / "house", media="true", media_ports=ports) as opened:
        yield opened


@pytest.fixture
async def people(house: WorldHouse) -> AsyncIterator[list[Visitor]]:
    """The physician who asked, and the three experts of the panel in the order of ringing."""
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with contextlib.AsyncExitStack() as stack:
        who = (physician, *seat_panel(house))
        visitors = [await stack.enter_async_context(house.visitor(each)) for each in who]

        async def calls() -> bool:
            return (await visitors[0].send(room_of(house)))[0] == 200

        await eventually(calls)
        yield visitors


def room_of(house: WorldHouse) -> str:
    return f"/api/cases/{house.world.things['case']}/room"


async def rung(visitor: Visitor) -> list[dict[str, Any]]:
    status, told = await visitor.get("/api/rings")
    assert status == 200, told
    return list(told["rings"])


async def says(house: WorldHouse, visitor: Visitor, said: str) -> tuple[int, dict[str, Any]]:
    return await visitor.send(f"{room_of(house)}/ring/answer", {"said": said})


async def states(house: WorldHouse, visitor: Visitor) -> list[str]:
    told = (await visitor.get(room_of(house)))[1]
    return [each["state"] for each in told["ring"]["people"]]


async def test_the_next_is_rung_when_one_declines_and_who_answers_first_has_the_call(
    house: WorldHouse, people: list[Visitor]
) -> None:
    clinic, first, second, leader = people
    [ring] = await rung(first)
    assert ring["case_id"] == house.world.things["case"]
    assert set(ring) == {
        *("case_id", "room_id", "caller", "caller_en", "institution", "institution_en"),
        "rings_until",
    }
    assert await rung(second) == await rung(leader) == []
    assert (await first.send(f"{room_of(house)}/ring/heard"))[1] == {"kept": True}
    told = (await clinic.get(room_of(house)))[1]["ring"]
    assert [each["is_heard"] for each in told["people"]] == [True, False, False]
    assert (await says(house, leader, "accept"))[1]["code"] == "room-not-rung"
    assert (await says(house, first, "decline"))[0] == 200
    assert await rung(first) == []
    assert [each["room_id"] for each in await rung(second)] == [ring["room_id"]]
    assert (await says(house, second, "later"))[0] == 200
    assert await states(house, clinic) == ["declined", "later", "ringing"]
    # she said later, and comes before the leader has answered: the ring of the leader stops
    assert (await says(house, second, "accept"))[0] == 200
    assert await states(house, clinic) == ["declined", "answered", "stopped"]
    assert await rung(leader) == []
    status, told = await says(house, leader, "accept")
    assert (status, told["code"]) == (409, "room-ring-taken")
    peer = WebPeer(second, house.world.things["case"])
    await peer.join()
    await peer.hear("welcome")
    await peer.close()
    assert (await says(house, first, "perhaps"))[0] == 422


async def test_a_ring_goes_on_over_a_killed_web_process_and_ends_with_what_to_do(
    house: WorldHouse, people: list[Visitor]
) -> None:
    clinic, first, second, leader = people
    [before] = await rung(first)
    began_s = time.monotonic()
    for pid in web_pids(house):
        os.kill(pid, signal.SIGKILL)
    await eventually(lambda: answers(clinic))

    async def is_seconds_turn() -> bool:
        return bool(await rung(second))

    await eventually(is_seconds_turn)
    assert time.monotonic() - began_s > _RINGS_S * 0.5, "the first one was given her time"
    assert [each["room_id"] for each in await rung(second)] == [before["room_id"]]
    assert await states(house, clinic) == ["unanswered", "ringing", "waiting"]
    assert (await says(house, second, "decline"))[0] == 200
    assert (await says(house, leader, "decline"))[0] == 200
    told = (await clinic.get(room_of(house)))[1]["ring"]
    assert told["outcome"] == "nobody"
    _, timeline = await clinic.page(f"/cases/{house.world.things['case']}")
    assert "视频呼叫无人接听" in timeline
    assert (await first.send(f"{room_of(house)}/ring"))[0] == 403
    assert (await clinic.send(f"{room_of(house)}/ring"))[0] == 200
    assert len(await rung(first)) == 1
    assert (await clinic.send(f"{room_of(house)}/end"))[0] == 200
    assert await rung(first) == []
    assert (await says(house, first, "accept"))[1]["code"] == "room-not-open"


async def test_nobody_of_another_house_hears_or_answers_a_ring(
    house: WorldHouse, people: list[Visitor]
) -> None:
    assert len(await rung(people[1])) == 1
    for side, role, status in (
        (Side.AWAY, Role.EXPERT, 404),
        (Side.HOME, Role.MANAGER, 403),
    ):
        stranger: Person = house.world.person(side, role)
        async with house.visitor(stranger) as visitor:
            assert (await says(house, visitor, "accept"))[0] == status
            assert (await visitor.send(f"{room_of(house)}/ring/heard"))[0] == status
    assert await states(house, people[0]) == ["ringing", "waiting", "waiting"]


def web_pids(house: WorldHouse) -> list[int]:
    """The web processes of this house: children of its supervisor alone."""
    supervisor = house.house.process.pid
    found = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return [
        int(pid)
        for pid in found
        if b"web" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]


async def answers(visitor: Visitor) -> bool:
    with contextlib.suppress(aiohttp.ClientError):
        return (await visitor.page("/healthz"))[0] == 200
    return False
