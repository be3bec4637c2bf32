"""Bytes and names that must be on the disk before anybody is told so, and a disk that cannot."""

import contextlib
import errno
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from consult.kernel.errors import UnavailableError


class StorageFullError(UnavailableError):
    """There is no room for another byte; nothing was changed, and what was acknowledged stays."""

    def __init__(self) -> None:
        super().__init__("storage-full")


class DiskFailedError(UnavailableError):
    """The disk could not say that something is on it: nobody may be told that it is."""

    def __init__(self) -> None:
        super().__init__("disk-failed")


def disk_fault(error: OSError) -> UnavailableError | None:
    """What a failure of the system says about the disk; None where it is about something else."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError()
    return DiskFailedError() if error.errno in {errno.EIO, errno.EROFS} else None


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """Write every byte; one `write` may take fewer."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def write_pieces(descriptor: int, pieces: Sequence[bytes | memoryview]) -> None:
    """Write a few pieces in their order, mostly by one call."""
    written = os.writev(descriptor, pieces)
    for piece in pieces:
        done = min(written, len(piece))
        written -= done
        write_all(descriptor, memoryview(piece)[done:])


def fsync_folder(folder: Path | str) -> None:
    """Wait until the names in a folder are on the disk; without it a new file may be gone."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_once(path: Path, data: bytes, *, mode: int) -> None:
    """Make a whole file or none; where two processes begin at once, the first one's stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    for folder in (path.parent, path.parent.parent):
        fsync_folder(folder)
