"""An installation on an empty machine, from a backup and the keys that were kept apart."""

import shutil
import tempfile
import time
from hashlib import file_digest
from pathlib import Path
from typing import Final

from consult.blobs.folder import FolderStore
from consult.blobs.store import BlobStore
from consult.db.engine import parse_database_url
from consult.db.migrate import upgrade_to_head
from consult.db.snapshot import is_vacant, lay_snapshot
from consult.db.unit import make_units
from consult.journal import audit
from consult.journal import service as journal
from consult.kernel.disk import fsync_folder
from consult.kernel.keys import Vault, load_vault
from consult.reports.seal import require_seal
from server.anchors import FILE as ANCHOR_FILE
from server.backups import model
from server.backups.sealing import PIECE_BYTES, open_file
from server.settings import Settings
from server.stores import make_store

_ASK_AGAIN_S: Final = 0.05


def restore_backup(settings: Settings, source: Path) -> model.Manifest:
    """Lay everything where it belongs; the keys must lie in their place already.

    Raises BackupBrokenError, BackupFileChangedError, TargetTakenError, KeyFileMissingError,
    SealMissingError, DatabaseAwayError, BlobsAwayError.
    """
    vault = load_vault(settings.key_file)
    manifest = model.read_manifest(source, seal=require_seal(settings.key_file.parent))
    _check_files(source, manifest)
    stored = make_store(settings)
    if not _is_free(settings) or any(stored.list_keys()):
        raise model.TargetTakenError
    _copy_blobs(source, stored)
    for upload in manifest.spool:
        _restore_upload(settings, source, vault, upload)
    if (source / model.CONFIG).is_dir():
        target = settings.data_dir / model.CONFIG
        shutil.copytree(source / model.CONFIG, target, dirs_exist_ok=True)
    if (source / model.ANCHORS).exists():
        shutil.copyfile(source / model.ANCHORS, settings.data_dir / ANCHOR_FILE)
    # last: without it the place is still empty
    _lay_database(settings, source, vault, manifest.database)
    fsync_folder(settings.data_dir)
    return manifest


def give_places(settings: Settings) -> None:
    """Number the entries that the snapshot met between COMMIT and their place in the chain."""
    units = make_units(
        parse_database_url(settings.database_url),
        vault=load_vault(settings.key_file),
        number=journal.number_entries,
        on_commit=lambda: None,
    )
    try:
        while units.write(lambda session: list(audit.unplaced(session))).result():
            time.sleep(_ASK_AGAIN_S)
    finally:
        units.close()


def _is_free(settings: Settings) -> bool:
    """A SQLite file that lies there is never written over, even without a row in it."""
    url = parse_database_url(settings.database_url)
    if settings.is_sqlite:
        return not Path(url.database or "").exists()
    return is_vacant(url)


def _lay_database(
    settings: Settings, source: Path, vault: Vault, sealed: model.SealedFile | None
) -> None:
    url = parse_database_url(settings.database_url)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as folder:
        plain = Path(folder) / model.PLAIN_DATABASE
        if sealed is None:
            shutil.copyfile(source / model.PLAIN_DATABASE, plain)
        else:
            open_file(source / model.DATABASE, plain, vault, sealed)
        if settings.is_sqlite:
            plain.chmod(0o600)
            shutil.move(plain, url.database or "")
            return
        upgrade_to_head(f"sqlite:///{plain}")  # the backup may be of an earlier release
        lay_snapshot(plain, url)


def _check_files(source: Path, manifest: model.Manifest) -> None:
    for name, sha256 in manifest.hashes.items():
        path = source / name
        if not path.is_file():
            raise model.BackupFileChangedError(name)
        with path.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != sha256:
                raise model.BackupFileChangedError(name)


def _copy_blobs(source: Path, stored: BlobStore) -> None:
    kept = FolderStore(source / model.BLOBS)
    for key in kept.list_keys():
        size = kept.size(key)
        stored.put(
            key,
            (
                kept.read(key, start=start, length=PIECE_BYTES)
                for start in range(0, size, PIECE_BYTES)
            ),
        )


def _restore_upload(
    settings: Settings, source: Path, vault: Vault, upload: model.SealedFile
) -> None:
    folder = settings.data_dir / model.SPOOL
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    open_file(source / model.SPOOL / upload.id, folder / upload.id, vault, upload)
