"""Whether coded pixels end where their object ends, seen as its bytes go by (PS3.5 A.4)."""

import struct
from typing import Final

_HEADER: Final = struct.Struct("<HHI")
_DELIMITERS: Final = 0xFFFE
_ITEM: Final = 0xE000
_END: Final = 0xE0DD
_MOST: Final = 4096


class Fragments:
    """Follows the items of one encapsulated element by their lengths; it keeps eight bytes."""

    def __init__(self, start: int) -> None:
        self._next = start
        self._header = b""
        self._count = 0
        self._is_sound = True
        self._is_over = False

    def pass_by(self, piece: memoryview, at: int) -> None:
        """Take notice of the bytes that begin at this offset; pieces come in their order."""
        end = at + len(piece)
        while self._is_sound and not self._is_over and self._next < end:
            start = max(self._next + len(self._header) - at, 0)
            self._header += piece[start : start + _HEADER.size - len(self._header)]
            if len(self._header) < _HEADER.size:
                return
            self._step(*_HEADER.unpack(self._header))

    def end_at(self, total_bytes: int) -> bool:
        """Say whether the last item's delimiter was the end of an object of this size."""
        return self._is_sound and self._is_over and self._next == total_bytes

    def _step(self, group: int, element: int, length: int) -> None:
        self._header, self._next = b"", self._next + _HEADER.size
        self._count += 1
        if group == _DELIMITERS and element == _END and length == 0:
            self._is_over = True
        elif group == _DELIMITERS and element == _ITEM and self._count <= _MOST:
            self._next += length
        else:
            self._is_sound = False
