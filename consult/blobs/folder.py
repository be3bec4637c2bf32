"""Blobs in a folder: whole or not at all, and there after a power cut once `put` has returned."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from consult.blobs.errors import BlobMissingError
from consult.blobs.names import parse_key
from consult.kernel.disk import fsync_folder, write_pieces

_INCOMING: Final = ".incoming"  # beside the institutions: same file system, so rename is atomic
_SPREAD: Final = 2  # ids begin with the time, so their last digits spread blobs over 256 folders


class FolderStore:
    """A store in one folder: `<institution>/<last two digits>/<id>`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._base, self._drafts = str(root), str(root / _INCOMING)
        self._durable: set[str] = set()

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store a blob: temporary file, rename, fdatasync, fsync of the folder."""
        writer = self.begin(key)
        try:
            for piece in pieces:
                writer.write(piece)
            writer.commit()
        finally:
            writer.abort()

    def begin(self, key: str) -> "FolderWriter":
        """A blob whose bytes come one after the other."""
        folder, target = self._place(key)
        for each in (self._drafts, folder):
            if each not in self._durable:
                self._make_durable(Path(each))
        return FolderWriter(f"{self._drafts}/{secrets.token_hex(16)}", target, folder=folder)

    def settle(self, keys: Collection[str]) -> None:
        """Have the names of these blobs on the disk: one fsync for each folder of theirs."""
        for folder in sorted({self._place(key)[0] for key in keys}):
            fsync_folder(folder)

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
        for institution in _names_in(self._root):
            for spread in _names_in(self._root / institution):
                for blob in _names_in(self._root / institution / spread):
                    yield f"{institution}/{blob}"

    def sweep(self) -> int:
        """Remove what writers that died left behind; how many files that were."""
        return sum(_remove_if_ownerless(draft) for draft in self._root.glob(f"{_INCOMING}/*"))

    def _path(self, key: str) -> Path:
        return Path(self._place(key)[1])

    def _place(self, key: str) -> tuple[str, str]:
        """Its folder and its own path, as text: every stored object asks."""
        institution_id, blob_id = parse_key(key)
        folder = f"{self._base}/{institution_id}/{blob_id[-_SPREAD:]}"
        return folder, f"{folder}/{blob_id}"

    def _make_durable(self, folder: Path) -> None:
        """Make a folder whose name is on the disk, even if another process made it just now."""
        if str(folder) in self._durable:
            return
        if folder != self._root:
            self._make_durable(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True, parents=folder == self._root)
        fsync_folder(folder.parent)
        self._durable.add(str(folder))


def _names_in(folder: Path) -> list[str]:
    """Of one folder at a time, so that a million names are never in memory together."""
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


class FolderWriter:
    """A draft beside the institutions: same file system, so its rename is atomic."""

    def __init__(self, draft: str, target: str, *, folder: str) -> None:
        self._draft, self._target, self._folder = draft, target, folder
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor: int | None = os.open(draft, flags, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)  # `sweep` leaves what somebody still holds

    def write(self, *pieces: bytes) -> None:
        """Take the next bytes."""
        write_pieces(self._opened(), pieces)

    def commit(self, *, names_later: bool = False) -> None:
        """Bytes and name are on the disk before this returns.

        The name comes first, so that the file system writes down both at once; until then no row
        names the blob. With `names_later` the name is durable only once `settle` has returned.
        """
        os.rename(self._draft, self._target)  # noqa: PTH104 - text, for every stored object
        self._draft = self._target
        os.fdatasync(self._opened())
        self._close()
        if not names_later:
            fsync_folder(self._folder)

    def abort(self) -> None:
        """Remove what is not durable; after a commit nothing happens."""
        if self._descriptor is not None:
            self._close()
            Path(self._draft).unlink(missing_ok=True)

    def _opened(self) -> int:
        if self._descriptor is None:
            raise ValueError("the blob is finished")
        return self._descriptor

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


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
