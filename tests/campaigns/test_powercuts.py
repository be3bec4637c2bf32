"""Power cuts in the middle of the loop: what was acknowledged is on the disk (F3).

The whole house stands on a file system that forgets whatever no fsync covered. After each cut the
platter is compared with the clients' own fsynced ledger: rows, spooled bytes, blobs, anchors.
"""

import asyncio
from pathlib import Path

import pytest

from tests.campaigns.powered import Made, Powered, make_platter, open_powered, wait_until_ready
from tests.campaigns.seeds import is_whole, make_seed

CUTS = 300 if is_whole() else 1
CARELESS_CUTS = 20 if is_whole() else 6
TOLD_EVERY = 25
_SOONEST_S, _LATEST_S = 0.2, 1.5
_FEW = 5  # answers that are acknowledged before the power goes, in a slice
_FLICKERS = 0.2  # how often the power goes again while the house still starts
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 300)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_platter(tmp_path_factory.mktemp("powercuts") / "data")


async def cut_once(powered: Powered) -> None:
    """Work for a moment, lose power, look at the platter, start again."""
    async with powered.at_work():
        if not is_whole():
            await powered.until_told(_FEW)
        await asyncio.sleep(powered.seed.uniform(_SOONEST_S, _LATEST_S))
        await asyncio.to_thread(powered.lose_power)
    await asyncio.to_thread(powered.look)
    powered.disk.plug_in()
    powered.house.begin_again()
    if powered.seed.random() < _FLICKERS:
        await asyncio.sleep(powered.seed.uniform(0.1, 1.0))
        await asyncio.to_thread(powered.lose_power)
        await asyncio.to_thread(powered.look)
        powered.disk.plug_in()
        powered.house.begin_again()
    await wait_until_ready(powered.house)
    await asyncio.to_thread(powered.let_all_in)


async def test_what_was_acknowledged_is_there_after_a_power_cut(made: Made, tmp_path: Path) -> None:
    seed = make_seed("powercuts")
    with open_powered(tmp_path, made, seed) as powered:
        for turn in range(1, CUTS + 1):
            await cut_once(powered)
            if turn % TOLD_EVERY == 0:
                _say(powered)
            assert (powered.lost, powered.torn) == ([], [])
        _say(powered)
        assert powered.checked > 0


async def test_a_house_that_does_not_wait_for_the_disk_is_caught(
    made: Made, tmp_path: Path
) -> None:
    seed = make_seed("powercuts")
    with open_powered(tmp_path, made, seed, is_careless=True) as powered:
        for _ in range(CARELESS_CUTS):
            async with powered.at_work():
                await powered.until_told(_FEW)
                await asyncio.to_thread(powered.lose_power)
            await asyncio.to_thread(powered.look)
            if powered.lost:
                break
            powered.disk.plug_in()
            await asyncio.to_thread(powered.house.start_again)
        _say(powered)
        assert powered.lost


def _say(powered: Powered) -> None:
    told = f"powercuts: {powered.disk.cuts} cuts, {powered.score()}"
    print(told, flush=True)  # noqa: T201 - the campaign's answer
