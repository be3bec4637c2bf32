"""A backup beside a running server: one snapshot of the database, and every byte that it names.

An image that is removed while its bytes are copied makes the snapshot older than the bytes; then a
new snapshot is taken, and only what is new in it is copied.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from consult.blobs.errors import BlobMissingError
from consult.blobs.folder import FolderStore
from consult.blobs.store import BlobStore
from consult.db.engine import parse_database_url
from consult.db.schema import is_at_head, is_empty
from consult.db.snapshot import answering, take_snapshot
from consult.db.stored import open_reading
from consult.kernel.disk import fsync_folder
from consult.kernel.faults import Fault
from consult.kernel.keys import Vault, load_vault
from consult.reports.papers.audit import named_papers
from consult.reports.seal import require_seal
from consult.rooms.recordings.audit import named_tracks
from consult.studies.audit import named_blobs
from consult.studies.uploads.audit import Unfinished, unfinished_uploads
from server.anchors import FILE as ANCHOR_FILE
from server.backups import model
from server.backups.sealing import PIECE_BYTES, seal_file
from server.installation import SchemaBehindError
from server.settings import Settings
from server.stores import make_store

_ROUNDS: Final = 10
_DATABASE: Final = "database"


@dataclass(slots=True)
class _Round:
    """What one snapshot needed, and whether anything of it had gone."""

    blobs: int = 0
    spool: list[model.SealedFile] = field(default_factory=list)
    database: model.SealedFile | None = None
    is_whole: bool = True


def make_backup(settings: Settings, target: Path, *, now: datetime) -> model.Manifest:
    """Copy the installation into a new folder; it has its name only when it is whole.

    Raises TargetTakenError, BackupRestlessError, DatabaseAwayError, BlobsAwayError.
    """
    with answering():
        if is_empty(settings.database_url) or not is_at_head(settings.database_url):
            raise SchemaBehindError
    draft = target.with_name(f".{target.name}.unfinished")
    if target.exists() or draft.exists():
        raise model.TargetTakenError
    vault, seal = load_vault(settings.key_file), require_seal(settings.key_file.parent)
    draft.mkdir(mode=0o700, parents=True)
    try:
        found = _copy_all(settings, draft, vault)
        shutil.copytree(settings.config_dir, draft / model.CONFIG)
        hashes = {name: _hash_of(draft / name) for name in _files_in(draft)}
        manifest = model.Manifest(now, seal.id, hashes, found.blobs, found.spool, found.database)
        model.write_manifest(draft, manifest, seal=seal)
        _settle(draft)
        draft.rename(target)
        fsync_folder(target.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def _copy_all(settings: Settings, draft: Path, vault: Vault) -> _Round:
    """The plain snapshot lies only where the database itself lies, and goes when it is sealed."""
    prefix = ".backup-"
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=prefix) as folder:
        return _copy_rounds(settings, draft, vault, Path(folder) / model.PLAIN_DATABASE)


def _copy_rounds(settings: Settings, draft: Path, vault: Vault, snapshot: Path) -> _Round:
    for _ in range(_ROUNDS):
        anchors = settings.data_dir / ANCHOR_FILE
        if anchors.exists():  # before the snapshot: no anchor may know more than the database
            shutil.copyfile(anchors, draft / model.ANCHORS)
        take_snapshot(parse_database_url(settings.database_url), snapshot)
        found = _copy_named(settings, draft, vault, snapshot)
        if found.is_whole:
            size, sealed = snapshot.stat().st_size, draft / model.DATABASE
            found.database = seal_file(snapshot, sealed, vault, name=_DATABASE, size=size)
            return found
    raise model.BackupRestlessError


def _copy_named(settings: Settings, draft: Path, vault: Vault, snapshot: Path) -> _Round:
    """Every blob and every unfinished upload that the snapshot names."""
    found = _Round()
    source, copy = make_store(settings), FolderStore(draft / model.BLOBS)
    known = set(copy.list_keys())
    with open_reading(parse_database_url(f"sqlite:///{snapshot}"), vault=vault) as session:
        for key in _named_keys(session):
            found.blobs += 1
            if key not in known and not _copy_blob(source, copy, key):
                found.is_whole = False
        for upload in unfinished_uploads(session):
            _copy_upload(settings, draft, vault, upload, found)
    return found


def _named_keys(session: Session) -> Iterator[str]:
    """Of images, PDFs and recordings; a damaged row is verify's to tell, it is copied as it is."""
    for image in named_blobs(session):
        if not isinstance(image, Fault):
            yield image.blob.key
    for paper in named_papers(session):
        if not isinstance(paper, Fault):
            yield paper.key
    for track in named_tracks(session):
        if not isinstance(track, Fault):
            yield track.key


def _copy_blob(source: BlobStore, copy: BlobStore, key: str) -> bool:
    """Whether the stored bytes were there."""
    try:
        copy.put(key, _stored_pieces(source, key))
    except BlobMissingError:
        return False
    return True


def _stored_pieces(source: BlobStore, key: str) -> Iterator[bytes]:
    size = source.size(key)
    for start in range(0, size, PIECE_BYTES):
        yield source.read(key, start=start, length=PIECE_BYTES)


def _copy_upload(
    settings: Settings, draft: Path, vault: Vault, upload: Unfinished, found: _Round
) -> None:
    """The acknowledged bytes, encrypted: the spool is the one place where they lie in plain."""
    path = settings.data_dir / model.SPOOL / upload.id
    if not path.exists():
        found.is_whole = found.is_whole and not upload.is_running
        return
    folder = draft / model.SPOOL
    folder.mkdir(mode=0o700, exist_ok=True)
    size = upload.offset_bytes
    found.spool.append(seal_file(path, folder / upload.id, vault, name=upload.id, size=size))


def _files_in(draft: Path) -> list[str]:
    """Every file but the blobs, which prove themselves."""
    return sorted(
        str(path.relative_to(draft))
        for path in draft.rglob("*")
        if path.is_file() and path.relative_to(draft).parts[0] != model.BLOBS
    )


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _settle(draft: Path) -> None:
    """Wait until everything is on the disk."""
    for path in [*draft.rglob("*"), draft]:
        if path.is_dir():
            fsync_folder(path)
        elif path.relative_to(draft).parts[0] != model.BLOBS:
            with path.open("rb") as file:
                os.fsync(file.fileno())
