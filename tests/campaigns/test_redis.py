"""Redis killed, frozen, emptied and spoilt while people work: nobody loses work or a right (F7).

Two web processes. The clients bear no refusal at all; live events come late, never not at all.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consult.journal import service as journal
from consult.kernel.work import Entry, Role, Work
from tests.campaigns.client import Client
from tests.campaigns.lane import Lane
from tests.campaigns.ledger import Ledger, lost
from tests.campaigns.load import make_cast
from tests.campaigns.seeds import derive, is_whole, make_seed
from tests.makers.databases import Cluster
from tests.makers.grown import GrownHouse, open_grown
from tests.makers.listener import Listener
from tests.makers.redis import RedisHouse
from tests.makers.s3 import S3House
from tests.makers.world_people import PASSWORD, Side, let_in

LANES = 3
ROUNDS = 25 if is_whole() else 1
_HEARD_WITHIN_S = 5.0
_LASTS_S = (0.5, 2.5)
pytestmark = [
    pytest.mark.server,
    pytest.mark.postgres,
    pytest.mark.timeout(0 if is_whole() else 180),
]


def kill_and_start(redis: RedisHouse) -> None:
    redis.kill()
    time.sleep(1)
    redis.start_again()


def freeze_and_thaw(redis: RedisHouse) -> None:
    redis.freeze()
    time.sleep(2)
    redis.thaw()


FAULTS: dict[str, Callable[[RedisHouse], None]] = {
    "killed": kill_and_start,
    "frozen": freeze_and_thaw,
    "emptied": RedisHouse.empty,
    "spoilt": RedisHouse.spoil,
}


@dataclass
class Campaign:
    """A grown house, and clients who work in it."""

    grown: GrownHouse
    seed: random.Random
    lanes: list[Lane]
    ledger: Ledger

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The clients go on for the time of a block; any refusal ends it."""
        walks = [asyncio.ensure_future(lane.run()) for lane in self.lanes]
        try:
            yield
        finally:
            for walk in walks:
                walk.cancel()
            ended = await asyncio.gather(*walks, return_exceptions=True)
        assert [each for each in ended if not isinstance(each, asyncio.CancelledError)] == []


@pytest.fixture
def campaign(cluster: Cluster, s3: S3House, tmp_path: Path) -> Iterator[Campaign]:
    seed = make_seed("redis")
    with open_grown(cluster, tmp_path, s3) as grown:
        cast, ledger = make_cast(grown.house.world), Ledger(tmp_path / "ledger.jsonl")
        lanes = [
            Lane(Client(grown.house.base), cast, ledger, number, derive(seed))
            for number in range(LANES)
        ]
        try:
            yield Campaign(grown, seed, lanes, ledger)
        finally:
            ledger.close()


def write_line(work: Work, *, case_id: str) -> None:
    work.journal(Entry("case.opened", "case", case_id, case_id=case_id))


async def test_redis_may_do_what_it_likes_and_nobody_is_refused(campaign: Campaign) -> None:
    redis, world = campaign.grown.redis, campaign.grown.house.world
    person, case_id = world.person(Side.LEAD, Role.MANAGER), world.things["case"]
    late_s = []
    async with campaign.at_work():
        for _ in range(ROUNDS):
            for name, fault in FAULTS.items():
                broken = asyncio.ensure_future(asyncio.to_thread(fault, redis))
                await asyncio.sleep(0.3)
                async with Listener(campaign.grown.house.base, person) as stream:
                    written_s = time.monotonic()
                    await asyncio.to_thread(world.now.system, write_line, case_id=case_id)
                    heard = await stream.hear("case.opened", case_id, within_s=_HEARD_WITHIN_S)
                    late_s.append(heard.at - written_s)
                await come_in(campaign, name)
                await broken
                await asyncio.sleep(campaign.seed.uniform(*_LASTS_S))
    told = campaign.ledger.read()
    print(  # noqa: T201 - the score of the campaign
        f"{ROUNDS * len(FAULTS)} faults, {len(told)} acknowledged writes, none refused,"
        f" live events at most {max(late_s):.1f} s late"
    )
    assert [each for each in told if world.now.system(lost, told=each)] == []
    assert world.now.units.read(journal.check_chain).result(timeout=20) > 0


async def come_in(campaign: Campaign, fault: str) -> None:
    """Whoever signs in while Redis is away is let in; whoever may not is not."""
    world = campaign.grown.house.world
    known = world.person(Side.HOME, Role.MANAGER)
    person = await asyncio.to_thread(let_in, world.now, known)  # signing in ends a session
    async with campaign.grown.house.visitor(person) as visitor:
        right = {"login": person.login, "password": PASSWORD}
        status, _told = await visitor.get("/api/admin/people")
        assert status == 403, fault
        status, told = await visitor.send("/api/sign-in", right | {"password": "guessed"})
        assert (status, told["code"]) == (422, "sign-in-refused"), fault
        status, told = await visitor.send("/api/sign-in", right)
        assert status == 200, (fault, told)
