"""H264 in RTP (RFC 6184, mode 1): units alone, several in one packet, and one in several.

In the file each unit stands behind its length, and the first parameter sets in the file's head
(ISO/IEC 14496-15); later ones stay in the pictures, so the size may change.
"""

import struct
from typing import Final

from server.media.recording.frames import LONGEST_FRAME, Frame

_KIND, _REFERENCE = 0x1F, 0xE0
_PICTURE, _SEQUENCE_SET, _PICTURE_SET, _LAST_SINGLE = 5, 7, 8, 23
_TOGETHER, _IN_PIECES = 24, 28
_PIECE_BEGINS, _PIECE_ENDS = 0x80, 0x40
_PIECE_HEAD: Final = 2
_LEAST_SEQUENCE_SET: Final = 4
_BOTH_SETS: Final = 2
_FIRST_BLOCK: Final = 0x80  # the number 0 as the first of a slice's head (ITU-T H.264 7.3.3)


class H264:
    """Units of one picture; a piece of one waits for its other pieces."""

    def __init__(self) -> None:
        self._piece = bytearray()
        self._is_open = False
        self._sets: dict[int, bytes] = {}  # the last of each kind

    def read(self, payload: bytes) -> tuple[bool, bytes] | None:
        """The whole units of a packet; None where it is malformed or of another mode."""
        kind = payload[0] & _KIND
        if kind == _IN_PIECES:
            return self._read_piece(payload)
        if self._is_open or kind == 0:
            return None
        if kind <= _LAST_SINGLE:
            return True, _with_length(payload)
        return _split(payload) if kind == _TOGETHER else None

    def finish(self, stamp: int, data: bytes) -> Frame | None:
        """The picture; one that stands alone has brought its parameter sets, or an earlier did."""
        if self._is_open or not data:
            return None
        slices = []
        for unit in _units(data):
            kind = unit[0] & _KIND
            if kind in {_SEQUENCE_SET, _PICTURE_SET}:
                self._sets[kind] = unit
            elif kind <= _PICTURE:
                slices.append(unit)
        if not slices or not _is_whole_picture(slices[0]) or len(self._sets) < _BOTH_SETS:
            return Frame(stamp, data, is_key=False)
        size = read_size(self._sets[_SEQUENCE_SET])
        if size is None:
            return None
        private = _configuration(self._sets[_SEQUENCE_SET], self._sets[_PICTURE_SET])
        return Frame(stamp, data, is_key=True, size=size, private=private)

    def begin(self) -> None:
        """Forget a unit of which a piece is missing."""
        self._piece.clear()
        self._is_open = False

    def _read_piece(self, payload: bytes) -> tuple[bool, bytes] | None:
        if len(payload) <= _PIECE_HEAD or len(self._piece) > LONGEST_FRAME:
            return None
        about = payload[1]
        begins = bool(about & _PIECE_BEGINS)
        if begins is self._is_open:
            return None  # the end of another is missing, or the beginning of this one
        if begins:
            self._piece[:] = bytes([payload[0] & _REFERENCE | about & _KIND])
            self._is_open = True
        self._piece += payload[_PIECE_HEAD:]
        if not about & _PIECE_ENDS:
            return True, b""
        unit = bytes(self._piece)
        self.begin()
        return True, _with_length(unit)


def read_size(sequence_set: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of the pictures of a sequence parameter set; None if malformed."""
    try:
        return _read_size(_Bits(sequence_set[1:].replace(b"\0\0\3", b"\0\0")))
    except (IndexError, ValueError):
        return None


def _read_size(bits: "_Bits") -> tuple[int, int] | None:
    """ITU-T H.264 section 7.3.2.1.1, as far as the size."""
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    if profile in {100, 110, 122, 244, 44, 83, 86, 118, 128}:
        return None  # rooms pass the baseline profiles on alone
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        for _ in range(2):
            bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()
    bits.golomb()
    bits.take(1)
    width, height = (bits.golomb() + 1) * 16, bits.golomb() + 1
    is_progressive = bits.take(1)
    height *= 16 * (2 - is_progressive)
    if not is_progressive:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width -= 2 * (left + right)
        height -= 2 * (top + bottom) * (2 - is_progressive)
    return (width, height) if 0 < width <= 1 << 14 and 0 < height <= 1 << 14 else None


class _Bits:
    """Bits from the highest to the lowest; raises IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> int:
        found = 0
        for _ in range(count):
            found = found << 1 | self._data[self._at >> 3] >> (7 - self._at & 7) & 1
            self._at += 1
        return found

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:  # noqa: PLR2004 - longer ones are none of 32 bits
                raise ValueError
        return (1 << zeros | self.take(zeros)) - 1


def _split(payload: bytes) -> tuple[bool, bytes] | None:
    """STAP-A: a length of two bytes before each unit."""
    out, at = bytearray(), 1
    while at + 2 < len(payload):
        size = payload[at] << 8 | payload[at + 1]
        unit = payload[at + 2 : at + 2 + size]
        if len(unit) != size or not size:
            return None
        out += _with_length(unit)
        at += 2 + size
    return (True, bytes(out)) if out and at == len(payload) else None


def _is_whole_picture(unit: bytes) -> bool:
    """Whether a picture that stands alone begins with this slice."""
    return unit[0] & _KIND == _PICTURE and len(unit) > 1 and bool(unit[1] & _FIRST_BLOCK)


def _with_length(unit: bytes) -> bytes:
    return struct.pack(">I", len(unit)) + unit


def _units(data: bytes) -> list[bytes]:
    """What `_with_length` put together."""
    units, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        units.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return units


def _configuration(sequence_set: bytes, picture_set: bytes) -> bytes:
    """AVCDecoderConfigurationRecord of ISO/IEC 14496-15, with lengths of four bytes."""
    return (
        b"\x01"
        + sequence_set[1:_LEAST_SEQUENCE_SET]
        + b"\xff\xe1"
        + struct.pack(">H", len(sequence_set))
        + sequence_set
        + b"\x01"
        + struct.pack(">H", len(picture_set))
        + picture_set
    )
