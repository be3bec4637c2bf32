"""An fsync fails: nobody is told that it is saved, and the house stops writing (F5).

Linux forgets what an fsync could not write and says yes to the next one; so does the disk of this
campaign. After a failed COMMIT the house is not ready and refuses writes, lists can still be read,
and neither a restart nor a power cut loses what was acknowledged.
"""

import asyncio
from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.campaigns.powered import Made, Powered, make_platter, open_powered, wait_until_ready
from tests.campaigns.seeds import is_whole, make_seed
from tests.makers.visitor import Visitor
from tests.makers.world_people import Side

FAILURES = 60 if is_whole() else 1
LOG, DATABASE, BLOBS, SPOOL = "-wal$", r"lianzhen\.db$", "/blobs/", "/spool/"
PLACES = (LOG, LOG, BLOBS, SPOOL, LOG, DATABASE) if is_whole() else (LOG,)
_LATEST_SYNC = 12
_WORKS_S = 1.5
_NOTICED_WITHIN_S = 60
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 300)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_platter(tmp_path_factory.mktemp("fsyncs") / "data")


async def test_a_failed_fsync_is_never_acknowledged(made: Made, tmp_path: Path) -> None:
    seed = make_seed("fsyncs")
    refused_syncs = 0
    with open_powered(tmp_path, made, seed) as powered:
        for turn in range(FAILURES):
            place = PLACES[turn % len(PLACES)]
            refused_syncs += await _one_failure(powered, made, place)
            await _start_again_and_lose_power(powered, with_cut_first=seed.random() < 0.5)
            assert (powered.lost, powered.torn) == ([], []), place
            if turn + 1 < FAILURES:
                powered.disk.plug_in()
                await asyncio.to_thread(powered.house.start_again)
        print(  # noqa: T201 - the campaign's answer
            f"fsyncs: {FAILURES} failures, {refused_syncs} fsyncs refused, {powered.score()}"
        )
        assert refused_syncs > 0


async def _one_failure(powered: Powered, made: Made, place: str) -> int:
    """Work until the chosen fsync fails, then a little longer; how many failed."""
    async with powered.at_work():
        after = powered.seed.randrange(_LATEST_SYNC)
        powered.disk.tell("fail", path=place, after=after)
        await asyncio.sleep(_WORKS_S)
        if place == LOG:
            await _expect_closed(powered, made)
    return powered.disk.tell("mend")["refused_syncs"]


async def _expect_closed(powered: Powered, made: Made) -> None:
    """Not ready; a write is refused, a list can be read."""
    await wait_until_ready(powered.house, status=503, within_s=_NOTICED_WITHIN_S)
    physician = made.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with Visitor(powered.house.base) as visitor:
        visitor.come_as(physician.token, physician.csrf)
        status, told = await visitor.send("/api/sign-out")
        assert (status, told["code"]) == (503, "disk-failed")
        status, page = await visitor.page("/cases")
        assert (status, "服务器磁盘故障" in page) == (200, True)


async def _start_again_and_lose_power(powered: Powered, *, with_cut_first: bool) -> None:
    """The same disk, a new process, some work, and then no power: or no power at once."""
    if not with_cut_first:
        await asyncio.to_thread(powered.house.kill)
        await asyncio.to_thread(powered.house.start_again)
        async with powered.at_work():
            await asyncio.sleep(_WORKS_S)
            await asyncio.to_thread(powered.lose_power)
    else:
        await asyncio.to_thread(powered.lose_power)
    await asyncio.to_thread(powered.look)


async def test_the_disk_of_this_campaign_lies_after_a_failed_fsync() -> None:
    """As Linux does: without that the campaign would prove nothing."""
    from tests.makers.forgetful_tree import Tree  # noqa: PLC0415 - only this test looks inside

    tree = Tree()
    file = tree.add(tree.root, "lianzhen.db-wal", 0o100600)
    tree.bad_path, tree.bad_after = LOG, 0
    tree.write(file, 0, b"acknowledged?")
    with pytest.raises(OSError, match="fsync"):
        tree.sync(file)
    tree.bad_path = None
    tree.sync(file)
    assert (bytes(file.data), bytes(file.kept)) == (b"acknowledged?", b"")
