"""Backups of a house on PostgreSQL and S3, restored on either column (F22, OPS-03)."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import text

from consult.people.organisations import consortia
from server.__main__ import run
from server.backups import model
from server.settings import Settings
from server.stores import make_store
from server.verification.findings import Findings
from server.verification.opened import opened
from server.verification.walk import verify
from tests.makers.databases import Cluster
from tests.makers.s3 import S3House, Weather
from tests.makers.tampered import Tampered
from tests.makers.world import open_installation
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.postgres, pytest.mark.timeout(180)]
TABLES = ("patients", "cases", "reports", "instance_blobs", "journal_entries", "appointments")
_AT_LEAST = 20


@dataclass
class Far:
    """A house whose database and images lie elsewhere."""

    house: WorldHouse
    chosen: dict[str, str]

    def back_up(self, target: Path) -> int:
        return run(["backup", str(target), *flags(self.house.house.data_dir, self.chosen)])


@dataclass
class Machine:
    """Where a backup is restored: an empty folder with the keys, and what it is told to use."""

    folder: Path
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings.model_validate({"data_dir": self.folder, **self.chosen})

    def restore(self, source: Path, *, keys: Path) -> int:
        if not (self.folder / "keys").exists():
            shutil.copytree(keys / "keys", self.folder / "keys")
        return run(["restore", str(source), *flags(self.folder, self.chosen)])

    def findings(self) -> Findings:
        with opened(self.settings) as checked:
            return verify(checked, progress=lambda *_: None)

    def rows(self, statement: str) -> list[str]:
        clinic = open_installation(self.settings)
        try:
            return clinic.system(
                lambda work: [str(value) for value in work.session.scalars(text(statement))]
            )
        finally:
            clinic.units.close()

    def found(self, name: str) -> None:
        """A new fact in the restored house: its journal and its counters go on."""
        clinic = open_installation(self.settings)
        try:
            places = clinic.system(
                lambda work: list(work.session.scalars(text("SELECT id FROM institutions")))
            )
            clinic.system(consortia.add_consortium, name=name, name_en="", lead_id=places[0])
        finally:
            clinic.units.close()


def flags(folder: Path, chosen: Mapping[str, str]) -> list[str]:
    """As words of a command line; the keys of the bucket stand in the environment."""
    told = {"data_dir": str(folder), **chosen}
    on_the_line = ("data_dir", "database_url", "blob_url", "blob_endpoint")
    return [
        word
        for name in on_the_line
        if name in told
        for word in (f"--{name.replace('_', '-')}", told[name])
    ]


@pytest.fixture(autouse=True)
def _around(monkeypatch: pytest.MonkeyPatch, s3: S3House) -> Iterator[None]:
    monkeypatch.setenv("LC_ALL", "C")
    own = s3.settings(s3.make_place())
    for name in ("blob_access_key", "blob_secret_key"):
        monkeypatch.setenv(f"LIANZHEN_{name.upper()}", own[name])
    yield
    s3.door.weather = Weather.FAIR


@pytest.fixture(scope="module")
def far(cluster: Cluster, s3: S3House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    chosen = elsewhere(cluster, s3)
    with open_world(tmp_path_factory.mktemp("far") / "house", **chosen) as house:
        yield Far(house, chosen)


@pytest.fixture
def grown_machine(cluster: Cluster, s3: S3House, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "grown", elsewhere(cluster, s3))


def elsewhere(cluster: Cluster, s3: S3House) -> dict[str, str]:
    """An empty database and an empty bucket."""
    return {
        "database_url": cluster.make_database("template0"),
        **s3.settings(s3.make_place()),
    }


class Writers:
    """People at work while the backup is made; what was acknowledged before it began is known."""

    def __init__(self, far: Far) -> None:
        self._far, self._stop = far, threading.Event()
        self.acknowledged: list[str] = []
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(3)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def until(self, number: int) -> list[str]:
        while len(self.acknowledged) < number:
            assert any(thread.is_alive() for thread in self._threads)
            self._stop.wait(0.02)
        return list(self.acknowledged)

    def _work(self, lane: int) -> None:
        clinic, lead = self._far.house.world.clinic, self._far.house.world.places[Side.LEAD]
        for number in count():
            if self._stop.is_set():
                return
            name = f"医联体 {id(self)}-{lane}-{number}"
            clinic.system(consortia.add_consortium, name=name, name_en="", lead_id=lead)
            self.acknowledged.append(name)


def test_a_backup_made_under_writes_is_restored_to_postgresql_and_s3_and_verifies(
    far: Far, grown_machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Writers(far) as writers:
        before = writers.until(_AT_LEAST)
        assert far.back_up(tmp_path / "backup") == 0
        writers.until(len(writers.acknowledged) + 1)
    keys = far.house.house.data_dir
    assert grown_machine.restore(tmp_path / "backup", keys=keys) == 0
    assert "Everything is as it was written." in capsys.readouterr().out
    findings = grown_machine.findings()
    assert findings.is_clean, findings.first
    assert findings.checked["images"] > 0
    assert findings.checked["reports"] > 0
    assert set(before) <= set(grown_machine.rows("SELECT name FROM consortia"))
    assert grown_machine.rows("SELECT count(*) FROM journal_entries WHERE position IS NULL") == [
        "0"
    ]
    grown_machine.found("复原之后成立的医联体")
    assert grown_machine.findings().is_clean
    assert grown_machine.restore(tmp_path / "backup", keys=keys) == 78, "never over an installation"


def test_a_backup_carries_a_house_to_the_other_column_and_back(
    far: Far, grown_machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL and S3, to one file and one folder, to PostgreSQL and S3 again."""
    small = Machine(tmp_path / "small")
    assert far.back_up(tmp_path / "backup") == 0
    with monkeypatch.context() as alone:
        for name in ("BLOB_ACCESS_KEY", "BLOB_SECRET_KEY"):
            alone.delenv(f"LIANZHEN_{name}")
        assert small.restore(tmp_path / "backup", keys=far.house.house.data_dir) == 0
        assert run(["backup", str(tmp_path / "second"), *flags(small.folder, {})]) == 0
    assert grown_machine.restore(tmp_path / "second", keys=small.folder) == 0
    for table in TABLES:
        every = f"SELECT count(*) FROM {table}"  # noqa: S608 - names of our own tables
        assert grown_machine.rows(every) == small.rows(every), table
    chain = "SELECT hash FROM journal_entries ORDER BY position"
    assert grown_machine.rows(chain) == small.rows(chain)
    assert Tampered(small.folder).findings().is_clean


