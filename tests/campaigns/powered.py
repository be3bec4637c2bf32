"""A house on a disk that may be cut off, filled and broken, and clients who work in it."""

import asyncio
import contextlib
import json
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select, update

from consult.kernel.work import Role, Work
from consult.people.sessions import attempts
from consult.people.sessions.tables import SessionRow
from consult.reports.seal import load_seal
from consult.studies.uploads.model import UploadState
from consult.studies.uploads.tables import UploadRow
from server.anchors import FILE as ANCHORS
from server.settings import Settings
from tests.campaigns.client import BusyError, Client
from tests.campaigns.lane import Lane
from tests.campaigns.ledger import Ledger, lost
from tests.campaigns.load import make_cast
from tests.campaigns.seeds import derive
from tests.campaigns.walker import Cast
from tests.campaigns.wholeness import halves
from tests.makers.disks import PulledDisk, open_disk
from tests.makers.house import House, start_house
from tests.makers.tampered import Tampered
from tests.makers.world import World, open_installation
from tests.makers.world_copies import copy_world, wake_everybody
from tests.makers.world_people import Side

LANES = 4
_PAUSE_S = 0.1
CUT_OFF = (aiohttp.ClientError, ConnectionError, TimeoutError)
CARELESS = Path(__file__).resolve().parent.parent / "makers" / "careless"
_SPOOLED = (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.WORKING)


@dataclass
class Powered:
    """The disk, the house on it, who works there, and what was lost so far."""

    disk: PulledDisk
    house: House
    world: World
    ledger: Ledger
    lanes: list[Lane]
    seed: random.Random
    checked: int = 0
    started_s: float = field(default_factory=time.monotonic)
    refusals: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The clients go on for the time of a block, or until the line is cut."""
        walks = [asyncio.ensure_future(self._walk(lane)) for lane in self.lanes]
        try:
            yield
        finally:
            for walk in walks:
                walk.cancel()
            ended = await asyncio.gather(*walks, return_exceptions=True)
        borne = (asyncio.CancelledError, *CUT_OFF)
        strange = [each for each in ended if not isinstance(each, borne)]
        if strange:
            raise ExceptionGroup("clients who were answered wrongly", strange)

    async def until_told(self, more: int, *, within_s: float = 60) -> None:
        """Until so many more answers were acknowledged: a busy machine may need a while."""
        wanted = len(self.ledger.read()) + more
        async with asyncio.timeout(within_s):
            while len(self.ledger.read()) < wanted:  # noqa: ASYNC110 - a file tells
                await asyncio.sleep(_PAUSE_S)

    async def _walk(self, lane: Lane) -> None:
        """On and on; what the house refuses because of its disk is borne, and counted."""
        while True:
            try:
                await lane.run()
            except BusyError as refused:
                self.refusals[str(refused)] += 1
                await asyncio.sleep(_PAUSE_S)

    def lose_power(self) -> None:
        """Everything stops at once, and the disk forgets."""
        self.house.kill()
        self.disk.cut(seed=str(self.seed.random()))
        self.disk.pull_out()

    def look(self) -> None:
        """Compare the platter with what was acknowledged; verify it; is everything whole?"""
        folder = self.disk.platter.with_name("looked-at")
        shutil.copytree(self.disk.platter, folder)
        clinic = open_installation(Settings(data_dir=folder))
        try:
            told = self.ledger.read()
            fresh, self.checked = told[self.checked :], len(told)
            found = (clinic.system(lost, told=each) for each in fresh)
            self.lost += [problem for problem in found if problem is not None]
            self.lost += clinic.system(_short_spool, folder=folder / "spool")
            self.torn += clinic.system(lambda work: list(halves(work, load_seal(folder / "keys"))))
        finally:
            clinic.units.close()
        self.torn += [str(fault) for fault in Tampered(folder).findings().as_json()["faults"]]
        self.lost += self._lost_anchors(folder)
        shutil.rmtree(folder)

    def let_all_in(self) -> None:
        """A cut between a try and its forgiveness must not lock the only signer out."""
        login = self.world.person(Side.LEAD, Role.EXPERT).login
        clinic = open_installation(Settings(data_dir=self.disk.mount))
        try:
            clinic.system(attempts.lift_lock, login=login)
        finally:
            clinic.units.close()

    def let_time_pass(self, time: timedelta) -> None:
        """Everybody's last step was so long ago."""
        clinic = open_installation(Settings(data_dir=self.disk.mount))
        try:
            clinic.system(
                lambda work: work.session.execute(
                    update(SessionRow).values(seen_at=work.now - time)
                )
            )
        finally:
            clinic.units.close()

    def score(self) -> str:
        """One line: what was compared, refused, lost and torn."""
        rounds = sum(lane.rounds for lane in self.lanes)
        return (
            f"{self.checked} acknowledged writes compared, {rounds} patients through,"
            f" refused {dict(self.refusals)}, {len(self.lost)} lost, {len(self.torn)} torn,"
            f" {time.monotonic() - self.started_s:.0f} s"
        )

    def _lost_anchors(self, folder: Path) -> list[str]:
        """An anchor that outlived one cut outlives all; whether it holds, verify has said."""
        path, known = folder / ANCHORS, self.ledger.path.with_name("anchors")
        now = _whole_lines(path)
        gone = [line for line in _whole_lines(known) if line not in now]
        known.write_text("".join(f"{line}\n" for line in now), "utf-8")
        return [f"anchor at {json.loads(line)['anchor']['position']}" for line in gone]


