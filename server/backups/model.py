"""What a backup holds: a folder with the database, blobs, spool, anchors, rules and a manifest.

The database is one SQLite file and the blobs are a folder, whatever they were copied from.

Everything lies in it as it lies at rest: blobs encrypted, numbers sealed. The keys are not inside.
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

SCHEMA: Final = "lianzhen.backup/1"
DATABASE: Final = "lianzhen.db"
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


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """The acknowledged bytes of an unfinished upload, encrypted under a key of their own."""

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
    spool: Sequence[SpoolFile]


def write_manifest(folder: Path, manifest: Manifest, *, seal: Seal) -> None:
    """Write the manifest and the seal over it."""
    content = canonical_json(
        {
            "schema": SCHEMA,
            "made_at": manifest.made_at.isoformat(),
            "seal_id": manifest.seal_id,
            "files": dict(manifest.hashes),
            "blobs": manifest.blobs,
            "spool": [
                {
                    "id": each.id,
                    "size": each.size_bytes,
                    "key": base64.b64encode(each.wrapped_key).decode(),
                }
                for each in manifest.spool
            ],
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
    if told["schema"] != SCHEMA:
        raise BackupBrokenError
    return Manifest(
        made_at=datetime.fromisoformat(told["made_at"]),
        seal_id=told["seal_id"],
        hashes=told["files"],
        blobs=told["blobs"],
        spool=[
            SpoolFile(each["id"], each["size"], base64.b64decode(each["key"]))
            for each in told["spool"]
        ],
    )
