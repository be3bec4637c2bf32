"""The video room of a case through web's door: who gets in, what breaks, and what is on record."""

import asyncio
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

from consult.cases import service as cases
from consult.kernel.work import Role
from server.media.asking import MediaAwayError, MediaDesk
from tests.makers.media_house import eventually
from tests.makers.room_visitors import WebPeer, meet, open_line
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side, add_person, let_in

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
_OUT_WITHIN_S = 5.0
_PORTS = 200
_LEAVES, _WORDS = 20, 40
_ASKED, _HERE_AT_ONCE, _HERE_A_SECOND = 500, 10, 5


@contextlib.contextmanager
def open_video(place: Path) -> Iterator[WorldHouse]:
    """A house with video, which carries one call at a time."""
    first = 20_000 + secrets.randbelow(40_000)
    ports = f"{first}-{first + _PORTS - 1}"
    with open_world(place, media="true", media_rooms="1", media_ports=ports) as opened:
        yield opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """The house of most of these tests."""
    with open_video(tmp_path_factory.mktemp("rooms") / "house") as opened:
        yield opened


@pytest.fixture
async def people(house: WorldHouse) -> AsyncIterator[tuple[Visitor, Visitor]]:
    """The physician who asked, and an expert of the panel; afterwards no call is open."""
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    expert = house.world.person(Side.LEAD, Role.EXPERT)
    async with house.visitor(physician) as one, house.visitor(expert) as other:
        await eventually(lambda: media_is_there(house))
        yield one, other
        await one.send(f"{room_of(house)}/end")


def room_of(house: WorldHouse, thing: str = "case") -> str:
    return f"/api/cases/{house.world.things[thing]}/room"


def expert_of(house: WorldHouse) -> Person:
    return house.world.person(Side.LEAD, Role.EXPERT)


async def media_is_there(house: WorldHouse) -> dict[str, Any] | None:
    desk = MediaDesk(house.house.data_dir / "run" / "media.sock")
    try:
        return dict(await desk.ask("health"))
    except MediaAwayError:
        return None
    finally:
        desk.close()


async def call(house: WorldHouse, host: Visitor, guest: Visitor | None = None) -> str:
    """The host calls, and lets the guest in."""
    status, told = await host.send(room_of(house))
    assert status == 200, told
    if guest is not None:
        assert (await guest.send(f"{room_of(house)}/knock"))[1]["state"] == "waiting"
        await answer(house, host, admitted=True)
    return str(told["room_id"])


async def guest_knocks(house: WorldHouse, guest: Visitor) -> None:
    assert (await guest.send(f"{room_of(house)}/knock"))[0] == 200


async def answer(house: WorldHouse, host: Visitor, *, admitted: bool) -> None:
    body = {"person_id": expert_of(house).id, "admitted": admitted}
    status, told = await host.send(f"{room_of(house)}/answer", body)
    assert status == 200, told


