"""What is kept of recordings is read back, swept round, backed up and restored as images are."""

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from consult.blobs.folder import FolderStore
from consult.blobs.store import BlobRef
from consult.cases import service as cases
from consult.dossiers.retention import parse_retention
from consult.kernel.work import Role
from consult.rooms.recordings import deletion, kept, service
from consult.storage import service as storage
from consult.storage.model import FaultKind
from server.__main__ import run
from server.transactions import utc_now
from tests.makers.clinic import open_clinic
from tests.makers.consortium import make_consortium
from tests.makers.kept_recordings import make_part
from tests.makers.media_house import eventually
from tests.makers.recorded_calls import RecordedCall, open_recording_house, recorded_call
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, come_in, talks
from tests.makers.rulebooks import read_config
from tests.makers.tampered import Tampered
from tests.makers.upkeep import Cellar, make_cellar
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side


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


def days_pass(recorded: RecordedCall, days: int, *, since: str) -> None:
    """A moment of the recording was so many days earlier, and the standing job comes round."""
    at = f"{utc_now() - timedelta(days=days):%Y-%m-%dT%H:%M:%S.%fZ}"
    change = f"UPDATE room_recordings SET {since} = '{at}'"  # noqa: S608 - a column of our own
    database = recorded.house.house.data_dir / "lianzhen.db"
    with contextlib.closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute(change)
    clinic = recorded.house.world.now
    rule = parse_retention(read_config("retention.toml")).recordings
    for recording_id in clinic.system(deletion.list_old, rule=rule):
        clinic.system(deletion.end_kept, recording_id=recording_id, rule=rule)


async def case_page(recorded: RecordedCall) -> str:
    """As the physician sees the case."""
    status, page = await recorded.host.page(f"/cases/{recorded.case_id}")
    assert status == 200, recorded.house.house.log()[-3000:]
    return page


async def keep_one(recorded: RecordedCall) -> set[str]:
    """Record a second of the call, and end it; the blobs that are kept of it."""
    await recorded.begin()
    await recorded.talk(1)
    await recorded.step(recorded.host, "stop")
    await recorded.taken(recorded.host, 4)
    found = Tampered(recorded.house.house.data_dir).query("SELECT key FROM room_recording_tracks")
    return {str(key) for (key,) in found}


async def withdraw(recorded: RecordedCall) -> None:
    """The call ends, and then its case."""
    clinic = recorded.house.world.now
    physician = recorded.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    case = clinic.do(physician.actor, cases.get_case, case_id=recorded.case_id)
    body = {"version": case.revision, "reason": "患者要求"}
    status, told = await recorded.host.send(f"/api/cases/{recorded.case_id}/withdraw", body)
    assert status == 200, told


@pytest.mark.server
@pytest.mark.timeout(300)
async def test_what_was_kept_long_enough_goes_from_the_disk_and_its_page_says_by_which_rule(
    recorded: RecordedCall,
) -> None:
    tracks, data_dir = await keep_one(recorded), recorded.house.house.data_dir
    api = f"/api/cases/{recorded.case_id}/recordings"
    assert (await recorded.guest.send(f"{api}/hold", {"reason": "dispute"}))[0] == 200
    assert (await recorded.host.send(f"{api}/let-go"))[0] == 409
    assert "医疗纠纷" in await case_page(recorded)
    assert (await recorded.guest.send(f"{api}/let-go"))[0] == 200
    await withdraw(recorded)
    assert "期满删除" in await case_page(recorded)
    days_pass(recorded, 3 * 366, since="ended_at")
    assert tracks <= stored_keys(data_dir)
    days_pass(recorded, 31, since="ends_told_at")
    await eventually(lambda: not tracks & stored_keys(data_dir))
    page = await case_page(recorded)
    assert "保存期满，已于" in page
    assert "视频会诊录像保存期满，已按规定删除" in page
    recording_id = (await recorded.recordings(recorded.host))[0]
    status, page = await recorded.host.page(f"/cases/{recorded.case_id}/recordings/{recording_id}")
    assert (status, "已按规定删除" in page) == (200, True)
    verify = ["verify", "--data-dir", str(data_dir)]
    assert await asyncio.to_thread(run, verify) == 0


def stored_keys(data_dir: Path) -> set[str]:
    """Which blobs lie in the folder, by their keys."""
    found = (data_dir / "blobs").glob("*/*/*")
    return {f"{each.parent.parent.name}/{each.name}" for each in found}
