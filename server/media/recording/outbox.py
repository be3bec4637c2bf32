"""Where parts wait for web: a folder each, numbered once and never again, until web has them.

    media/outbox/source            the name of this outbox
    media/outbox/next              the number of the next part
    media/outbox/000000000007/     manifest.json, and the files that it names

A part is known by (source, sequence). One whose process died is settled at the next start.
Everything here waits for the disk: threads call it.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from consult.kernel.disk import fsync_folder, write_all
from server.media.recording.manifest import (
    BROKEN_OFF,
    CLOSED,
    FILE,
    RECORDING,
    Manifest,
    TrackFacts,
    read_manifest,
)
from server.media.recording.sealing import measure_stored

log = structlog.get_logger()
_DIGITS: Final = 12
_MOST_LISTED: Final = 100
_RESERVE: Final = "reserve"
_RESERVE_BYTES: Final = 1 << 17
_PIECE_BYTES: Final = 1 << 20


class Outbox:
    """One process uses it at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = ""
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make it, or find it, and settle what a process that died has left; raises OSError.

        Once that was done it does nothing more.
        """
        with self._lock:
            if self.source:
                return
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = self.folder / "source"
            if not name.exists():
                _write_whole(name, secrets.token_hex(16).encode())
            for part in self._parts():
                self._settle(part)
            self.source = name.read_text("ascii")

    def add_part(self) -> tuple[int, Path]:
        """A number and an empty folder; some room is kept back in it for its last words."""
        with self._lock:
            return self._add_part()

    def drop_part(self, part: Path) -> None:
        """A part that never began."""
        shutil.rmtree(part, ignore_errors=True)

    def free_bytes(self) -> int:
        """How much room the disk has."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def list_parts(self) -> list[Mapping[str, Any]]:
        """The closed parts, oldest first, so many at once."""
        found: list[Mapping[str, Any]] = []
        for part in self._parts():
            manifest = _find_manifest(part)
            if manifest is not None and manifest.state == CLOSED:
                found.append(
                    {
                        "sequence": manifest.sequence,
                        "recording": manifest.recording,
                        "room": manifest.room,
                        "folder": str(part),
                    }
                )
            if len(found) == _MOST_LISTED:
                break
        return found

    def acknowledge(self, sequence: int) -> bool:
        """Web has this part: it goes. True too where it went before; False while it is written."""
        part = self.folder / f"{sequence:0{_DIGITS}}"
        if not part.exists():
            return True
        manifest = _find_manifest(part)
        if manifest is None or manifest.state != CLOSED:
            return False
        shutil.rmtree(part)
        fsync_folder(self.folder)
        return True

    def _add_part(self) -> tuple[int, Path]:
        counter = self.folder / "next"
        sequence = int(counter.read_text("ascii")) if counter.exists() else 1
        _write_whole(counter, str(sequence + 1).encode())
        part = self.folder / f"{sequence:0{_DIGITS}}"
        part.mkdir(mode=0o700)
        with (part / _RESERVE).open("xb") as reserve:
            os.posix_fallocate(reserve.fileno(), 0, _RESERVE_BYTES)
        fsync_folder(self.folder)
        return sequence, part

    def _parts(self) -> list[Path]:
        return sorted(
            each
            for each in self.folder.iterdir()
            if each.name.isdigit() and len(each.name) == _DIGITS
        )

    def _settle(self, part: Path) -> None:
        manifest = _find_manifest(part)
        if manifest is None:
            self.drop_part(part)  # it never began: the manifest is written before any packet
            return
        if manifest.state != RECORDING:
            return
        manifest.state, manifest.code = CLOSED, BROKEN_OFF
        for facts in manifest.tracks:
            if not facts.sha256:
                _settle_file(part / facts.file, facts)
        write_manifest(part, manifest)
        log.warning("recording broken off", count=manifest.sequence)


def write_manifest(part: Path, manifest: Manifest) -> None:
    """Put it in the place of the one before, whole; raises OSError."""
    if manifest.state == CLOSED:
        (part / _RESERVE).unlink(missing_ok=True)
    _write_whole(part / FILE, manifest.as_json())


def _find_manifest(part: Path) -> Manifest | None:
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return read_manifest((part / FILE).read_bytes())
    return None


def _settle_file(path: Path, facts: TrackFacts) -> None:
    """Cut off what is no whole chunk, and say what the rest is."""
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:

        def skip(size: int) -> bool:
            return file.seek(size, os.SEEK_CUR) <= os.fstat(file.fileno()).st_size

        facts.bytes, ends_ms = measure_stored(file.read, skip)
        facts.length_ms, facts.frames = ends_ms, 0
        file.truncate(facts.bytes)
        os.fsync(file.fileno())
        file.seek(0)
        digest = hashlib.sha256()
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
        facts.sha256 = digest.hexdigest()


def _write_whole(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.replace(path)
    fsync_folder(path.parent)
