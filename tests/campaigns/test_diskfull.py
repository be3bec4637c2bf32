"""The disk fills up under load: nobody is told a lie, and with room the house goes on (F4).

Every refusal carries its sentence; what was acknowledged before and meanwhile is on the disk.
"""

import asyncio
import itertools
import time
from pathlib import Path

import aiohttp
import pytest

from consult.kernel.work import Role
from consult.people.sessions.model import SEEN_EVERY
from tests.campaigns.powered import Made, Powered, make_platter, open_powered, wait_until_ready
from tests.campaigns.seeds import is_whole, make_seed
from tests.makers.cases import citizen_number
from tests.makers.visitor import Visitor
from tests.makers.world_people import Side

TIMES_FULL = 200 if is_whole() else 2
_LEFT_BYTES = 300_000
_numbers = itertools.count(2, 2)
_WORKS_S, _FULL_S = (0.1, 0.8), (0.3, 1.2)
_ROOM_IS_SEEN_WITHIN_S = 20
_SENTENCE = "服务器存储空间不足，内容未作改动。请联系信息科。"
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 300)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_platter(tmp_path_factory.mktemp("diskfull") / "data")


async def test_nothing_acknowledged_is_lost_when_the_disk_fills_up(
    made: Made, tmp_path: Path
) -> None:
    seed = make_seed("diskfull")
    with open_powered(tmp_path, made, seed) as powered:
        async with powered.at_work():
            for _ in range(TIMES_FULL):
                await asyncio.sleep(seed.uniform(*_WORKS_S))
                powered.disk.tell("leave", room=seed.randrange(_LEFT_BYTES))
                await asyncio.sleep(seed.uniform(*_FULL_S))
                powered.disk.tell("clear")
        refused = powered.disk.tell("count")["refused_writes"]
        await _until_a_write_is_taken(powered, made)
        await wait_until_ready(powered.house)
        await asyncio.to_thread(powered.lose_power)
        await asyncio.to_thread(powered.look)
        print(  # noqa: T201 - the campaign's answer
            f"diskfull: {TIMES_FULL} times full, {refused} writes refused by the disk,"
            f" {powered.score()}"
        )
        assert (powered.lost, powered.torn) == ([], [])
        assert set(powered.refusals) <= {"storage-full", "disk-full", "too-busy", ""}


async def test_a_write_without_room_is_refused_with_its_sentence(
    made: Made, tmp_path: Path
) -> None:
    with open_powered(tmp_path, made, make_seed("diskfull")) as powered:
        powered.let_time_pass(SEEN_EVERY)
        before = powered.disk.tell("leave", room=0)
        status, told = await _register(powered, made)
        assert (status, told["code"], told["detail"]) == (507, "storage-full", _SENTENCE)
        assert powered.disk.tell("count")["refused_writes"] > before["refused_writes"]
        async with Visitor(powered.house.base) as visitor:
            physician = made.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
            visitor.come_as(physician.token, physician.csrf)
            status, page = await visitor.page("/cases")
            assert status == 200, "lists can be read while nothing can be written"
            assert "服务器磁盘已满" in page
        powered.disk.tell("clear")
        await _until_a_write_is_taken(powered, made)


async def _register(powered: Powered, made: Made) -> tuple[int, dict[str, str]]:
    physician = made.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with Visitor(powered.house.base) as visitor:
        visitor.come_as(physician.token, physician.csrf)
        number = citizen_number(next(_numbers), birth="19570412")
        body = {"name": "无人", "document_kind": "resident_id", "document_number": number}
        body |= {"phone": "13900000000"}
        told: tuple[int, dict[str, str]] = await visitor.send("/api/patients", body)
        return told


async def _until_a_write_is_taken(powered: Powered, made: Made) -> None:
    """Without a restart, once there is room."""
    deadline = time.monotonic() + _ROOM_IS_SEEN_WITHIN_S
    while True:
        try:
            status, told = await _register(powered, made)
        except aiohttp.ClientError as error:
            status, told = 0, {"code": type(error).__name__}
        if status == 200:
            return
        assert time.monotonic() < deadline, told
        await asyncio.sleep(0.1)
