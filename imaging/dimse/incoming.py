"""An object on its way to the spool: our own file meta, then its data set (PS3.10 7)."""

import asyncio
import contextlib
import errno
import os
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imaging.dimse.associate import IMPLEMENTATION_UID, IMPLEMENTATION_VERSION

_AT_ONCE_BYTES: Final = 1 << 20
_AT_ONCE_PIECES: Final = 512
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_META_VERSION: Final = b"\0\1"
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class NoRoomError(Exception):
    """The object is larger than is taken, or the disk is full."""


@dataclass(frozen=True, slots=True)
class ObjectName:
    """Under which class and number an object travels, and how it is written."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


def file_meta(name: ObjectName) -> bytes:
    """Preamble and file meta group (PS3.10 7.1); the same object from anywhere is the same file."""
    group = b"".join(
        (
            struct.pack("<HH2sxxI", 2, 0x0001, b"OB", 2) + _META_VERSION,
            _text(0x0002, b"UI", name.sop_class_uid),
            _text(0x0003, b"UI", name.sop_instance_uid),
            _text(0x0010, b"UI", name.transfer_syntax_uid),
            _text(0x0012, b"UI", IMPLEMENTATION_UID),
            _text(0x0013, b"SH", IMPLEMENTATION_VERSION),
        )
    )
    return bytes(128) + b"DICM" + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(group)) + group


class Incoming:
    """A file that grows; whoever opened it keeps or removes it."""

    def __init__(self, folder: Path, name: ObjectName, *, longest_bytes: int) -> None:
        self.name = name
        self._folder = folder
        self._longest = longest_bytes
        self._pending: list[bytes | memoryview] = [file_meta(name)]
        self._pending_bytes = self._size = 0
        self._descriptor: int | None = None
        self._path: Path | None = None
        self.is_refused = False

    @property
    def path(self) -> Path:
        """Where it lies; only once it is finished."""
        if self._path is None:
            raise LookupError("nothing was written")
        return self._path

    async def add(self, data: bytes | memoryview) -> None:
        """Take bytes; past the bound, or with a full disk, they are let go (`is_refused`)."""
        if self.is_refused:
            return
        self._size += len(data)
        if self._size > self._longest:
            await self.remove()
            return
        self._pending.append(data)
        self._pending_bytes += len(data)
        if self._pending_bytes >= _AT_ONCE_BYTES or len(self._pending) >= _AT_ONCE_PIECES:
            await self._flush(is_last=False)

    async def finish(self) -> None:
        """Have all of it on the disk; raises NoRoomError where it was let go."""
        if not self.is_refused:
            await self._flush(is_last=True)
        if self.is_refused:
            raise NoRoomError

    async def remove(self) -> None:
        """Forget the file."""
        self.is_refused = True
        self._pending.clear()
        await asyncio.to_thread(self._discard)

    async def _flush(self, *, is_last: bool) -> None:
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        try:
            await asyncio.to_thread(self._write, pending, is_last=is_last)
        except OSError as error:
            await self.remove()
            if error.errno not in _NO_ROOM:
                raise

    def _write(self, pieces: Sequence[bytes | memoryview], *, is_last: bool) -> None:
        if self._descriptor is None:
            self._path = self._folder / secrets.token_hex(16)
            self._descriptor = os.open(self._path, _NEW, 0o600)
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        if is_last:
            os.close(self._descriptor)
            self._descriptor = None

    def _discard(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()


def _text(element: int, vr: bytes, text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    raw += (b"\0" if vr == b"UI" else b" ") * (len(raw) % 2)
    return struct.pack("<HH2sH", 2, element, vr, len(raw)) + raw
