"""What is stored is read back and named when it is not whole; what nobody names is taken away."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy.orm import Session

from consult.blobs.folder import FolderStore
from consult.blobs.s3 import S3Store
from consult.db.errors import DatabaseAwayError
from consult.db.unit import Units
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.storage import service as storage
from consult.storage.model import FaultKind, Pass, PassName, StorageFault, parse_storage_rules
from consult.studies import audit
from server.upkeep.asking import leave_wish, pass_on_wish
from tests.makers.clinic import open_clinic
from tests.makers.consortium import make_consortium
from tests.makers.rulebooks import read_config
from tests.makers.s3 import BucketFiles
from tests.makers.upkeep import Cellar, make_cellar


@pytest.fixture(params=["folder", "s3"])
def cellar(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Cellar]:
    """A clinic whose images lie in a folder, and one whose images lie in a bucket."""
    with open_clinic(sqlite_url) as clinic:
        if request.param == "folder":
            yield make_cellar(make_consortium(clinic), FolderStore(tmp_path / "blobs"), tmp_path)
            return
        s3 = request.getfixturevalue("s3")
        place = s3.make_place()
        yield make_cellar(make_consortium(clinic), S3Store(place), tmp_path)
        assert BucketFiles(s3, place).everything() is not None


def flip(cellar: Cellar, key: str, bit: int) -> None:
    """One bit of the stored bytes is another one."""
    data = bytearray(cellar.store.read(key, start=0, length=cellar.store.size(key)))
    data[bit // 8] ^= 1 << bit % 8
    cellar.store.put(key, [bytes(data)])


def faults(cellar: Cellar) -> list[StorageFault]:
    """What stands on the administrator's page."""
    return list(cellar.world.clinic.system(storage.list_faults))


def get_pass(cellar: Cellar, name: PassName) -> Pass:
    """Where a pass stands."""
    return cellar.world.clinic.system(storage.get_pass, name=name, rules=cellar.rules)


async def test_a_flipped_bit_is_found_and_its_instance_is_named_until_it_is_whole_again(
    cellar: Cellar,
) -> None:
    kept = [cellar.keep(bytes([n]) * 70_000) for n in range(4)]
    await cellar.read_all_back()
    assert (faults(cellar), cellar.told("storage.fault")) == ([], [])
    key = kept[2].original.key
    flip(cellar, key, 8 * 66_000 + 3)
    await cellar.read_all_back()
    assert [(each.object_id, each.kind) for each in faults(cellar)] == [
        (kept[2].id, FaultKind.DAMAGED)
    ]
    told = {"object": kept[2].id, "part": "original", "key": key, "kind": "damaged"}
    assert cellar.told("storage.fault") == [told]
    await cellar.read_all_back()
    assert cellar.told("storage.fault") == [told]  # told once
    flip(cellar, key, 8 * 66_000 + 3)
    await cellar.read_all_back()
    assert faults(cellar) == []
    assert cellar.told("storage.whole_again") == [told]


async def test_what_waits_for_a_person_is_read_back_as_well(cellar: Cellar) -> None:
    kept = cellar.keep(b"here" * 20_000)
    upload_id, picture = cellar.shelve(b"shot" * 20_000)
    beside = cellar.collide(kept, b"other" * 20_000)
    await cellar.read_all_back()
    assert (faults(cellar), get_pass(cellar, PassName.SCRUB).last_checked) == ([], 3)
    flip(cellar, picture.key, 8 * 5000)
    flip(cellar, beside.key, 8 * 5000)
    await cellar.read_all_back()
    assert {(each.object_type, each.object_id, each.part) for each in faults(cellar)} == {
        ("upload", upload_id, "original"),
        ("instance", kept.id, "conflict"),
    }


async def test_an_object_whose_bytes_are_gone_is_named(cellar: Cellar) -> None:
    kept = cellar.keep(b"here")
    lost = cellar.keep(b"gone")
    cellar.store.delete(lost.original.key)
    await cellar.read_all_back()
    assert [(each.object_id, each.kind) for each in faults(cellar)] == [
        (lost.id, FaultKind.MISSING)
    ]
    assert cellar.keys() == {kept.original.key}


