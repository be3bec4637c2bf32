"""What is kept of recordings is read back, swept round, backed up and restored as images are."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consult.blobs.folder import FolderStore
from consult.blobs.store import BlobRef
from consult.rooms.recordings import kept, service
from consult.storage import service as storage
from consult.storage.model import FaultKind
from server.__main__ import run
from tests.makers.clinic import open_clinic
from tests.makers.consortium import make_consortium
from tests.makers.kept_recordings import make_part
from tests.makers.recorded_calls import RecordedCall, open_recording_house, recorded_call
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, come_in, talks
from tests.makers.tampered import Tampered
from tests.makers.upkeep import Cellar, make_cellar
from tests.makers.world_house import WorldHouse


@pytest.fixture
def cellar(sqlite_url: str, tmp_path: Path) -> Iterator[Cellar]:
    """A clinic whose images lie in a folder."""
    with open_clinic(sqlite_url) as clinic:
        yield make_cellar(make_consortium(clinic), FolderStore(tmp_path / "blobs"), tmp_path)


def keep_track(cellar: Cellar, data: bytes) -> tuple[str, BlobRef]:
    """One track of a recorded call: its id, and where it lies."""
    world = cellar.world
    case = make_read_case(world)
    call(world, case, world.physician)
    come_in(world, case, world.physician)
    step = {"case_id": case.id, "talks": talks()}
    world.clinic.do(world.physician, service.ask_recording, **step)
    view = world.clinic.do(world.physician, service.show, **step)
    assert view.last is not None
    part = make_part(case, view.last.id, 1)
    blob = cellar.save(data)
    (track,) = part.tracks
    part = replace(part, tracks=[replace(track, blob=blob)])
    assert world.clinic.system(kept.keep_part, part=part) is True
    return track.id, blob


def faults(cellar: Cellar) -> list[tuple[str, str, FaultKind]]:
    """What is wrong with recordings: the case's own pictures have no bytes in this store."""
    return [
        (each.object_id, each.part, each.kind)
        for each in cellar.world.clinic.system(storage.list_faults)
        if each.object_type == "recording"
    ]


async def test_a_track_is_read_back_and_named_when_a_bit_of_it_is_another(cellar: Cellar) -> None:
    track_id, blob = keep_track(cellar, b"voice" * 20_000)
    await cellar.read_all_back()
    assert faults(cellar) == []
    data = bytearray(cellar.store.read(blob.key, start=0, length=cellar.store.size(blob.key)))
    data[5000] ^= 1
    cellar.store.put(blob.key, [bytes(data)])
    await cellar.read_all_back()
    assert faults(cellar) == [(track_id, "camera", FaultKind.DAMAGED)]


async def test_the_sweep_takes_what_nobody_names_and_leaves_every_track(cellar: Cellar) -> None:
    _, blob = keep_track(cellar, b"voice")
    left = cellar.save(b"of a part that was never written down")
    await cellar.sweep()
    stored = cellar.keys()
    assert blob.key in stored
    assert left.key not in stored


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("backed") / "house") as opened:
        yield opened


@pytest.fixture
async def recorded(house: WorldHouse) -> AsyncIterator[RecordedCall]:
    async with recorded_call(house) as opened:
        yield opened


@pytest.mark.server
@pytest.mark.timeout(300)
async def test_a_recording_is_in_a_backup_and_is_whole_on_another_machine(
    recorded: RecordedCall, tmp_path: Path
) -> None:
    await recorded.begin()
    await recorded.talk(1)
    await recorded.step(recorded.host, "stop")
    await recorded.taken(recorded.host, 4)
    data_dir, machine = recorded.house.house.data_dir, tmp_path / "machine"
    backup = ["backup", str(tmp_path / "backup"), "--data-dir", str(data_dir)]
    assert await asyncio.to_thread(run, backup) == 0
    shutil.copytree(data_dir / "keys", machine / "keys")
    restore = ["restore", str(tmp_path / "backup"), "--data-dir", str(machine)]
    assert await asyncio.to_thread(run, restore) == 0  # it verifies what it has restored
    there = Tampered(machine)
    for table in ("room_recordings", "room_recording_parts", "room_recording_tracks"):
        count = f"SELECT count(*) FROM {table}"  # noqa: S608 - names of our own tables
        assert there.query(count) == Tampered(data_dir).query(count), table
    ((key,),) = there.query("SELECT max(key) FROM room_recording_tracks")
    institution, blob = str(key).split("/")
    stored = machine / "blobs" / institution / blob[-2:] / blob
    stored.write_bytes(stored.read_bytes()[:-1])
    verify = ["verify", "--data-dir", str(machine)]
    assert await asyncio.to_thread(run, verify) != 0
