"""An object on its way in: our own file meta, then its data set (PS3.10 7)."""

import asyncio
import errno
import os
import struct
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from imaging.dimse.associate import IMPLEMENTATION_UID, IMPLEMENTATION_VERSION

_IN_MEMORY_BYTES: Final = 1 << 20
_MOST_PIECES: Final = 512
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
    """An object that grows: in memory as long as it is small, then in a file without a name."""

    def __init__(self, folder: Path, name: ObjectName, *, longest_bytes: int) -> None:
        self.name = name
        self._folder = folder
        self._longest = longest_bytes
        self._pending: list[bytes | memoryview] = [file_meta(name)]
        self._pending_bytes = 0
        self._file: IO[bytes] | None = None
        self.size_bytes = len(self._pending[0])
        self.is_refused = False

    async def add(self, data: bytes | memoryview) -> None:
        """Take bytes; past the bound, or with a full disk, they are let go (`is_refused`)."""
        if self.is_refused:
            return
        self.size_bytes += len(data)
        if self.size_bytes > self._longest:
            await self.remove()
            return
        self._pending.append(data)
        self._pending_bytes += len(data)
        if self._pending_bytes >= _IN_MEMORY_BYTES or len(self._pending) >= _MOST_PIECES:
            await self._flush()

    async def finish(self) -> None:
        """Have all of it together; raises NoRoomError where it was let go."""
        if self._file is not None and not self.is_refused:
            await self._flush()
        if self.is_refused:
            raise NoRoomError

    def hand_over(self, memory: int) -> int:
        """A descriptor of all of it, which is the caller's: of this memory where it is small.

        The memory may be longer from before; `size_bytes` says how much of it counts.
        """
        if self._file is not None:
            return os.dup(self._file.fileno())
        os.lseek(memory, 0, os.SEEK_SET)
        for piece in self._pending:
            _write_all(memory, piece)
        return os.dup(memory)

    def read(self) -> Iterator[bytes]:
        """All of it, piece by piece; blocks."""
        if self._file is None:
            yield from map(bytes, self._pending)
            return
        self._file.seek(0)
        while piece := self._file.read(_IN_MEMORY_BYTES):
            yield piece

    async def remove(self) -> None:
        """Forget it."""
        self.is_refused = True
        self._pending.clear()
        if self._file is not None:
            await asyncio.to_thread(self._file.close)

    async def _flush(self) -> None:
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        try:
            await asyncio.to_thread(self._write, pending)
        except OSError as error:
            await self.remove()
            if error.errno not in _NO_ROOM:
                raise

    def _write(self, pieces: Sequence[bytes | memoryview]) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed by `remove`
        for piece in pieces:
            _write_all(self._file.fileno(), piece)


def _write_all(descriptor: int, piece: bytes | memoryview) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _text(element: int, vr: bytes, text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    raw += (b"\0" if vr == b"UI" else b" ") * (len(raw) % 2)
    return struct.pack("<HH2sH", 2, element, vr, len(raw)) + raw