@contextlib.asynccontextmanager
async def talking(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> AsyncIterator[tuple[WebPeer, WebPeer]]:
    """Both are in the room, and each has what the other sends."""
    await call(house, *people)
    case_id = house.world.things["case"]
    peers = WebPeer(people[0], case_id), WebPeer(people[1], case_id)
    try:
        for peer in peers:
            await peer.join()
            await peer.publish()
        await meet(*peers)
        yield peers
    finally:
        for peer in peers:
            await peer.close()


async def refused_line(visitor: Visitor, case_id: str, **more: Any) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await open_line(visitor, case_id, **more)
    return refused.value.status


async def record(house: WorldHouse, visitor: Visitor) -> dict[str, Any]:
    status, told = await visitor.get(room_of(house))
    assert status == 200, told
    return dict(told)


async def test_who_leaves_and_closes_the_page_at_once_is_gone_for_the_others_at_once(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    await call(house, *people)
    case_id = house.world.things["case"]
    host = WebPeer(people[0], case_id)
    await host.join()
    for _ in range(_LEAVES):
        guest = WebPeer(people[1], case_id)
        await guest.join()
        await eventually(lambda: len(host.people) == 2)
        for _ in range(_WORDS):  # each is answered, so that the room speaks while she goes
            guest.say(say="candidate")
        await guest.leave()
        await eventually(lambda: len(host.people) == 1, within_s=_OUT_WITHIN_S)
    await host.close()


async def test_two_people_meet_once_the_host_has_let_the_other_in(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    host, guest = people
    case_id = house.world.things["case"]
    assert await refused_line(guest, case_id) == 409  # nobody has called
    await call(house, host)
    assert await refused_line(guest, case_id) == 409  # nobody has let her in
    async with talking(house, people) as (one, other):
        assert {each["person"] for each in one.people} == {
            house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN).id,
            expert_of(house).id,
        }
        assert {each["role"] for each in other.people} == {"host", "participant"}
        body = {"lost_per_mille": 3, "round_trip_ms": 20, "width": 640, "height": 480}
        assert (await guest.send(f"{room_of(house)}/sample", body))[1]["kept"] is True
        assert (await guest.send(f"{room_of(house)}/sample", body))[1]["kept"] is False
        told = await record(house, host)
        assert {each["left_at"] for each in told["rooms"][0]["attendances"]} == {None}
        assert told["people"][expert_of(house).id]["institution"]
    await eventually(lambda: has_left(house, host))
    told = await record(house, host)
    assert told["rooms"][0]["quality"]["largest_width"] == 640
    _, timeline = await host.page(f"/cases/{case_id}")
    assert "开始视频呼叫" in timeline


async def has_left(house: WorldHouse, visitor: Visitor) -> bool:
    found = (await record(house, visitor))["rooms"][0]["attendances"]
    return bool(found) and all(each["left_at"] is not None for each in found)


async def test_nobody_else_gets_a_line(house: WorldHouse, people: tuple[Visitor, Visitor]) -> None:
    host, guest = people
    things, person = house.world.things, house.world.person
    await call(house, host, guest)
    assert await refused_line(guest, things["reported"]) == 409
    assert await refused_line(guest, things["case"], origin="https://elsewhere.example") == 403
    assert await refused_line(guest, things["case"], origin="") == 403
    assert await refused_line(guest, things["case"], device="third") == 422
    for stranger, status in (
        (person(Side.AWAY, Role.EXPERT), 404),
        (person(Side.HOME, Role.PHOTOGRAPHER), 409),
        (person(Side.HOME, Role.MANAGER), 403),
    ):
        async with house.visitor(stranger) as visitor:
            assert await refused_line(visitor, things["case"]) == status, stranger
    async with Visitor(house.base) as nobody:
        assert await refused_line(nobody, things["case"]) == 401


async def test_nonsense_ends_ones_own_line_and_nobody_elses(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    async with talking(house, people) as (one, other):
        companion = await open_line(people[1], house.world.things["case"], device="companion")
        assert (await companion.receive_json())["told"] == "welcome"
        await companion.send_bytes(b"\x00\x01")
        await ends_with(companion, 1007)
        for text, code in (
            ("[1]", 1007),
            ("{", 1007),
            ("[" * 50_000, 1007),
            ("x" * (1 << 18), 1009),
        ):
            line = await open_line(people[1], house.world.things["case"], device="companion")
            await line.send_str(text)
            await ends_with(line, code)
        await meet(one, other)
    assert house.house.log().count('"bug"') == 0


async def ends_with(line: aiohttp.ClientWebSocketResponse, code: int) -> None:
    async with asyncio.timeout(60):
        async for _ in line:
            pass
    assert line.close_code == code


async def test_whoever_is_turned_away_or_signed_out_is_out_within_five_seconds(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    async with talking(house, people) as (one, other):
        began_s = time.monotonic()
        await answer(house, people[0], admitted=False)
        assert await other.is_cut()
        assert time.monotonic() - began_s < _OUT_WITHIN_S
        await eventually(lambda: len(one.people) == 1)
        # let in again in the same second as she was put out
        await guest_knocks(house, people[1])
        await answer(house, people[0], admitted=False)
        await guest_knocks(house, people[1])
        await answer(house, people[0], admitted=True)
        await other.join()
        await other.hear("welcome")
        await answer(house, people[0], admitted=False)
        assert await other.is_cut()
    double = await asyncio.to_thread(let_in, house.world.now, expert_of(house))
    async with house.visitor(double) as second:
        async with talking(house, (people[0], second)) as (one, other):
            began_s = time.monotonic()
            assert (await second.send("/api/sign-out"))[0] == 200
            assert await other.is_cut()
            await eventually(lambda: len(one.people) == 1)
            assert time.monotonic() - began_s < _OUT_WITHIN_S
    told = await record(house, people[0])
    assert len(told["rooms"]) >= 1


async def test_whose_place_at_the_clinic_ends_in_mid_call_is_out_within_five_seconds(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    now, place = house.world.now, house.world.places[Side.HOME]
    role, case_id = Role.REQUESTING_PHYSICIAN, house.world.things["case"]
    added = await asyncio.to_thread(
        add_person, now, place, side=Side.HOME, role=role, login="leaves.soon"
    )
    leaving = await asyncio.to_thread(let_in, now, added)
    boss = house.world.person(Side.HOME, Role.ADMINISTRATOR)
    await call(house, people[0])
    async with house.visitor(leaving) as second, house.visitor(boss) as chief:
        assert (await second.send(f"{room_of(house)}/knock"))[1]["state"] == "waiting"
        body = {"person_id": leaving.id, "admitted": True}
        assert (await people[0].send(f"{room_of(house)}/answer", body))[0] == 200
        one, other = WebPeer(people[0], case_id), WebPeer(second, case_id)
        try:
            for peer in (one, other):
                await peer.join()
                await peer.publish()
            await meet(one, other)
            began_s = time.monotonic()
            stop = f"/api/admin/affiliations/{leaving.affiliation_id}/stop"
            assert (await chief.send(stop, {"revision": 1}))[0] == 200
            assert await other.is_cut()
            await eventually(lambda: len(one.people) == 1)
            assert time.monotonic() - began_s < _OUT_WITHIN_S
            assert await refused_line(second, case_id) == 401
        finally:
            for peer in (one, other):
                await peer.close()


async def test_a_line_that_asks_without_end_whether_the_server_is_there_is_answered_now_and_then(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    await call(house, people[0])
    line = await open_line(people[0], house.world.things["case"])
    assert (await line.receive_json())["told"] == "welcome"
    began_s = time.monotonic()
    for _ in range(_ASKED):
        await line.send_json({"say": "here"})
    await line.send_str("[1]")  # nonsense ends it, once everything before was read
    async with asyncio.timeout(60):
        told = [message.json()["told"] async for message in line]
    most = _HERE_AT_ONCE + _HERE_A_SECOND * (time.monotonic() - began_s) + 1
    assert 0 < told.count("here") <= most < _ASKED


async def test_a_killed_media_process_comes_back_with_the_room_in_the_same_record(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    async with talking(house, people) as (one, other):
        before = await record(house, people[0])
        health = await media_is_there(house)
        assert health is not None
        os.kill(health["born"], signal.SIGKILL)
        for peer in (one, other):
            assert await peer.is_cut()
            assert peer.close_code == 4503
        await eventually(lambda: media_is_there(house))
    case_id = house.world.things["case"]
    again = [WebPeer(each, case_id) for each in people]
    for peer in again:
        await peer.join()
        await peer.publish()
    await meet(again[0], again[1])
    after = await record(house, people[0])
    assert after["open_room_id"] == before["open_room_id"]
    assert len(after["rooms"]) == len(before["rooms"])
    stays = {each["stays"] for each in after["rooms"][0]["attendances"]}
    assert stays <= {1, 2}, "who is back at once goes on with her stay (0350)"
    for peer in again:
        await peer.close()


async def test_a_killed_web_process_leaves_the_room_standing(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    async with talking(house, people) as (one, other):
        before = await record(house, people[0])
        for pid in web_pids(house):
            os.kill(pid, signal.SIGKILL)
        for peer in (one, other):
            assert await peer.is_cut()
        await eventually(lambda: answers(people[0]))
        for peer in (one, other):
            await peer.join()
        await eventually(lambda: len(one.people) == 2 and not any(x["is_away"] for x in one.people))
        await meet(one, other)  # by the connections that they had: sound and picture never stopped
        after = await record(house, people[0])
        assert after["open_room_id"] == before["open_room_id"]
        assert len(after["rooms"]) == len(before["rooms"])


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


async def test_one_room_too_many_is_refused_with_its_reason(
    house: WorldHouse, people: tuple[Visitor, Visitor]
) -> None:
    desk = MediaDesk(house.house.data_dir / "run" / "media.sock")
    try:
        assert (await desk.ask("open", room="elsewhere", key="0" * 64))["opened"]
        status, told = await people[0].send(room_of(house))
        assert (status, told["code"]) == (409, "rooms-full")
        assert (await record(house, people[0]))["open_room_id"] is None
        assert (await desk.ask("close", room="elsewhere"))["closed"]
        await call(house, people[0])
        assert (await desk.ask("open", room="elsewhere", key="0" * 64))["refused"] == "rooms-full"
        assert (await people[0].send(f"{room_of(house)}/end"))[0] == 200
        assert (await desk.ask("health"))["rooms"] == 0
    finally:
        desk.close()


async def test_without_video_a_call_is_refused_with_its_reason(tmp_path: Path) -> None:
    with open_world(tmp_path / "plain") as plain:
        physician = plain.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        async with plain.visitor(physician, language="en") as visitor:
            status, told = await visitor.send(room_of(plain))
            assert (status, told["code"]) == (409, "rooms-off")
            assert "not turned on" in told["detail"]


async def test_the_room_dies_with_its_case_and_stays_on_record(tmp_path: Path) -> None:
    with open_video(tmp_path / "house") as own:
        case_id, person = own.world.things["case"], own.world.person
        physician = person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        async with own.visitor(physician) as host, own.visitor(expert_of(own)) as guest:
            await eventually(lambda: media_is_there(own))
            async with talking(own, (host, guest)) as (one, other):
                case = own.world.now.do(physician.actor, cases.get_case, case_id=case_id)
                body = {"version": case.revision, "reason": "患者已转院就诊"}
                began_s = time.monotonic()
                status, told = await host.send(f"/api/cases/{case_id}/withdraw", body)
                assert status == 200, told
                for peer in (one, other):
                    assert await peer.is_cut()
                assert time.monotonic() - began_s < _OUT_WITHIN_S

            async def is_over() -> bool:
                return bool((await record(own, host))["rooms"][0]["how"] == "case_ended")

            await eventually(is_over)
            assert await refused_line(host, case_id) == 409
            assert await has_left(own, host)
