"""What was looked at in a recorded call is kept with it, and played to whoever may hear it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from consult.kernel.work import Role
from tests.makers.media_house import eventually
from tests.makers.recorded_calls import (
    RecordedCall,
    open_recording_house,
    recorded_call,
    replay_of,
    shows_and_points,
)
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("shown") / "house") as opened:
        yield opened


@pytest.fixture
async def call(house: WorldHouse) -> AsyncIterator[RecordedCall]:
    async with recorded_call(house) as opened:
        yield opened


async def test_picture_hands_and_lines_are_kept_and_played_to_who_may_see(
    call: RecordedCall,
) -> None:
    await call.begin()
    await call.everyone_told("on")
    await shows_and_points(call)
    await call.talk(1)
    await call.step(call.host, "stop")
    await call.taken(call.host, 4)
    (track,) = await replay_of(call, call.host)
    status, told = await call.guest.get(track)
    assert status == 200
    words = [said["told"] for _, said in told["said"]]
    assert words[0] == "showing"
    assert {"view", "point", "stroke"} <= set(words)
    image = call.house.world.things["image"]
    assert {said["image"] for _, said in told["said"] if said["told"] == "stroke"} == {image}
    person = call.house.world.person
    for stranger, expected in (
        (person(Side.AWAY, Role.EXPERT), 404),
        (person(Side.HOME, Role.MANAGER), 403),
    ):
        async with call.house.visitor(stranger) as visitor:
            assert (await visitor.get(track))[0] == expected
    files = await call.taken(call.host, 4)
    of_voice = files[0].path.rpartition("/")[2]
    shown = f"{track.rpartition('/tracks/')[0]}/tracks/{of_voice}/shown"
    assert (await call.host.get(shown))[0] == 404
    await eventually(lambda: is_in_the_journal(call.host, call.case_id))


async def is_in_the_journal(visitor: Visitor, case_id: str) -> bool:
    _, page = await visitor.page(f"/cases/{case_id}")
    return "打开视频会诊录像" in page


async def test_a_call_without_a_shared_picture_has_nothing_to_show(call: RecordedCall) -> None:
    await call.begin()
    await call.talk(1)
    await call.step(call.host, "stop")
    await call.taken(call.host, 4)
    assert await replay_of(call, call.host) == []
