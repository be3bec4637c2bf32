"""From packets in order to whole frames; a picture that lacks a packet is left out.

What follows on such a picture is left out too, until the next that stands alone (a keyframe).
"""

from dataclasses import dataclass
from typing import Final, Protocol

LONGEST_FRAME: Final = 4 << 20
"""Bytes of one picture; a longer one is left out."""
_HALF, _WHOLE = 1 << 31, 1 << 32


@dataclass(frozen=True, slots=True)
class Frame:
    """What becomes one block: `stamp` unwrapped, `ticks` its length where it says so, else 0."""

    stamp: int
    data: bytes
    is_key: bool
    ticks: int = 0
    size: tuple[int, int] | None = None
    private: bytes = b""


class Depacketiser(Protocol):
    """What knows one codec's packets (RFC 7741, 6184, 7587)."""

    is_waiting: bool

    def add(self, marker: int, stamp: int, payload: bytes) -> Frame | None:
        """A packet, in order; the frame that it completes."""

    def lose(self) -> None:
        """One packet or more is missing here."""


class PictureCodec(Protocol):
    """One codec's way of cutting a picture into packets."""

    def read(self, payload: bytes) -> tuple[bool, bytes] | None:
        """Whether a picture may begin here, and what it adds; None where it is malformed."""

    def finish(self, stamp: int, data: bytes) -> Frame | None:
        """The whole picture; None where that cannot be one."""

    def begin(self) -> None:
        """Forget what was half read."""


class Pictures:
    """Packets of pictures; begins with a keyframe."""

    def __init__(self, codec: PictureCodec) -> None:
        self.is_waiting = True
        self._codec = codec
        self._stamp: int | None = None
        self._data = bytearray()

    def lose(self) -> None:
        """What is begun has a hole, and what comes next refers to it."""
        self.is_waiting = True
        self._drop()

    def add(self, marker: int, stamp: int, payload: bytes) -> Frame | None:
        """A packet, in order; the picture that it completes."""
        if not payload:
            return None  # only there to measure the line
        is_first = stamp != self._stamp
        if is_first:
            if self._stamp is not None:
                self.lose()  # its end never came
            self._stamp = stamp
        found = self._codec.read(payload)
        if found is None or (is_first and not found[0]) or len(self._data) > LONGEST_FRAME:
            self.lose()
            return None
        self._data += found[1]
        return self._finish(stamp) if marker else None

    def _finish(self, stamp: int) -> Frame | None:
        frame = self._codec.finish(stamp, bytes(self._data))
        self._drop()
        if frame is None or (self.is_waiting and not frame.is_key):
            self.is_waiting = True
            return None
        self.is_waiting = False
        return frame

    def _drop(self) -> None:
        self._stamp = None
        self._data.clear()
        self._codec.begin()


class Unwrapped:
    """Times of 32 bits, as if they never began anew."""

    def __init__(self) -> None:
        self._last: int | None = None

    def follow(self, stamp: int) -> int:
        """The same time, nearest to the last one, which it becomes."""
        self._last = self.near(stamp)
        return self._last

    def near(self, stamp: int) -> int:
        """The same time, nearest to the last one."""
        if self._last is None:
            return stamp
        ahead = (stamp - self._last) % _WHOLE
        return self._last + (ahead if ahead < _HALF else ahead - _WHOLE)
