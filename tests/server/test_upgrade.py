"""A data folder as the first release left it, and today's server on it (F23, OPS-02)."""

import re
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, text

from consult.db import migrate, snapshot
from consult.db.engine import parse_database_url
from consult.kernel.keys import load_vault
from server.__main__ import run
from server.installation import SchemaBehindError, prepare
from server.settings import Settings
from tests.makers.databases import Cluster
from tests.makers.house import ROOT, open_house
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
KEPT = Path(__file__).parents[1] / "releases" / "first_loop.tar.xz"
FIRST = "0001"
PASSWORD = "lianzhen-{}-demo"
OPENED_BY = {
    "chen": ("/cases", "/patients", "/account"),
    "zhou": ("/worklist",),
    "fang": ("/desk",),
    "jian": ("/oversight",),
    "admin": ("/admin",),
}
IMAGE = re.compile(r'"(/dicomweb/[^"]+)"')

KILLED_AFTER = {"sqlite": (4, 30, 70, 110), "postgresql": (4, 12, 22, 32)}  # statements
KILLER = """
import os, signal, sys
from sqlalchemy import Engine, event

left = int(sys.argv[1])

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

from server.__main__ import run
sys.exit(run(sys.argv[2:]))
"""


@dataclass
class Old:
    """The folder, on one of both databases, and what was in it."""

    folder: Path
    chosen: dict[str, str]

    @property
    def settings(self) -> Settings:
        return Settings.model_validate({"data_dir": self.folder, **self.chosen})

    def run(self, verb: str, *more: str) -> int:
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in self.chosen.items()]
        return run([verb, *more, "--data-dir", str(self.folder), *flags])

    def killed(self, verb: str, *, after: int) -> bool:
        """Run a verb in a process of its own that dies before this statement."""
        told = [sys.executable, "-c", KILLER, str(after), verb, "--data-dir", str(self.folder)]
        told += [f"--{name.replace('_', '-')}={value}" for name, value in self.chosen.items()]
        code = subprocess.run(told, cwd=ROOT, check=False, capture_output=True).returncode
        assert code in {0, -signal.SIGKILL}
        return code != 0

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with connected(self.settings.database_url) as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def everything(self, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
        """Every value that the first release wrote, a table after the other."""
        return {
            table: sorted(
                self.rows(f"SELECT {', '.join(named)} FROM {table}"),  # noqa: S608 - our own names
                key=repr,
            )
            for table, named in columns.items()
        }


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(parse_database_url(url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def unpack(folder: Path) -> Path:
    with tarfile.open(KEPT) as archive:
        archive.extractall(folder, filter="data")
    return folder / "data"


def first_columns(folder: Path) -> dict[str, list[str]]:
    """The tables of the first release, and their columns."""
    with closing(sqlite3.connect(folder / "lianzhen.db")) as database:
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "alembic_"))
        ]
        return {
            table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for table in tables
        }


def on_postgres(cluster: Cluster, folder: Path) -> str:
    """The same rows in a PostgreSQL that has the first release's tables."""
    url = cluster.make_database("template0")
    command.upgrade(migrate._config(url), FIRST)  # noqa: SLF001 - a release that is gone
    file = folder / "lianzhen.db"
    with connected(f"sqlite:///{file}") as source, connected(url) as target:
        snapshot._copy_rows(source, target)  # noqa: SLF001 - row for row, as it is
        snapshot._set_sequences(target)  # noqa: SLF001 - as above
    file.rename(folder / "not_used.db")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Old:
    monkeypatch.setenv("LC_ALL", "C")
    folder = unpack(tmp_path)
    if request.param == "sqlite":
        return Old(folder, {})
    return Old(folder, {"database_url": on_postgres(request.getfixturevalue("cluster"), folder)})


@pytest.fixture
def columns(tmp_path: Path) -> dict[str, list[str]]:
    return first_columns(unpack(tmp_path / "beside"))


async def test_everything_that_the_first_release_wrote_is_there_and_opens(
    old: Old, columns: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert old.rows("SELECT version_num FROM alembic_version") == [(FIRST,)]
    with pytest.raises(SchemaBehindError):
        prepare(old.settings)
    before = old.everything(columns)
    assert len(before["reports"]) >= 4
    assert len(before["journal_entries"]) > 100
    assert old.run("migrate") == 0
    assert old.run("migrate") == 0, "a second time changes nothing"
    assert old.everything(columns) == before, "no value of the first release has changed"
    live = old.rows("SELECT live_case_id, live_key FROM referrals")
    assert any(key for _case, key in live)
    assert all((case is None) == (key is None) for case, key in live)
    assert old.run("verify") == 0
    assert "Everything is as it was written." in capsys.readouterr().out
    await pages_open(old)
    assert old.run("verify") == 0, "what was written since follows from what was there"
    assert old.run("backup", str(old.folder.parent / "backup")) == 0


async def pages_open(old: Old) -> None:
    ((case_id, report_id, author),) = old.rows(
        "SELECT r.case_id, r.id, a.login FROM reports r JOIN practitioners a ON a.id = r.author_id"
        " JOIN cases c ON c.id = r.case_id"
        " JOIN practitioners p ON p.id = c.requesting_physician_id"
        " WHERE p.login = 'chen' ORDER BY r.id LIMIT 1"
    )
    of_a_case = (f"/cases/{case_id}", f"/reports/{report_id}")
    openings = [*OPENED_BY.items(), ("chen", of_a_case), (author, of_a_case)]
    with open_house(old.folder, **old.chosen) as house:
        for login, paths in openings:
            async with Visitor(house.base) as visitor:
                await visitor.sign_in(login, PASSWORD.format(login))
                for path in paths:
                    status, page = await visitor.page(path)
                    assert status == 200, (login, path)
                for image in IMAGE.findall(page)[:2]:
                    status, picture = await visitor.picture(image)
                    assert (status, picture[:2]) == (200, b"\xff\xd8"), "it is a JPEG"


def test_a_folder_whose_keys_are_lost_is_refused(tmp_path: Path) -> None:
    folder = unpack(tmp_path)
    load_vault(folder / "keys" / "master.key")
    (folder / "keys" / "master.key").unlink()
    assert Old(folder, {}).run("migrate") == 78
    assert Old(folder, {}).rows("SELECT version_num FROM alembic_version") == [(FIRST,)]


def test_a_migration_that_is_killed_has_done_nothing_and_is_done_later(
    old: Old, columns: dict[str, list[str]]
) -> None:
    before = old.everything(columns)
    for after in KILLED_AFTER[parse_database_url(old.settings.database_url).get_backend_name()]:
        assert old.killed("migrate", after=after), after
        assert old.rows("SELECT version_num FROM alembic_version") == [(FIRST,)]
        assert old.everything(columns) == before
    assert old.run("migrate") == 0
    assert old.everything(columns) == before
    assert old.run("verify") == 0
