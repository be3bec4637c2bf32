"""A start loads what it needs and compiles nothing twice, so that a house is back soon."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from jinja2 import Environment, FileSystemLoader
from jinja2.bccache import Bucket

from consult.db import schema
from consult.kernel.keys import KeyFileMissingError
from consult.reports.seal import SealMissingError
from server.compiled_templates import CompiledTemplates
from server.installation import SchemaBehindError, migrate, prepare
from server.settings import Settings, load_settings
from server.supervisor.child import CANNOT_START

ROOT = Path(__file__).parents[2]
HEAVY = ("alembic", "pypinyin", "server.demo", "blockbuster")
SOURCE = "<p>{{ name }}</p>"


def loaded_by(verb: str) -> set[str]:
    """The modules that a verb's process has loaded before it does anything."""
    program = f"import sys, server.cli.{verb}; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True
    )
    return set(told.stdout.decode().split())


def test_web_starts_without_what_only_some_starts_need() -> None:
    assert loaded_by("web").isdisjoint(HEAVY)
    assert "server.demo" in loaded_by("seed")


def test_the_supervisor_stays_small() -> None:
    assert loaded_by("serve").isdisjoint({*HEAVY, "sqlalchemy", "aiohttp", "jinja2", "babel"})
    assert "sqlalchemy" in loaded_by("web")


def settings_at(folder: Path) -> Settings:
    return load_settings({"data_dir": str(folder)})


def test_the_newest_migration_is_found_as_alembic_finds_it() -> None:
    script = ScriptDirectory(str(ROOT / "consult" / "db" / "migrations"))
    assert schema.find_heads() == set(script.get_heads())


def test_a_database_of_another_release_is_not_served(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    assert prepare(settings) is True
    assert prepare(settings) is False
    set_release(settings, "0000")
    with pytest.raises(SchemaBehindError):
        prepare(settings)


def test_migrating_makes_a_database_that_is_served(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    migrate(settings)
    assert schema.is_at_head(settings.database_url)
    assert prepare(settings) is False


@pytest.mark.parametrize("lost", ["seal.pem", "master.key"])
@pytest.mark.parametrize("step", [prepare, migrate])
def test_a_lost_key_beside_old_rows_is_asked_for_and_never_replaced(
    tmp_path: Path, step: Callable[[Settings], object], lost: str
) -> None:
    settings = settings_at(tmp_path)
    migrate(settings)
    assert (settings.key_file.parent / "seal.pem").exists()
    file = settings.key_file.parent / lost
    file.unlink()
    with pytest.raises((SealMissingError, KeyFileMissingError)):
        step(settings)
    assert not file.exists()


def set_release(settings: Settings, release: str) -> None:
    with sqlite3.connect(settings.data_dir / "lianzhen.db") as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (release,))
    database.close()


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one template in it, on a machine that keeps what Python compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "page.html").write_text(SOURCE, "utf-8")
    return tmp_path


def open_bucket(folder: Path, *, source: str = SOURCE, autoescape: bool = True) -> Bucket:
    """What is kept of the template, as a start finds it."""
    environment = Environment(autoescape=autoescape)  # noqa: S701 - one test asks what it changes
    kept = CompiledTemplates(folder)
    key, checksum = kept.get_cache_key("page.html"), kept.get_source_checksum(source)
    bucket = Bucket(environment, key, checksum)
    kept.load_bytecode(bucket)
    return bucket


def render(folder: Path) -> str:
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, bytecode_cache=CompiledTemplates(folder)
    )
    return environment.get_template("page.html").render(name="<王>")


def test_a_template_is_compiled_once(templates: Path) -> None:
    assert open_bucket(templates).code is None
    assert render(templates) == "<p>&lt;王&gt;</p>"
    assert open_bucket(templates).code is not None
    assert render(templates) == "<p>&lt;王&gt;</p>"


def test_a_changed_template_or_option_is_compiled_anew(templates: Path) -> None:
    render(templates)
    assert open_bucket(templates, source="<b>{{ name }}</b>").code is None
    assert open_bucket(templates, autoescape=False).code is None
    (templates / "page.html").write_text("<b>{{ name }}</b>", "utf-8")
    assert render(templates) == "<b>&lt;王&gt;</b>"


def test_a_torn_file_is_compiled_anew(templates: Path) -> None:
    render(templates)
    (kept,) = (templates / "__pycache__").iterdir()
    whole = kept.read_bytes()
    for torn in (b"", whole[:20], whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        kept.write_bytes(torn)
        assert open_bucket(templates).code is None
        assert render(templates) == "<p>&lt;王&gt;</p>"
        assert kept.read_bytes() == whole


def test_where_nothing_can_be_kept_pages_are_set_all_the_same(templates: Path) -> None:
    (templates / "__pycache__").write_text("in the way", "utf-8")
    assert render(templates) == "<p>&lt;王&gt;</p>"
    assert open_bucket(templates).code is None


def test_a_machine_that_keeps_no_bytecode_keeps_none(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render(templates) == "<p>&lt;王&gt;</p>"
    assert not (templates / "__pycache__").exists()


def test_nothing_is_kept_of_a_template_that_was_not_compiled(templates: Path) -> None:
    CompiledTemplates(templates).dump_bytecode(open_bucket(templates))
    assert not (templates / "__pycache__").exists()


def test_web_says_what_is_wrong_with_the_seal_and_is_not_started_again(tmp_path: Path) -> None:
    data_dir, seal = tmp_path / "data", tmp_path / "seal.p12"
    data_dir.mkdir()
    seal.write_bytes(b"no PKCS#12 file")
    told = subprocess.run(
        [sys.executable, "-m", "server", "web"],
        cwd=ROOT,
        env={
            **os.environ,
            "LIANZHEN_DATA_DIR": str(data_dir),
            "LIANZHEN_SEAL_FILE": str(seal),
            "LC_ALL": "C",
        },
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == CANNOT_START
    assert b"The file of the hospital's seal cannot be read" in told.stderr
    assert b"Traceback" not in told.stderr
