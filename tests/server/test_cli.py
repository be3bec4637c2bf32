"""The commands, as an engineer at a hospital types them."""

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from consult.reports.seal import load_seal
from server.cli import doctor, options, speech
from server.settings import Settings, load_settings
from server.supervisor.folder_lock import hold_data_folder

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.server


def lianzhen(*arguments: str, language: str = "C") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": language, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_verb_it_names_the_verbs() -> None:
    told = lianzhen()
    assert told.returncode == 2
    assert "serve" in told.stdout
    assert lianzhen("--help").returncode == 0
    assert lianzhen("surve").returncode == 2


def test_it_speaks_chinese_in_a_chinese_terminal() -> None:
    told = lianzhen("serve", "--workers", "4", language="zh_CN.UTF-8")
    assert told.returncode == 2
    assert told.stderr == "workers: 多个 web 进程需要使用 PostgreSQL。\n"
    assert lianzhen("serve", "--workers", "4").stderr == (
        "workers: More than one web process needs PostgreSQL.\n"
    )


def test_a_second_server_is_told_plainly(tmp_path: Path) -> None:
    with hold_data_folder(tmp_path):
        told = lianzhen("serve", "--data-dir", str(tmp_path))
    assert told.returncode == 78
    assert told.stderr == "Another server or command works in this data folder. Stop it first.\n"


def test_migrate_founds_an_installation_in_which_the_doctor_finds_no_fault(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))
    assert lianzhen("migrate", *folder).returncode == 0
    assert lianzhen("migrate", *folder).returncode == 0
    seen = lianzhen("doctor", *folder)
    assert seen.returncode == 0, seen.stdout
    assert "FAULT" not in seen.stdout
    assert "seccomp" in seen.stdout


def test_old_data_without_its_key_is_never_given_a_new_one(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path))
    lianzhen("migrate", *folder)
    key_file = tmp_path / "keys" / "master.key"
    key_file.unlink()
    told = lianzhen("migrate", *folder)
    assert told.returncode == 78
    assert "key file of this installation is missing" in told.stderr
    assert not key_file.exists()


@pytest.mark.timeout(180)
def test_an_administrator_gets_a_one_time_password_and_can_get_another(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path))
    person = ("--name", "郭启航", "--institution", "jzeye")
    added = lianzhen("user", "add", "guo", "--admin", *person, *folder)
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("One-time password of guo: ")
    again = lianzhen("user", "reset-password", "guo", "--second-factor", *folder)
    assert again.returncode == 0, again.stderr
    assert again.stdout != added.stdout
    assert lianzhen("user", "add", "guo", "--admin", *person, *folder).returncode == 1
    assert lianzhen("user", "reset-password", "nobody", *folder).returncode == 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"data_dir": tmp_path})


def faults_of(settings: Settings) -> set[str]:
    """All but the last check, which starts a jail."""
    findings = islice(doctor.examine(settings), 8)
    return {finding.message for finding in findings if not finding.is_well}


def test_the_doctor_names_what_an_empty_folder_lacks(settings: Settings) -> None:
    assert faults_of(settings) == {
        "The key file cannot be read.",
        "The database is empty. Run: lianzhen migrate",
    }


def test_the_doctor_sees_a_key_that_others_can_read(settings: Settings) -> None:
    settings.key_file.parent.mkdir()
    settings.key_file.write_text("x")
    settings.key_file.chmod(0o644)
    assert "Other users of this machine can read the key file." in faults_of(settings)


def test_the_doctor_sees_a_database_that_is_none(settings: Settings) -> None:
    Path(settings.database_url.removeprefix("sqlite:///")).write_text("not a database" * 100)
    assert "The database cannot be reached." in faults_of(settings)


def test_the_doctor_sees_a_folder_that_is_gone(tmp_path: Path) -> None:
    gone = load_settings({"data_dir": tmp_path / "gone"})
    assert "The data folder cannot be written." in faults_of(gone)


def test_the_doctor_sees_an_old_backup_a_lost_seal_and_a_changed_anchor(settings: Settings) -> None:
    assert lianzhen("migrate", "--data-dir", str(settings.data_dir)).returncode == 0
    assert faults_of(settings) == set()
    last = settings.data_dir / "last_backup.json"
    last.write_text('{"at": "2020-01-01T00:00:00+00:00"}')
    (settings.data_dir / "anchors.jsonl").write_text('{"anchor": {}}\n')
    (settings.key_file.parent / "seal.pem").unlink()
    assert faults_of(settings) == {
        "The last backup is older than 8 days.",
        "The key of the seal is missing: put it back.",
    }
    load_seal(settings.key_file.parent)
    last.write_text("nonsense")
    assert faults_of(settings) == {
        "Nobody can read when the last backup was made.",
        "The newest anchor of the journal was changed. Run: lianzhen verify",
    }


def test_every_reason_is_said_in_chinese_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for reason in (*options.REASONS.values(), options.OTHER_REASON):
        assert speech.sentence(reason) != reason


def test_publish_writes_the_verification_page_for_a_machine_without_patients(
    tmp_path: Path,
) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))
    assert lianzhen("migrate", *folder).returncode == 0
    told = lianzhen("publish", "--out", str(tmp_path / "out"), *folder)
    assert told.returncode == 0, told.stderr
    for place in ("verify", "verify/en"):
        page = (tmp_path / "out" / place / "index.html").read_text("utf-8")
        assert 'data-controller="code"' in page
    assert (tmp_path / "out" / "static").is_dir()
