"""Read an open file by position, so that descriptors shared with others keep their own place."""

import io
import os
from typing import Any, Final

_READ_BYTES: Final = 1 << 14
"""Most headers are shorter; a large value goes by the buffer."""
_WRITE_BYTES: Final = 1 << 18


class _Positioned(io.RawIOBase):
    """A raw reader over `pread`: the descriptor's own offset is never moved."""

    name = ""  # pydicom asks every file for one

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._at = 0
        self._size = os.fstat(descriptor).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        count = os.preadv(self._descriptor, [buffer], self._at)
        self._at += count
        return count


def open_positioned(descriptor: int) -> io.BufferedReader:
    """Return a buffered reader over `descriptor`, which stays open and unmoved."""
    return io.BufferedReader(_Positioned(descriptor), _READ_BYTES)


def size_of(descriptor: int) -> int:
    """Return the size of the open file in bytes."""
    return os.fstat(descriptor).st_size


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write the whole of `data` from the start of the open file."""
    view = memoryview(data)
    at = 0
    while at < len(view):
        at += os.pwrite(descriptor, view[at : at + _WRITE_BYTES], at)
    os.ftruncate(descriptor, len(view))
