"""Backups under load: restored on an empty machine, each knows all that was acknowledged (F22)."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from consult.studies.uploads.audit import unfinished_uploads
from server.backups.making import make_backup
from server.backups.restoring import restore_backup
from server.settings import Settings
from server.transactions import utc_now
from tests.campaigns.client import BusyError
from tests.campaigns.lane import Lane
from tests.campaigns.ledger import lost
from tests.campaigns.load import LANES, Load, open_load
from tests.campaigns.seeds import is_whole
from tests.makers.tampered import Tampered
from tests.makers.world import open_installation

BACKUPS = 20 if is_whole() else 3
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 180)]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Clients on their way through the loop."""
    with open_load(tmp_path, "backups") as opened:
        yield opened


async def test_what_was_acknowledged_before_a_backup_is_in_it(load: Load, tmp_path: Path) -> None:
    walks = [asyncio.ensure_future(_keep_on(lane)) for lane in load.lanes]
    longest_s, known = 0.0, 0
    for number in range(BACKUPS):
        await asyncio.sleep(load.seed.uniform(0.5, 2.5))
        for walk in walks:
            assert not walk.done(), walk.exception()
        told = load.ledger.read()
        started = time.monotonic()
        backup = tmp_path / f"backup{number}"
        settings = Settings(data_dir=load.house.house.data_dir)
        await asyncio.to_thread(make_backup, settings, backup, now=utc_now())
        longest_s = max(longest_s, time.monotonic() - started)
        machine = tmp_path / f"machine{number}"
        assert await asyncio.to_thread(_missing, load, backup, machine, told) == []
        known = len(told)
        shutil.rmtree(backup)
        shutil.rmtree(machine)
    for walk in walks:
        walk.cancel()
    await asyncio.gather(*walks, return_exceptions=True)
    print(  # noqa: T201 - the score of the campaign
        f"{BACKUPS} backups under load, the longest {longest_s:.1f} s; {known} acknowledged writes "
        f"before the last one, none missing, every restored house verifies"
    )
    assert known > BACKUPS * LANES


async def _keep_on(lane: Lane) -> None:
    """A house that says 503 has done nothing; the client comes again."""
    while True:
        try:
            await lane.run()
        except BusyError:
            await asyncio.sleep(0.5)


def _missing(load: Load, backup: Path, machine: Path, told: list[dict[str, object]]) -> list[str]:
    """What the restored house does not know, and what verify finds in it."""
    shutil.copytree(load.house.house.data_dir / "keys", machine / "keys")
    restore_backup(Settings(data_dir=machine), backup)
    found = Tampered(machine).findings()
    problems = [f"{kind} {place}" for kind, place in found.first.items()]
    clinic = open_installation(Settings(data_dir=machine))
    try:
        problems += [problem for each in told if (problem := clinic.system(lost, told=each))]
        rows = clinic.system(lambda work: unfinished_uploads(work.session))
        spool = machine / "spool"
        problems += [
            f"upload {row.id} has fewer bytes than were acknowledged"
            for row in rows
            if row.is_running and _size_of(spool / row.id) < row.offset_bytes
        ]
    finally:
        clinic.units.close()
    return problems


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1
