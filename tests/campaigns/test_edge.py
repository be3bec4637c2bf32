"""The agent beside a camera, cut off for a day and killed again and again, loses no file.

While nobody answers, files of every kind arrive in a watched folder: written in pieces, written
again, renamed, copied; the agent is killed (kill -9) at random instants. Then the server answers
again, through a line that breaks, and the agent is killed a few more times while it drains. In the
end each content that had come to rest is in the house exactly once, and none twice.
"""

import asyncio
import contextlib
import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from consult.kernel.work import Work
from consult.people.machines.model import Right
from consult.people.machines.tables import MachineRow
from consult.studies.deliveries.tables import DeliveryBlobRow, DeliveryRow
from consult.studies.model import Part
from consult.studies.tables import InstanceRow
from consult.studies.uploads.model import UploadState
from consult.studies.uploads.tables import UploadRow
from server.auth.cookies import hash_token
from tests.campaigns.seeds import is_whole, make_seed
from tests.makers.cameras import Gate, make_picture, open_watch
from tests.makers.house import ROOT
from tests.makers.machines import add_machine
from tests.makers.world_house import WorldHouse

FILES, KILLS = (200, 60) if is_whole() else (24, 4)
KINDS = ("jpeg", "png", "dicom", "jpeg")
DAY_S = 86_400.0
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 180)]


@dataclass
class Camera:
    """A camera that writes as cameras do; `contents` is what must arrive, by its hash."""

    folder: Path
    chance: random.Random
    contents: set[str] = field(default_factory=set)

    def shoot(self, number: int) -> None:
        """One more file, by one of the ways in which files come."""
        data = make_picture(KINDS[number % len(KINDS)], self.chance)
        path = self.folder / self.chance.choice(["", "患者 甲", "OD右"]) / f"IMG_{number:04}.jpg"
        path.parent.mkdir(exist_ok=True)
        way = self.chance.choice([self._at_once, self._in_pieces, self._renamed, self._copied])
        way(path, data)
        self.contents.add(hashlib.sha256(data).hexdigest())

    @staticmethod
    def _at_once(path: Path, data: bytes) -> None:
        path.write_bytes(data)

    @staticmethod
    def _in_pieces(path: Path, data: bytes) -> None:
        with path.open("wb", buffering=0) as file:
            for start in range(0, len(data), len(data) // 3 + 1):
                file.write(data[start : start + len(data) // 3 + 1])
                time.sleep(0.02)

    @staticmethod
    def _renamed(path: Path, data: bytes) -> None:
        begun = path.with_suffix(".tmp")
        begun.write_bytes(data)
        begun.rename(path)

    @staticmethod
    def _copied(path: Path, data: bytes) -> None:
        path.write_bytes(data)
        path.with_suffix(".copy.jpg").write_bytes(data)


@dataclass
class Killed:
    """An agent in a process of its own."""

    folder: Path
    server: str
    token: str
    ahead_s: float = 0.0
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Begin, or begin again."""
        runner = [sys.executable, "-m", "tests.makers.edge_runner"]
        told = [str(self.folder), self.server, self.token, str(self.ahead_s)]
        log = self.folder.with_name("agent.log").open("ab")
        with log:
            self.process = subprocess.Popen([*runner, *told], cwd=ROOT, stderr=log)

    def kill(self) -> None:
        """As a power switch for one process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=60)
            self.process = None


@contextlib.contextmanager
def running(agent: Killed) -> Iterator[Killed]:
    """An agent for the time of a block."""
    agent.start()
    try:
        yield agent
    finally:
        agent.kill()


async def test_a_day_without_the_server_and_kills_lose_and_double_nothing(
    house: WorldHouse, tmp_path: Path
) -> None:
    chance, token = make_seed("edge"), add_machine(house, Right.SEND_PICTURES)
    folder = tmp_path / "导出"
    folder.mkdir()
    gate = Gate(house.house.port)
    gate.open()
    gate.shut()
    camera = Camera(folder, chance)
    with running(Killed(folder, gate.address, token)) as agent:
        await asyncio.to_thread(_shoot_all, camera, agent, chance)
        agent.kill()
        agent.ahead_s = DAY_S
        gate.open()
        for _ in range(KILLS // 2):
            agent.start()
            await asyncio.sleep(chance.uniform(0.5, 2.0))
            gate.shut()
            gate.open()
            agent.kill()
    await _drain(folder, gate, token)
    gate.shut()
    arrived = house.world.now.system(_arrived, token=token, contents=camera.contents)
    told = f"{FILES} files, {KILLS + KILLS // 2} kills, {len(camera.contents)} contents"
    print(f"edge: {told}, {len(arrived)} arrived")  # noqa: T201 - the campaign's answer
    assert sorted(arrived) == sorted(camera.contents)


def _shoot_all(camera: Camera, agent: Killed, chance: random.Random) -> None:
    """Files arrive while nobody answers, and the agent dies in between."""
    deaths = sorted(chance.sample(range(FILES), KILLS))
    for number in range(FILES):
        camera.shoot(number)
        if number in deaths:
            time.sleep(chance.uniform(0.0, 0.8))
            agent.kill()
            agent.start()


async def _drain(folder: Path, gate: Gate, token: str) -> None:
    """The agent comes back for good, and works until nothing is left."""
    async with asyncio.timeout(None if is_whole() else 120):
        with open_watch(
            folder, server=gate.address, token=token, clock=lambda: time.time() + 2 * DAY_S
        ) as watch:
            await asyncio.to_thread(_rest, watch.look)
            while watch.left():
                await asyncio.to_thread(watch.send)
                await asyncio.to_thread(watch.beat)
                await asyncio.sleep(0.05)
            assert watch.agent.store.depth().refused == 0


def _rest(look: Callable[[], int]) -> None:
    """Look until everything has had its rest."""
    for _ in range(2):
        look()
        time.sleep(3.1)
    look()


def _arrived(work: Work, *, token: str, contents: set[str]) -> list[str]:
    """The hash of each file that came from this machine, as often as it lies in the house."""
    session = work.session
    laid = (
        session.query(DeliveryBlobRow.sha256)
        .join(DeliveryRow, DeliveryRow.upload_id == DeliveryBlobRow.upload_id)
        .join(UploadRow, UploadRow.id == DeliveryRow.upload_id)
        .join(MachineRow, MachineRow.id == DeliveryRow.machine_id)
        .filter(
            MachineRow.token_hash == hash_token(token),
            DeliveryBlobRow.part == Part.ORIGINAL,
            UploadRow.state == UploadState.WAITING,
        )
    )
    filed = session.query(InstanceRow.source_sha256).filter(
        InstanceRow.source_sha256.in_(sorted(contents))
    )
    return [row.sha256 for row in laid] + [row.source_sha256 for row in filed]
