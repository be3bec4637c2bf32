"""A backup of a running house, and the same house on an empty machine (F22, T24, OPS-03)."""

import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from consult.kernel.keys import load_vault
from consult.reports.seal import require_seal
from server.__main__ import run
from server.backups import making, model
from server.backups.sealing import open_file
from server.settings import Settings
from server.transactions import utc_now
from tests.makers.tampered import Tampered
from tests.makers.world import CANARIES
from tests.makers.world_house import WorldHouse

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
PROTECTED = [
    text for each in CANARIES for text in (each.name, each.number, each.phone, each.address)
]
PIECE = "欧阳琉璃的眼底照片".encode() * 40_000


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


def back_up(house: WorldHouse, target: Path) -> int:
    return run(["backup", str(target), "--data-dir", str(house.house.data_dir)])


def restore(house: WorldHouse, source: Path, machine: Path) -> int:
    """On an empty machine, with the keys that were kept apart."""
    if not (machine / "keys").exists():
        shutil.copytree(house.house.data_dir / "keys", machine / "keys")
    return run(["restore", str(source), "--data-dir", str(machine)])


def test_a_backup_of_a_running_house_is_restored_and_verifies(
    whole_house: WorldHouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(whole_house.world.now.lines())
    assert back_up(whole_house, tmp_path / "backup") == 0
    assert "The keys are not in it." in capsys.readouterr().out
    assert restore(whole_house, tmp_path / "backup", tmp_path / "machine") == 0
    said = capsys.readouterr().out
    assert "Everything is as it was written." in said
    there = Tampered(tmp_path / "machine")
    assert there.findings().checked["lines"] >= before
    for table in ("patients", "cases", "reports", "instance_blobs", "uploads", "appointments"):
        count = f"SELECT count(*) FROM {table}"  # noqa: S608 - names of our own tables
        assert there.query(count) == Tampered(whole_house.house.data_dir).query(count), table


def test_nothing_of_a_patient_is_plain_in_a_backup_and_no_key_is_inside(
    whole_house: WorldHouse, tmp_path: Path
) -> None:
    upload = whole_house.new_upload()
    spooled = whole_house.house.data_dir / "spool" / upload
    spooled.write_bytes(PIECE)
    statement = f"UPDATE uploads SET offset_bytes = {len(PIECE)} WHERE id = '{upload}'"  # noqa: S608
    Tampered(whole_house.house.data_dir).execute(statement)
    assert back_up(whole_house, tmp_path / "backup") == 0
    keys = [
        path.read_bytes()
        for path in (whole_house.house.data_dir / "keys").rglob("*")
        if path.is_file()
    ]
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert any(path.parent.name == "spool" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not [word for word in PROTECTED if word.encode() in content], path
        assert PIECE[:60] not in content, path
        assert not [key for key in keys if key in content], path
        if path.name in {model.DATABASE, upload}:
            assert path.stat().st_mode & 0o077 == 0, path
    assert restore(whole_house, tmp_path / "backup", tmp_path / "machine") == 0
    assert (tmp_path / "machine" / "spool" / upload).read_bytes() == PIECE
    spooled.unlink()
    Tampered(whole_house.house.data_dir).execute(f"DELETE FROM uploads WHERE id = '{upload}'")  # noqa: S608


def test_a_backup_is_whole_or_not_there(whole_house: WorldHouse, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    gone = next((whole_house.house.data_dir / "blobs").glob("[!.]*/*/*"))
    hidden = gone.rename(tmp_path / gone.name)
    try:
        assert back_up(whole_house, target) == 78
        assert list(tmp_path.iterdir()) == [hidden]
    finally:
        hidden.rename(gone)
    assert back_up(whole_house, target) == 0
    assert back_up(whole_house, target) == 78, "never over another one"


def test_an_image_that_goes_while_it_is_copied_costs_a_second_snapshot(
    whole_house: WorldHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row goes with its bytes in the house; in the first snapshot it was still there."""
    settings = Settings(data_dir=whole_house.house.data_dir)
    copy, taken = making._copy_blob, []  # noqa: SLF001 - the moment between snapshot and bytes

    def once_gone(*arguments: object) -> bool:
        taken.append(arguments)
        return len(taken) > 1 and copy(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(making, "_copy_blob", once_gone)
    manifest = making.make_backup(settings, tmp_path / "backup", now=utc_now())
    assert len(taken) == manifest.blobs + 1


@pytest.mark.parametrize("name", [model.DATABASE, model.MANIFEST, model.SIGNATURE, "blob"])
def test_a_changed_backup_is_refused_or_named(
    whole_house: WorldHouse, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert back_up(whole_house, tmp_path / "backup") == 0
    blobs = sorted((tmp_path / "backup" / "blobs").glob("[!.]*/*/*"))
    path = blobs[0] if name == "blob" else tmp_path / "backup" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    code = restore(whole_house, tmp_path / "backup", tmp_path / "machine")
    assert code == (1 if name == "blob" else 78)
    if name in {"blob", model.DATABASE}:
        assert path.name in capsys.readouterr().err


def test_a_restore_wants_the_keys_and_an_empty_place(
    whole_house: WorldHouse, tmp_path: Path
) -> None:
    assert back_up(whole_house, tmp_path / "backup") == 0
    machine = tmp_path / "machine"
    assert run(["restore", str(tmp_path / "backup"), "--data-dir", str(machine)]) == 78
    assert not (machine / "lianzhen.db").exists()
    assert restore(whole_house, tmp_path / "backup", machine) == 0
    assert restore(whole_house, tmp_path / "backup", machine) == 78, "never over an installation"
    other = tmp_path / "other"
    shutil.copytree(whole_house.house.data_dir / "keys", other / "keys")
    (other / "keys" / "seal.pem").unlink()
    assert run(["restore", str(tmp_path / "backup"), "--data-dir", str(other)]) == 78
    assert not (other / "lianzhen.db").exists()


def test_a_database_that_was_cut_short_or_belongs_elsewhere_is_named(
    whole_house: WorldHouse, tmp_path: Path
) -> None:
    settings = Settings(data_dir=whole_house.house.data_dir)
    vault = load_vault(settings.key_file)
    manifest = making.make_backup(settings, tmp_path / "backup", now=utc_now())
    file, sealed = manifest.database, tmp_path / "backup" / model.DATABASE
    assert file is not None
    open_file(sealed, tmp_path / "plain", vault, file)
    assert (tmp_path / "plain").read_bytes().startswith(b"SQLite format 3")
    assert (tmp_path / "plain").stat().st_mode & 0o077 == 0
    whole = sealed.read_bytes()
    for broken in (whole[: 8 + 65552], whole[:-1], b"x" + whole[1:], whole + b"x"):
        sealed.write_bytes(broken)
        with pytest.raises(model.BackupFileChangedError) as refused:
            open_file(sealed, tmp_path / f"out of {len(broken)} {broken[0]}", vault, file)
        assert refused.value.facts["file"] == model.DATABASE
    sealed.write_bytes(whole)
    with pytest.raises(model.BackupFileChangedError):
        open_file(sealed, tmp_path / "elsewhere", vault, replace(file, id="another"))


def test_a_backup_of_the_first_releases_is_still_restored(
    whole_house: WorldHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, backup = Settings(data_dir=whole_house.house.data_dir), tmp_path / "backup"
    made = making.make_backup(settings, backup, now=utc_now())
    assert made.database is not None
    plain = backup / model.PLAIN_DATABASE
    open_file(backup / model.DATABASE, plain, load_vault(settings.key_file), made.database)
    (backup / model.DATABASE).unlink()
    hashes = dict(made.hashes) | {plain.name: sha256(plain.read_bytes()).hexdigest()}
    del hashes[model.DATABASE]
    with monkeypatch.context() as then:
        then.setattr(model, "SCHEMA", model.PLAIN_SCHEMA)
        old = replace(made, hashes=hashes, database=None)
        model.write_manifest(backup, old, seal=require_seal(settings.key_file.parent))
    assert restore(whole_house, backup, tmp_path / "machine") == 0


def test_whoever_was_signed_in_when_it_was_copied_signs_in_again(
    whole_house: WorldHouse, tmp_path: Path
) -> None:
    open_sessions = "SELECT count(*) FROM sessions WHERE ended_at IS NULL"
    assert Tampered(whole_house.house.data_dir).query(open_sessions)[0][0] > 0
    assert back_up(whole_house, tmp_path / "backup") == 0
    assert restore(whole_house, tmp_path / "backup", tmp_path / "machine") == 0
    there = Tampered(tmp_path / "machine")
    assert there.query(open_sessions)[0][0] == 0
    assert there.findings().is_clean
