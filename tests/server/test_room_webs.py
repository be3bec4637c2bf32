"""A room with several web processes: its key is where each of them finds it."""

import asyncio
import os
import secrets
import signal
from collections.abc import Iterator

import pytest

from consult.kernel.work import Role
from tests.makers.databases import Cluster
from tests.makers.grown import GrownHouse, children_of, open_grown
from tests.makers.media_house import eventually
from tests.makers.room_visitors import WebPeer, meet
from tests.makers.s3 import S3House
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.postgres, pytest.mark.timeout(240)]
_PORTS = 200


@pytest.fixture(scope="module")
def grown(
    cluster: Cluster, s3: S3House, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GrownHouse]:
    """Two web processes, one media process."""
    first = 20_000 + secrets.randbelow(40_000)
    more = {"media": "true", "media_ports": f"{first}-{first + _PORTS - 1}"}
    with open_grown(cluster, tmp_path_factory.mktemp("grown"), s3, **more) as opened:
        yield opened


def webs(grown: GrownHouse) -> list[int]:
    return children_of(grown.house.house.process.pid, "web")


async def is_whole(grown: GrownHouse) -> bool:
    """Both processes serve."""
    return set(await asyncio.to_thread(grown.answering)) == set(webs(grown)) and (
        len(webs(grown)) == 2
    )


async def test_a_room_outlives_every_web_process_that_knew_it(grown: GrownHouse) -> None:
    house = grown.house
    case_id, person = house.world.things["case"], house.world.person
    room = f"/api/cases/{case_id}/room"
    expert = person(Side.LEAD, Role.EXPERT)
    physician = person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    await eventually(lambda: is_whole(grown))
    async with house.visitor(physician) as host, house.visitor(expert) as guest:

        async def is_called() -> bool:
            return (await host.send(room))[0] == 200

        await eventually(is_called)
        assert (await guest.send(f"{room}/knock"))[0] == 200
        body = {"person_id": expert.id, "admitted": True}
        assert (await host.send(f"{room}/answer", body))[0] == 200
        (_, before), peers = await host.get(room), (WebPeer(host, case_id), WebPeer(guest, case_id))
        for peer in peers:
            await peer.join()
            await peer.publish()
        await meet(*peers)
        for pid in webs(grown):
            os.kill(pid, signal.SIGKILL)
            await eventually(lambda pid=pid: pid not in webs(grown))
            await eventually(lambda: is_whole(grown))
            for peer in peers:
                await peer.come_back()
            await meet(*peers)
        assert (await host.get(room))[1]["open_room_id"] == before["open_room_id"]
        assert (await host.send(f"{room}/end"))[0] == 200
        for peer in peers:
            assert await peer.is_cut()
            await peer.close()
