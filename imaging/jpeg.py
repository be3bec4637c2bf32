"""The segments of a JPEG stream (ITU-T T.81 annex B), read without decoding anything."""

import re
from dataclasses import dataclass
from typing import Final

from imaging.errors import Refusal, RefusedError

EOI: Final = 0xD9
SOS: Final = 0xDA
APP0: Final = 0xE0
APP1: Final = 0xE1
APP2: Final = 0xE2
APP13: Final = 0xED
APP14: Final = 0xEE
APP15: Final = 0xEF
COM: Final = 0xFE

BASELINE: Final = 0xC0
PROGRESSIVE: Final = 0xC2

_NOT_FRAMES: Final = frozenset({0xC4, 0xC8, 0xCC})  # DHT, JPG, DAC
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - _NOT_FRAMES
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
# Inside a scan FF is followed by 00 (stuffing), a restart marker, or another FF (fill).
_SCAN_END: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_LONGEST_FILL: Final = 256
_FILL: Final = re.compile(rb"\xff+")
_SEGMENTS: Final = 4096
_FRAME_HEAD: Final = 10
_ADOBE_TRANSFORM_AT: Final = 15
_RGB_IDS: Final = (0x52, 0x47, 0x42)
_HALVED: Final = frozenset({0x21, 0x22, 0x12})
_THREE: Final = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker segment; `start` is at its FF, `end` after its last byte (a scan included)."""

    marker: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JpegFrame:
    """What the frame header says (T.81 B.2.2)."""

    marker: int
    precision: int
    rows: int
    columns: int
    component_ids: tuple[int, ...]
    sampling: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG stream as its segments; `end` is after EOI, so bytes beyond it are a trailer."""

    segments: tuple[Segment, ...]
    frame: JpegFrame
    adobe_transform: int | None
    is_jfif: bool
    end: int

    @property
    def photometric(self) -> str:
        """How samples are to be read, from the stream's own markers (PS3.5 8.2.1).

        Without an Adobe marker, JFIF says YCbCr; component identifiers "RGB" say RGB.
        """
        if len(self.frame.component_ids) == 1:
            return "MONOCHROME2"
        if self.adobe_transform == 0 and not self.is_jfif:
            return "RGB"
        is_marked = self.is_jfif or self.adobe_transform is not None
        if self.frame.component_ids == _RGB_IDS and not is_marked:
            return "RGB"
        return "YBR_FULL_422" if self.frame.sampling[0] in _HALVED else "YBR_FULL"


def parse_jpeg(data: bytes) -> Jpeg:
    """Read the segments of a JPEG stream.

    Raises RefusedError: the stream is damaged or cut short.
    """
    segments: list[Segment] = []
    at = 2
    if not data.startswith(b"\xff\xd8"):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    while len(segments) < _SEGMENTS:
        segment = _segment_at(data, at)
        at = segment.end
        if segment.marker == EOI:
            return _of_segments(data, tuple(segments), end=at)
        segments.append(segment)
    raise RefusedError(Refusal.DAMAGED_PICTURE)


def _segment_at(data: bytes, start: int) -> Segment:
    at = _marker_at(data, start)
    is_marker = data[at : at + 1] == b"\xff" and at + 2 <= len(data)
    if not is_marker or at - start > _LONGEST_FILL:  # readers step over each byte of it
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    marker = data[at + 1]
    if marker == EOI or marker in _ALONE:
        return Segment(marker, start, at + 2)
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    if end < at + 4 or end > len(data):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    if marker == SOS:
        end = _scan_end(data, end)
    return Segment(marker, start, end)


def _scan_end(data: bytes, at: int) -> int:
    found = _SCAN_END.search(data, at)
    if found is None:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    return found.start()


def payload(data: bytes, segment: Segment) -> bytes:
    """Return a segment's bytes after its marker and length."""
    return data[_marker_at(data, segment.start) + 4 : segment.end]


def _marker_at(data: bytes, start: int) -> int:
    """Step over fill bytes (T.81 B.1.1.2): they belong to the segment after them."""
    filled = _FILL.match(data, start)
    return start if filled is None else filled.end() - 1


def _of_segments(data: bytes, segments: tuple[Segment, ...], *, end: int) -> Jpeg:
    frames = [segment for segment in segments if segment.marker in _FRAMES]
    if not frames or all(segment.marker != SOS for segment in segments):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    adobe = is_jfif = None
    for segment in segments:
        start = payload(data, segment)[:12] if segment.marker in {APP0, APP14} else b""
        if (
            segment.marker == APP14
            and start.startswith(b"Adobe")
            and len(start) == len(b"Adobe") + 7
        ):
            adobe = start[-1]
        is_jfif = is_jfif or start.startswith(b"JFIF\0")
    return Jpeg(segments, _frame(data, frames[0]), adobe, bool(is_jfif), end)


def _frame(data: bytes, segment: Segment) -> JpegFrame:
    head = payload(data, segment)
    count = head[5] if len(head) > 5 else 0  # noqa: PLR2004  # T.81 B.2.2: Nf follows P, Y, X
    parts = head[6:]
    if not count or len(parts) < _THREE * count:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    return JpegFrame(
        segment.marker,
        precision=head[0],
        rows=int.from_bytes(head[1:3], "big"),
        columns=int.from_bytes(head[3:5], "big"),
        component_ids=tuple(parts[: _THREE * count : _THREE]),
        sampling=tuple(parts[1 : _THREE * count : _THREE]),
    )


def require_baseline(jpeg: Jpeg) -> None:
    """Refuse what Ophthalmic Photography 8 Bit cannot carry as JPEG Baseline (PS3.5 8.2.1).

    Raises RefusedError: progressive, arithmetic, lossless or hierarchical, 12-bit, or CMYK.
    """
    frame = jpeg.frame
    reason = None
    if frame.marker == PROGRESSIVE:
        reason = Refusal.PROGRESSIVE_JPEG
    elif frame.marker >= 0xC9:  # noqa: PLR2004  # T.81 table B.1: SOF9 and above are arithmetic
        reason = Refusal.ARITHMETIC_JPEG
    elif frame.precision != 8:  # noqa: PLR2004  # bits
        reason = Refusal.TWELVE_BIT_JPEG
    elif frame.marker != BASELINE:
        reason = Refusal.NOT_BASELINE_JPEG
    elif len(frame.component_ids) not in {1, 3}:
        reason = Refusal.CMYK_JPEG
    elif not frame.rows or not frame.columns:
        reason = Refusal.DAMAGED_PICTURE
    if reason is not None:
        raise RefusedError(reason)


def has_sequential_scans(data: bytes, jpeg: Jpeg) -> bool:
    """Say whether every scan header has the parameters of a sequential scan (T.81 table B.3)."""
    for segment in jpeg.segments:
        if segment.marker != SOS:
            continue
        head = payload(data, segment)
        after = 1 + 2 * head[0] if head else 0
        if head[after : after + 3] != b"\x00\x3f\x00":
            return False
    return True
