"""PostgreSQL stopped like a power cut, under load: nothing acknowledged is lost (F8).

Two web processes, Redis and S3. Every answer is in a ledger of the clients' own; what was in flight
is done, done again, or refused with 503 and its sentence; readiness follows the database.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from consult.journal import service as journal
from consult.kernel.work import Role
from tests.campaigns.client import BusyError, Client
from tests.campaigns.lane import Lane
from tests.campaigns.ledger import Ledger, lost
from tests.campaigns.load import make_cast
from tests.campaigns.seeds import derive, is_whole, make_seed
from tests.makers.databases import Cluster, run_cluster
from tests.makers.grown import GrownHouse, open_grown
from tests.makers.s3 import S3House
from tests.makers.world_people import Side

LANES = 4
STOPS = 100 if is_whole() else 3
_WORKS_S = (1.0, 3.0)
_DOWN_S = (0.0, 1.5)
_GIVEN_UP_S = 20.0
NOT_READY_WITHIN_S, READY_WITHIN_S = 2.0, 5.0
pytestmark = [
    pytest.mark.server,
    pytest.mark.postgres,
    pytest.mark.timeout(0 if is_whole() else 180),
]


@dataclass
class Campaign:
    """A grown house whose database is stopped, and the clients who go on."""

    grown: GrownHouse
    cluster: Cluster
    seed: random.Random
    lanes: list[Lane]
    ledger: Ledger
    refused: int = 0
    noticed_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)

    async def walk(self, lane: Lane) -> None:
        """Go on and on; a refusal is borne, anything but 503 ends the campaign."""
        while True:
            try:
                await lane.run()
            except BusyError:
                self.refused += 1
                await asyncio.sleep(0.1)

    async def one_stop(self) -> None:
        """Work, stop, be down for a moment, come back, and work again."""
        await asyncio.sleep(self.seed.uniform(*_WORKS_S))
        begun_s = time.monotonic()
        await asyncio.to_thread(self.cluster.stop)
        self.noticed_s.append(await self._until(503, since_s=begun_s))
        await asyncio.sleep(self.seed.uniform(*_DOWN_S))
        await asyncio.to_thread(self.cluster.start)
        self.back_s.append(await self._until(200, since_s=time.monotonic()))

    async def _until(self, status: int, *, since_s: float) -> float:
        """Until every one of several lines, so probably both processes, says so."""
        seen: set[int] = set()
        while seen != {status}:
            seen = set(await asyncio.gather(*(self._readiness() for _ in range(8))))
            assert time.monotonic() - since_s < _GIVEN_UP_S, seen
        return time.monotonic() - since_s

    async def _readiness(self) -> int:
        async with aiohttp.ClientSession(self.grown.house.base) as line:
            async with line.get("/readyz") as answer:
                return answer.status


@pytest.fixture
def campaign(tmp_path: Path, s3: S3House) -> Iterator[Campaign]:
    """A house on a database of its own."""
    seed = make_seed("postgres")
    with run_cluster() as cluster, open_grown(cluster, tmp_path, s3) as grown:
        cast, ledger = make_cast(grown.house.world), Ledger(tmp_path / "ledger.jsonl")
        lanes = [
            Lane(Client(grown.house.base), cast, ledger, number, derive(seed))
            for number in range(LANES)
        ]
        try:
            yield Campaign(grown, cluster, seed, lanes, ledger)
        finally:
            ledger.close()


async def test_no_acknowledged_answer_is_lost_when_the_database_is_stopped(
    campaign: Campaign,
) -> None:
    walks = [asyncio.ensure_future(campaign.walk(lane)) for lane in campaign.lanes]
    try:
        for _ in range(STOPS):
            await campaign.one_stop()
        await asyncio.sleep(_WORKS_S[1])
    finally:
        for walk in walks:
            walk.cancel()
        ended = await asyncio.gather(*walks, return_exceptions=True)
    assert [each for each in ended if not isinstance(each, asyncio.CancelledError)] == []
    told = campaign.ledger.read()
    print(  # noqa: T201 - the score of the campaign
        f"{STOPS} stops, {len(told)} acknowledged writes, {campaign.refused} refused with 503,"
        f" not ready after {max(campaign.noticed_s):.1f} s, back after {max(campaign.back_s):.1f} s"
    )
    clinic = campaign.grown.house.world.now
    assert [each for each in told if clinic.system(lost, told=each)] == []
    assert clinic.units.read(journal.check_chain).result(timeout=20) > 0
    assert max(campaign.noticed_s) < NOT_READY_WITHIN_S
    assert max(campaign.back_s) < READY_WITHIN_S
    steps = {"signed", "decided", "booked"} if is_whole() else {"registered", "opened", "offset"}
    assert steps <= {each["step"] for each in told}


async def test_a_refusal_says_why_and_that_nothing_was_changed(campaign: Campaign) -> None:
    person = campaign.grown.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    await asyncio.to_thread(campaign.cluster.stop)
    try:
        async with campaign.grown.house.visitor(person) as visitor:
            status, told = await visitor.send("/api/patients", {"name": "无人"})
            page, text = await visitor.page("/cases")
    finally:
        await asyncio.to_thread(campaign.cluster.start)
    assert (status, told["code"]) == (503, "database-away")
    assert told["detail"] == "数据库没有响应，内容未作改动。稍后重试。"
    assert page == 503
    assert "无人" not in text