def _whole_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    text = path.read_bytes().decode("utf-8", "replace")
    return [line.strip() for line in text.splitlines(keepends=True) if line.startswith("{")]


def _short_spool(work: Work, *, folder: Path) -> list[str]:
    """Uploads of which fewer bytes lie in the spool than were acknowledged."""
    found = []
    for row in work.session.scalars(select(UploadRow).where(UploadRow.state.in_(_SPOOLED))):
        path = folder / row.id
        size = path.stat().st_size if path.exists() else 0
        if size < row.offset_bytes:
            found.append(f"upload {row.id}: {size} bytes lie there of {row.offset_bytes}")
    return found


@dataclass(frozen=True)
class Made:
    """A world at rest, and who acts in it."""

    folder: Path
    world: World
    cast: Cast


def make_platter(folder: Path) -> Made:
    """A world at rest; its services go on only where a test opens them."""
    world = copy_world(folder)
    cast = make_cast(world)
    world.clinic.units.close()
    return Made(folder, world, cast)


@contextlib.contextmanager
def open_powered(
    folder: Path, made: Made, seed: random.Random, *, is_careless: bool = False
) -> Iterator[Powered]:
    """A copy of this world on a disk of its own, with clients before the door."""
    platter, world = shutil.copytree(made.folder, folder / "platter-0"), made.world
    at_rest = open_installation(Settings(data_dir=platter))
    at_rest.system(wake_everybody)
    at_rest.units.close()
    careless = os.pathsep.join([str(CARELESS), os.environ.get("PYTHONPATH", "")])
    ledger = Ledger(folder / "ledger.jsonl")
    try:
        with open_disk(folder, platter) as disk:
            with pytest.MonkeyPatch.context() as patch:
                if is_careless:
                    patch.setenv("PYTHONPATH", careless)
                house = start_house(disk.mount, loop_guard="0")
                lanes = _make_lanes(house, made.cast, ledger, seed)
                try:
                    yield Powered(disk, house, world, ledger, lanes, seed)
                finally:
                    house.kill()
    finally:
        ledger.close()


def _make_lanes(house: House, cast: Cast, ledger: Ledger, seed: random.Random) -> list[Lane]:
    return [Lane(Client(house.base), cast, ledger, number, derive(seed)) for number in range(LANES)]


async def wait_until_ready(house: House, *, status: int = 200, within_s: float = 30) -> float:
    """How long it took until the house said so."""
    started = time.monotonic()
    async with aiohttp.ClientSession(house.base) as line:
        while True:
            with contextlib.suppress(*CUT_OFF):
                async with line.get("/readyz") as answer:
                    if answer.status == status:
                        return time.monotonic() - started
            assert time.monotonic() - started < within_s, f"/readyz never said {status}"
            await asyncio.sleep(0.05)
