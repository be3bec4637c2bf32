"""Several web processes over PostgreSQL and Redis: one house, whichever process answers."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from consult.kernel.work import Entry, Role, Work
from server.clockwork import DUTY
from tests.makers.databases import Cluster
from tests.makers.grown import GrownHouse, children_of, open_grown
from tests.makers.image_house import until
from tests.makers.listener import Listener
from tests.makers.s3 import S3House
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.postgres, pytest.mark.timeout(180)]
_STREAMS = 10


@pytest.fixture(scope="module")
def grown(
    cluster: Cluster, s3: S3House, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GrownHouse]:
    """Two web processes and everything that a hospital's IT gives them."""
    with open_grown(cluster, tmp_path_factory.mktemp("grown"), s3) as opened:
        yield opened


def webs(grown: GrownHouse) -> list[int]:
    return children_of(grown.house.house.process.pid, "web")


def holder_of(grown: GrownHouse, lease: str) -> int | None:
    """Which process of the house has the lease."""
    with psycopg.connect(grown.house.house.database_url) as connection:
        found = connection.execute(
            "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE"
            " locktype = 'advisory' AND granted AND application_name LIKE %s",
            [f"lianzhen {lease} %"],
        ).fetchall()
    assert len(found) <= 1
    return int(found[0][0].rpartition(" ")[2]) if found else None


async def until_held_by_another(grown: GrownHouse, lease: str, before: int) -> None:
    await until(lambda: holder_of(grown, lease) not in {None, before}, seconds=8)


async def until_whole(grown: GrownHouse) -> None:
    """Both processes serve."""
    await until(lambda: len(grown.answering()) == 2, seconds=40)


def write_line(work: Work, *, case_id: str) -> None:
    work.journal(Entry("case.opened", "case", case_id, case_id=case_id))


async def test_both_processes_answer_at_one_port(grown: GrownHouse) -> None:
    await until_whole(grown)
    assert set(await asyncio.to_thread(grown.answering)) == set(webs(grown))


async def test_a_line_is_heard_at_every_process_within_a_second(grown: GrownHouse) -> None:
    await until_whole(grown)
    person = grown.house.world.person(Side.LEAD, Role.EXPERT)
    case_id = grown.house.world.things["case"]
    async with contextlib.AsyncExitStack() as stack:
        streams = [
            await stack.enter_async_context(Listener(grown.house.base, person))
            for _ in range(_STREAMS)
        ]
        await asyncio.sleep(1)  # what earlier tests did is numbered and told by then
        for each in streams:
            each.heard.clear()
        begun_s = time.monotonic()
        async with grown.house.visitor(person) as visitor:
            status, _page = await visitor.page(f"/cases/{case_id}")
            assert status == 200
        heard = [await each.hear("case.opened", case_id) for each in streams]
        assert max(each.at for each in heard) - begun_s < 1.5
        positions = {each.position for each in heard}
        assert len(positions) == 1


async def test_the_standing_jobs_have_one_process_and_pass_on_when_it_is_frozen(
    grown: GrownHouse,
) -> None:
    await until_whole(grown)
    before = await asyncio.to_thread(holder_of, grown, DUTY)
    assert before in webs(grown)
    os.kill(before, signal.SIGSTOP)
    try:
        await until_held_by_another(grown, DUTY, before)
    finally:
        os.kill(before, signal.SIGCONT)
    await asyncio.sleep(2)
    assert await asyncio.to_thread(holder_of, grown, DUTY) != before


async def test_a_process_that_is_killed_costs_no_line_and_comes_back(grown: GrownHouse) -> None:
    await until_whole(grown)
    clinic, case_id = grown.house.world.now, grown.house.world.things["case"]
    first = webs(grown)
    for pid in first:
        os.kill(pid, signal.SIGKILL)
        await until(lambda pid=pid: pid not in webs(grown) and len(webs(grown)) == 2, seconds=40)
        await until_whole(grown)
        await asyncio.to_thread(clinic.system, write_line, case_id=case_id)
    assert not set(first) & set(webs(grown))
    person = grown.house.world.person(Side.LEAD, Role.EXPERT)
    async with Listener(grown.house.base, person) as stream:
        await asyncio.to_thread(clinic.system, write_line, case_id=case_id)
        await stream.hear("case.opened", case_id, within_s=8)


def test_the_spool_is_cleaned_by_the_first_process_alone(tmp_path: Path) -> None:
    from server.intake.spool import Spool  # noqa: PLC0415 - this test alone looks behind the door

    first, second = Spool(tmp_path), Spool(tmp_path)
    assert first.is_mine_alone()
    assert not second.is_mine_alone()
    first.share()
    second.share()
    assert not Spool(tmp_path).is_mine_alone()