async def test_a_pass_goes_on_where_it_stood(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.upkeep.scrub._AT_ONCE", 2)
    for n in range(5):
        cellar.keep(bytes([n + 1]) * 10)
    assert await cellar.scrub().go_on()
    stands = get_pass(cellar, PassName.SCRUB)
    assert (stands.checked, stands.checked_bytes) == (2, 20)
    await cellar.read_all_back()
    last = get_pass(cellar, PassName.SCRUB)
    assert (last.begun_at, last.last_checked) == (None, 5)


async def test_no_pass_begins_before_it_is_due_unless_somebody_asks(cellar: Cellar) -> None:
    cellar.keep(b"x")
    cellar.rules = parse_storage_rules(read_config("storage.toml"))
    assert not await cellar.scrub().go_on()
    cellar.world.clinic.system(storage.ask_pass, name=PassName.SCRUB)
    assert await cellar.scrub().go_on()


async def test_whoever_asks_in_the_middle_of_a_pass_gets_a_whole_one(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.upkeep.scrub._AT_ONCE", 2)
    kept = [cellar.keep(bytes([n + 1]) * 10) for n in range(3)]
    first = min(each.original.key for each in kept)
    assert await cellar.scrub().go_on()
    flip(cellar, first, 200)
    cellar.world.clinic.system(storage.ask_pass, name=PassName.SCRUB)
    await cellar.read_all_back()
    assert [each.key for each in faults(cellar)] == [first]
    assert get_pass(cellar, PassName.SCRUB).last_checked == 3


async def test_a_pass_ends_though_objects_come_as_fast_as_it_reads(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.upkeep.scrub._AT_ONCE", 2)
    for n in range(3):
        cellar.keep(bytes([n + 1]) * 10)
    for n in range(4):
        assert await cellar.scrub().go_on()
        if (last := get_pass(cellar, PassName.SCRUB)).last_ended_at is not None:
            break
        await asyncio.sleep(0.002)  # keys are told apart by their milliseconds
        for more in range(2):
            cellar.keep(bytes([n + 1, more + 1]) * 10)
    assert (last.begun_at, last.last_checked) == (None, 3)
    await cellar.read_all_back()
    assert get_pass(cellar, PassName.SCRUB).last_checked == len(cellar.keys())


class Refusing:
    """Units that cannot be written to so many times, as beside somebody who holds the database."""

    def __init__(self, units: Units, times: int) -> None:
        self.units, self.times = units, times

    def write(self, unit: Callable[[Session], object]) -> "Future[object]":
        if not self.times:
            return self.units.write(unit)
        self.times -= 1
        refused: Future[object] = Future()
        refused.set_exception(DatabaseAwayError())
        return refused


async def test_a_wish_for_a_pass_is_forgotten_only_once_the_pass_was_asked_for(
    cellar: Cellar, tmp_path: Path
) -> None:
    units = cast("Units", Refusing(cellar.world.clinic.units, 1))
    leave_wish(tmp_path)
    with pytest.raises(DatabaseAwayError):
        await pass_on_wish(units, tmp_path)
    await pass_on_wish(units, tmp_path)
    assert get_pass(cellar, PassName.SCRUB).is_asked
    asked = cellar.told("storage.asked")
    await pass_on_wish(units, tmp_path)
    assert cellar.told("storage.asked") == asked, "it is asked once"


async def test_bytes_without_a_row_go_and_no_others(cellar: Cellar) -> None:
    kept, orphan = cellar.keep(b"kept"), cellar.save(b"nobody's")
    noted, foreign = cellar.save(b"on its way"), cellar.save(b"theirs", at=new_id())
    cellar.spool.note_key(new_id(), noted.key)
    sweep = await cellar.sweep()
    assert sweep.orphans == [orphan.key]
    assert cellar.keys() == {kept.original.key, noted.key, foreign.key}
    assert cellar.told("storage.orphans_removed") == [
        {"object": "sweep", "listed": 4, "orphans": 1, "removed": 1, "bytes": 8}
    ]


async def test_young_bytes_are_left_alone(cellar: Cellar) -> None:
    cellar.save(b"just now")
    assert (await cellar.sweep(grace=timedelta(hours=1))).orphans == []
    assert len(cellar.keys()) == 1


async def test_a_store_that_is_mostly_nobody_s_is_a_mistake_and_stays(cellar: Cellar) -> None:
    for n in range(3):
        cellar.save(bytes([n]))
    await cellar.sweep(most_removed=2)
    assert len(cellar.keys()) == 3
    assert cellar.told("storage.orphans_left")[0]["orphans"] == 3
    await cellar.sweep(most_removed=3)
    assert cellar.keys() == set()


async def test_a_sweep_never_takes_what_a_unit_is_about_to_name(
    sqlite_url: str, tmp_path: Path
) -> None:
    with open_clinic(sqlite_url) as clinic:
        cellar = make_cellar(make_consortium(clinic), FolderStore(tmp_path / "blobs"), tmp_path)
        writing = asyncio.create_task(_write_many(cellar))
        sweeps = 0
        while not writing.done():
            await cellar.sweep(most_removed=10_000)
            sweeps += 1
        await writing
        assert sweeps > 1
        named = clinic.system(_named)
        assert len(named) == 40
        assert named <= cellar.keys()
        for blob in named:
            assert cellar.store.size(blob) > 0


async def _write_many(cellar: Cellar) -> None:
    """As every door does: the ledger, the bytes, the row, and the ledger closed."""

    def one(number: int) -> None:
        ledger = new_id()
        cellar.keep(bytes([number]) * 50, announce=lambda key: cellar.spool.note_key(ledger, key))
        cellar.spool.close_ledger(ledger)

    for number in range(40):
        await asyncio.to_thread(one, number)


def _named(work: Work) -> set[str]:
    return {blob.key for blob, *_ in audit.blobs_after(work.session, "", limit=1000)}
