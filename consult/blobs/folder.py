"""Blobs in a folder: whole or not at all, and there after a power cut once `put` has returned."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from consult.blobs.errors import BlobMissingError
from consult.blobs.names import parse_key
from consult.kernel.disk import fsync_folder, write_all

_INCOMING: Final = ".incoming"  # beside the institutions: same file system, so rename is atomic
_SPREAD: Final = 2  # ids begin with the time, so their last digits spread blobs over 256 folders


class FolderStore:
    """A store in one folder: `<institution>/<last two digits>/<id>`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._durable: set[Path] = set()

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store a blob: temporary file, fdatasync, rename, fsync of the folder."""
        incoming = self._root / _INCOMING
        self._make_durable(incoming)
        target = self._path(key)
        draft = incoming / secrets.token_hex(16)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # `sweep` leaves what somebody still holds
            for piece in pieces:
                write_all(descriptor, piece)
            os.fdatasync(descriptor)
            self._make_durable(target.parent)
            draft.rename(target)
            fsync_folder(target.parent)
        finally:
            os.close(descriptor)
            draft.unlink(missing_ok=True)

    def read(self, key: str, *, start: int, length: int) -> bytes:
        """The stored bytes of this range, fewer where the blob ends earlier."""
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise BlobMissingError(key) from None
        try:
            return _read_all(descriptor, start=start, length=length)
        finally:
            os.close(descriptor)

    def size(self, key: str) -> int:
        """How many bytes are stored."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise BlobMissingError(key) from None

    def delete(self, key: str) -> None:
        """Remove a blob; one that is gone already is no fault."""
        path = self._path(key)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
            fsync_folder(path.parent)

    def list_keys(self) -> Iterator[str]:
        """The keys of every blob that is stored, in order."""
        for path in sorted(self._root.glob("[!.]*/*/*")):
            yield f"{path.parent.parent.name}/{path.name}"

    def sweep(self) -> int:
        """Remove what writers that died left behind; how many files that were."""
        return sum(_remove_if_ownerless(draft) for draft in self._root.glob(f"{_INCOMING}/*"))

    def _path(self, key: str) -> Path:
        institution_id, blob_id = parse_key(key)
        return self._root / institution_id / blob_id[-_SPREAD:] / blob_id

    def _make_durable(self, folder: Path) -> None:
        """Make a folder whose name is on the disk, even if another process made it just now."""
        if folder in self._durable:
            return
        if folder != self._root:
            self._make_durable(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True, parents=folder == self._root)
        fsync_folder(folder.parent)
        self._durable.add(folder)


def _remove_if_ownerless(draft: Path) -> bool:
    try:
        descriptor = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True


def _read_all(descriptor: int, *, start: int, length: int) -> bytes:
    first = os.pread(descriptor, length, start)
    if len(first) == length:
        return first
    found = bytearray(first)
    while len(found) < length:
        piece = os.pread(descriptor, length - len(found), start + len(found))
        if not piece:
            break
        found += piece
    return bytes(found)