@pytest.mark.parametrize("name", [model.DATABASE, model.MANIFEST, model.SIGNATURE, "blob"])
def test_a_changed_backup_is_refused_or_named(
    far: Far, grown_machine: Machine, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert far.back_up(tmp_path / "backup") == 0
    blobs = sorted((tmp_path / "backup" / "blobs").glob("[!.]*/*/*"))
    path = blobs[0] if name == "blob" else tmp_path / "backup" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    code = grown_machine.restore(tmp_path / "backup", keys=far.house.house.data_dir)
    if name == "blob":
        assert code == 1
        assert path.name in capsys.readouterr().err
        return
    assert code == 78
    assert model.BLOBS not in {path.name for path in grown_machine.folder.iterdir()}


def test_what_is_away_is_named_and_leaves_nothing_behind(
    far: Far, s3: S3House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.door.weather = Weather.ERRORS
    assert far.back_up(tmp_path / "backup") == 78
    assert "The store of images cannot be reached." in capsys.readouterr().err
    s3.door.weather = Weather.FAIR
    nobody = far.chosen | {"database_url": "postgresql://clinic@127.0.0.1:9/clinic"}
    folder = far.house.house.data_dir
    assert run(["backup", str(tmp_path / "backup"), *flags(folder, nobody)]) == 78
    assert "The database cannot be reached." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_flipped_byte_in_the_bucket_is_found_by_verify(
    far: Far, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["verify", *flags(far.house.house.data_dir, far.chosen)]
    assert run(command) == 0
    bucket = make_store(Machine(far.house.house.data_dir, far.chosen).settings)
    key = next(iter(bucket.list_keys()))
    kept = bucket.read(key, start=0, length=bucket.size(key))
    bucket.put(key, [kept[:-1] + bytes([kept[-1] ^ 1])])
    try:
        assert run(command) == 1
        assert key in capsys.readouterr().err
    finally:
        bucket.put(key, [kept])
