"""What is kept of a track, read again: its head, then cluster by cluster, from any pieces."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from server.media.recording.sealing import RecordingDamagedError
from server.media.recording.shown import CUE_HEAD
from server.recordings.refining import read_cluster

_CLUSTER: Final = b"\x1f\x43\xb6\x75"
_SEGMENT: Final = b"\x18\x53\x80\x67"
_LONGEST: Final = 64 << 20
_LONGEST_HEAD: Final = 12


class KeptReader:
    """One pass over a kept track; `head` is what stood before the first cluster."""

    def __init__(self, pieces: Iterable[bytes | bytearray]) -> None:
        self.head = b""
        self._pieces = iter(pieces)
        self._waiting = bytearray()

    def clusters(self) -> Iterator[bytes]:
        """Every cluster, whole; raises RecordingDamagedError."""
        while self._has(_LONGEST_HEAD) or self._waiting:
            begins, size = _measure(self._waiting)
            if self._waiting.startswith(_SEGMENT):
                size = 0  # what is in it comes next
            if size > _LONGEST or not self._has(begins + size):
                raise RecordingDamagedError
            found = bytes(self._waiting[: begins + size])
            del self._waiting[: begins + size]
            if found.startswith(_CLUSTER):
                yield found
            else:
                self.head += found

    def _has(self, count: int) -> bool:
        while len(self._waiting) < count:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._waiting += piece
        return True


def read_shown(pieces: Iterable[bytes | bytearray]) -> list[tuple[int, Any]]:
    """What was said of the pictures that were looked at, and after how many milliseconds.

    Raises RecordingDamagedError.
    """
    found = []
    for cluster in KeptReader(pieces).clusters():
        for block in read_cluster(cluster):
            if not block.data.startswith(CUE_HEAD):
                raise RecordingDamagedError
            found.append((block.at_ms, json.loads(block.data)))
    return found


def _measure(data: bytes | bytearray) -> tuple[int, int]:
    """Where the body of the element begins, and how long it is; numbers have up to four bytes."""
    if not data or not data[0] & 0xF0:
        raise RecordingDamagedError
    at = 9 - data[0].bit_length()
    if at >= len(data) or not data[at]:
        raise RecordingDamagedError
    width = 9 - data[at].bit_length()
    if at + width > len(data):
        raise RecordingDamagedError
    return at + width, int.from_bytes(data[at : at + width]) - (1 << 7 * width)
