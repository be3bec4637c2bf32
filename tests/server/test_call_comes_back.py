"""How a house comes back to its callers after a process of it was killed."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest

from consult.kernel.work import Role
from server.rooms.opening import MEDIA_AWAY
from tests.makers.call_people import let_in_all, open_video_world
from tests.makers.grown import children_of
from tests.makers.media_house import eventually
from tests.makers.room_visitors import WebPeer
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
_WAITED_S = 2.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[WorldHouse]:
    """A house with video, whose web process has a spare one."""
    with open_video_world(tmp_path, web_spare="true") as opened:
        yield opened


def spares_of(pid: int) -> list[int]:
    """The processes below this one that have loaded their program, and wait."""
    found = []
    for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{each}/comm").read_text("utf-8") == "web-spare\n":
                found.append(int(each))
    return found


def is_there(pid: int) -> bool:
    """Whether a process lives."""
    return Path(f"/proc/{pid}").exists()


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that does nothing for the time of a block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def away_after_s(peer: WebPeer) -> float | None:
    """How long a line was held before it was sent to come again; None where it was let in."""
    begun_s = time.monotonic()
    await peer.join()
    await eventually(lambda: peer.close_code is not None or peer.name)
    if peer.close_code is None:
        return None
    assert peer.close_code == MEDIA_AWAY
    return time.monotonic() - begun_s


async def answers(visitor: Visitor) -> bool:
    with contextlib.suppress(aiohttp.ClientError):
        return (await visitor.page("/healthz"))[0] == HTTPStatus.OK
    return False


async def test_a_spare_process_takes_the_place_of_web_and_ends_with_the_house(
    house: WorldHouse,
) -> None:
    supervisor = house.house.process.pid
    (spare,) = await eventually(lambda: spares_of(supervisor))
    (before,) = children_of(supervisor, "web")
    async with house.visitor(house.world.person(Side.LEAD, Role.EXPERT)) as expert:
        assert (await expert.get("/api/queue"))[0] == HTTPStatus.OK
        os.kill(before, signal.SIGKILL)
        await eventually(lambda: children_of(supervisor, "web") == [spare])
        await eventually(lambda: answers(expert))
        assert (await expert.get("/api/queue"))[0] == HTTPStatus.OK
    (second,) = await eventually(lambda: spares_of(supervisor))
    assert house.house.stop() == 0
    assert not is_there(second)


async def test_a_line_waits_for_a_media_process_that_has_died(house: WorldHouse) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    supervisor = house.house.process.pid
    await let_in_all(house, physician, [])
    async with house.visitor(physician) as visitor:
        peer = WebPeer(visitor, house.world.things["case"])
        with frozen(supervisor):
            os.kill(children_of(supervisor, "media")[0], signal.SIGKILL)
            held_s = await away_after_s(peer)
            assert held_s is not None
            assert held_s >= _WAITED_S
        while (held_s := await away_after_s(peer)) is not None:
            assert held_s >= _WAITED_S, "a page would ask again and again"
        assert peer.close_code is None
        await peer.close()
