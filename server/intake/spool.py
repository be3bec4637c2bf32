"""Files on their way in: written piece by piece, each on the disk before it is acknowledged."""

import asyncio
import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Final

from consult.kernel.disk import fsync_folder, write_all
from consult.kernel.errors import ConflictError, ConsultError
from consult.kernel.ids import is_id

_BUFFER_BYTES: Final = 1 << 20
_WAIT_S: Final = 5.0
_LEDGER: Final = ".keys"
_LOCK: Final = ".lock"


class SpoolFullError(ConsultError):
    """The disk has no room for more bytes; what was acknowledged stays."""

    def __init__(self) -> None:
        super().__init__("disk-full")


class UploadBusyError(ConflictError):
    """Another request writes the same upload at this moment."""

    def __init__(self) -> None:
        super().__init__("upload-busy")


class Spool:
    """The folder of unfinished files; every method blocks, the server calls it in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: int | None = None
        self._named: set[str] = set()  # ledgers whose own name is on the disk

    def is_mine_alone(self) -> bool:
        """Whether no other living process works in this folder; until `share`, none can begin."""
        try:
            fcntl.flock(self._open_lock(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def share(self) -> None:
        """Work in this folder beside others, once whoever cleans it has finished."""
        fcntl.flock(self._open_lock(), fcntl.LOCK_SH)

    def create(self, upload_id: str) -> None:
        """An empty file whose name is on the disk."""
        self._make_folder()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(self._path(upload_id), flags, 0o600))
        fsync_folder(self._folder)

    def open(self, upload_id: str) -> int:
        """The file for reading and writing."""
        return os.open(self._path(upload_id), os.O_RDWR | os.O_CLOEXEC)

    def remove(self, upload_id: str) -> None:
        """Forget the file; one that is gone already is no fault."""
        self._path(upload_id).unlink(missing_ok=True)

    def list_ids(self) -> list[str]:
        """The uploads whose bytes lie here."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if is_id(path.name))

    def note_key(self, ledger: str, *keys: str) -> None:
        """Write down bytes in the store that no row names yet, in case process or power dies."""
        self._make_folder()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(self._ledger(ledger), flags, 0o600)
        try:
            write_all(descriptor, "".join(f"{key}\n" for key in keys).encode())
            os.fdatasync(descriptor)
            if ledger not in self._named:
                fsync_folder(self._folder)
                self._named.add(ledger)
        finally:
            os.close(descriptor)

    def list_ledgers(self, *, idle_s: float = 0) -> list[str]:
        """The ledgers in which nobody has written for so long."""
        latest_s = time.time() - idle_s
        found = []
        for path in self._folder.glob(f"*{_LEDGER}"):
            with contextlib.suppress(FileNotFoundError):  # closed at this moment
                if path.stat().st_mtime <= latest_s:
                    found.append(path.stem)
        return sorted(found)

    def all_noted_keys(self) -> frozenset[str]:
        """What every open ledger names."""
        return frozenset(key for each in self.list_ledgers() for key in self.noted_keys(each))

    def keep_ledgers(self, ledgers: Iterable[str]) -> None:
        """These are still being written, however long the work takes between two keys."""
        for ledger in ledgers:
            with contextlib.suppress(FileNotFoundError):
                os.utime(self._ledger(ledger))

    def noted_keys(self, ledger: str) -> list[str]:
        """The keys that a ledger names; a last line cut short is none."""
        try:
            text = self._ledger(ledger).read_text("utf-8")
        except FileNotFoundError:
            return []
        return [line.strip() for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def close_ledger(self, ledger: str) -> None:
        """Forget a ledger whose keys are all named or removed."""
        self._named.discard(ledger)
        self._ledger(ledger).unlink(missing_ok=True)

    def make_scratch(self) -> int:
        """A file without a name in the same folder, gone with its descriptor."""
        self._make_folder()
        with tempfile.TemporaryFile(dir=self._folder) as file:
            return os.dup(file.fileno())

    def _open_lock(self) -> int:
        """The lock lives as long as this process; the kernel frees it however that ends."""
        if self._lock is None:
            self._make_folder()
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._lock = os.open(self._folder / _LOCK, flags, 0o600)
        return self._lock

    def _make_folder(self) -> None:
        """The folder itself must not be gone after a power cut."""
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fsync_folder(self._folder.parent)

    def _ledger(self, ledger: str) -> Path:
        return self._folder / f"{ledger}{_LEDGER}"

    def _path(self, upload_id: str) -> Path:
        return self._folder / upload_id


def write_at(descriptor: int, data: bytes | memoryview, offset: int) -> None:
    """Write every byte at its place; raises SpoolFullError when the disk is full."""
    rest = memoryview(data)
    try:
        while rest:
            written = os.pwrite(descriptor, rest, offset)
            rest, offset = rest[written:], offset + written
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise SpoolFullError from error
        raise


def sha256_of(descriptor: int) -> str:
    """The hash of a whole file, by position."""
    digest, offset = hashlib.sha256(), 0
    while piece := os.pread(descriptor, _BUFFER_BYTES, offset):
        digest.update(piece)
        offset += len(piece)
    return digest.hexdigest()


@contextlib.contextmanager
def memory_files(count: int) -> Iterator[list[int]]:
    """Files in memory for small pictures; closed at the end."""
    descriptors = [os.memfd_create("picture", os.MFD_CLOEXEC) for _ in range(count)]
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


class Turns:
    """One writer an upload: a newer request cuts off an older one that hangs (F10)."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[asyncio.Transport | None, asyncio.Event]] = {}

    @contextlib.asynccontextmanager
    async def take(
        self, upload_id: str, transport: asyncio.Transport | None
    ) -> AsyncIterator[None]:
        """Write alone; raises UploadBusyError when the older request does not end."""
        await self.end_older(upload_id)
        over = asyncio.Event()
        self._held[upload_id] = (transport, over)
        try:
            yield
        finally:
            del self._held[upload_id]
            over.set()

    async def end_older(self, upload_id: str) -> None:
        """Cut off whoever still writes, and wait until what arrived is kept."""
        while (held := self._held.get(upload_id)) is not None:
            transport, over = held
            if transport is not None:
                transport.abort()
            try:
                async with asyncio.timeout(_WAIT_S):
                    await over.wait()
            except TimeoutError:
                raise UploadBusyError from None
