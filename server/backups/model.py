"""What a backup holds: a folder with the database, blobs, spool, anchors, rules and a manifest.

The database is one SQLite file and the blobs are a folder, whatever they were copied from.

Nothing in it can be read without the keys, which are not inside: blobs lie as they lie at rest, and
database and spool are encrypted on their way, each under a key that the master key wraps.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from consult.kernel.disk import fsync_folder
from consult.kernel.errors import ConsultError
from consult.reports.canonical import canonical_json
from consult.reports.seal import Seal

SCHEMA: Final = "lianzhen.backup/2"
PLAIN_SCHEMA: Final = "lianzhen.backup/1"
"""Of the first releases: its database is not encrypted, but can be restored."""

DATABASE: Final = "lianzhen.db.sealed"
PLAIN_DATABASE: Final = "lianzhen.db"
ANCHORS: Final = "anchors.jsonl"
BLOBS: Final = "blobs"
SPOOL: Final = "spool"
CONFIG: Final = "config"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"


class TargetTakenError(ConsultError):
    """Something lies already where the backup or the installation should go."""

    def __init__(self) -> None:
        super().__init__("target-taken")


class BackupRestlessError(ConsultError):
    """Images were removed faster than they could be copied."""

    def __init__(self) -> None:
        super().__init__("backup-restless")


class BackupBrokenError(ConsultError):
    """The folder is no whole backup of this installation."""

    def __init__(self) -> None:
        super().__init__("backup-broken")


class BackupFileChangedError(ConsultError):
    """A file of the backup is not as it was written."""

    def __init__(self, name: str) -> None:
        super().__init__("backup-file-changed", file=name)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file that is encrypted under a key of its own: the database, or an unfinished upload."""

    id: str
    size_bytes: int
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What belongs to the backup; the seal stands over it."""

    made_at: datetime
    seal_id: str
    hashes: Mapping[str, str]
    blobs: int
    spool: Sequence[SealedFile]
    database: SealedFile | None


def write_manifest(folder: Path, manifest: Manifest, *, seal: Seal) -> None:
    """Write the manifest and the seal over it."""
    content = canonical_json(
        {
            "schema": SCHEMA,
            "made_at": manifest.made_at.isoformat(),
            "seal_id": manifest.seal_id,
            "files": dict(manifest.hashes),
            "blobs": manifest.blobs,
            "spool": [_told(each) for each in manifest.spool],
            "database": None if manifest.database is None else _told(manifest.database),
        }
    )
    (folder / MANIFEST).write_bytes(content)
    (folder / SIGNATURE).write_bytes(seal.sign(content))
    fsync_folder(folder)


def read_manifest(folder: Path, *, seal: Seal) -> Manifest:
    """The manifest of a backup that our seal stands over; raises BackupBrokenError."""
    try:
        content = (folder / MANIFEST).read_bytes()
        signature = (folder / SIGNATURE).read_bytes()
    except OSError:
        raise BackupBrokenError from None
    if not seal.is_valid(signature, content):
        raise BackupBrokenError
    told: dict[str, Any] = json.loads(content)
    if told["schema"] not in {SCHEMA, PLAIN_SCHEMA}:
        raise BackupBrokenError
    database = told.get("database")
    return Manifest(
        made_at=datetime.fromisoformat(told["made_at"]),
        seal_id=told["seal_id"],
        hashes=told["files"],
        blobs=told["blobs"],
        spool=[_read(each) for each in told["spool"]],
        database=None if database is None else _read(database),
    )


def _told(file: SealedFile) -> dict[str, Any]:
    key = base64.b64encode(file.wrapped_key).decode()
    return {"id": file.id, "size": file.size_bytes, "key": key}


def _read(told: dict[str, Any]) -> SealedFile:
    return SealedFile(told["id"], told["size"], base64.b64decode(told["key"]))
