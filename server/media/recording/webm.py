"""One track as WebM, or as Matroska where it is H264 (RFC 9559): a head, then whole clusters.

A cluster is handed out when it is full, so a file that ends after any of them can be read to its
end; the segment's size stays unknown, as in every live recording.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from server.media.recording.ebml import (
    UNKNOWN_SIZE,
    element,
    number_bytes,
    real,
    size_bytes,
    text,
    unsigned,
)

_EBML, _VERSION, _READ_VERSION = 0x1A45DFA3, 0x4286, 0x42F7
_LONGEST_NUMBER, _LONGEST_SIZE = 0x42F2, 0x42F3
_KIND, _KIND_VERSION, _KIND_READ_VERSION = 0x4282, 0x4287, 0x4285
_SEGMENT, _INFO, _SCALE, _MUXER, _WRITER = 0x18538067, 0x1549A966, 0x2AD7B1, 0x4D80, 0x5741
_TRACKS, _ENTRY, _TRACK_NUMBER, _TRACK_UID = 0x1654AE6B, 0xAE, 0xD7, 0x73C5
_TRACK_TYPE, _LACING, _CODEC, _PRIVATE = 0x83, 0x9C, 0x86, 0x63A2
_PRE_ROLL, _DELAY, _VIDEO, _WIDTH, _HEIGHT = 0x56BB, 0x56AA, 0xE0, 0xB0, 0xBA
_AUDIO, _RATE, _CHANNELS = 0xE1, 0xB5, 0x9F
_CLUSTER, _CLUSTER_TIME, _SIMPLE_BLOCK = 0x1F43B675, 0xE7, 0xA3
_MILLISECOND_NS: Final = 1_000_000
_PRE_ROLL_NS: Final = 80_000_000
_VIDEO_KIND, _AUDIO_KIND, _METADATA_KIND = 1, 2, 33
_KEY_FLAG: Final = 0x80
_ONE_BYTE: Final = 0x80  # a track's number up to 126 takes one
_FURTHEST_MS: Final = 0x7FFF
_LARGEST_BYTES: Final = 4 << 20
_WRITTEN_BY: Final = "Lianzhen"
_CODECS: Final = {
    "vp8": "V_VP8",
    "h264": "V_MPEG4/ISO/AVC",
    "opus": "A_OPUS",
    "webvtt": "D_WEBVTT/METADATA",
}
# RFC 7845 section 5.1: version 1, two channels, nothing to skip, 48 kHz, no gain, family 0
_OPUS_HEAD: Final = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 0, 48_000, 0, 0)


def file_head(codec: str, *, size: tuple[int, int] = (0, 0), private: bytes = b"") -> bytes:
    """What stands before the first cluster; `size` in pixels, of the first picture."""
    entry = (
        unsigned(_TRACK_NUMBER, 1)
        + unsigned(_TRACK_UID, 1)
        + unsigned(_LACING, 0)
        + text(_CODEC, _CODECS[codec])
    )
    if codec == "opus":
        entry += unsigned(_TRACK_TYPE, _AUDIO_KIND) + element(_PRIVATE, _OPUS_HEAD)
        entry += unsigned(_DELAY, 0) + unsigned(_PRE_ROLL, _PRE_ROLL_NS)
        entry += element(_AUDIO, real(_RATE, 48_000.0) + unsigned(_CHANNELS, 2))
    elif codec == "webvtt":
        entry += unsigned(_TRACK_TYPE, _METADATA_KIND)
    else:
        entry += unsigned(_TRACK_TYPE, _VIDEO_KIND)
        entry += element(_PRIVATE, private) if private else b""
        entry += element(_VIDEO, unsigned(_WIDTH, size[0]) + unsigned(_HEIGHT, size[1]))
    return _head("matroska" if codec == "h264" else "webm", track_entry(entry))


def joined_head(entries: Sequence[bytes]) -> bytes:
    """The same for a file of several tracks, each with its own description."""
    return _head("matroska", b"".join(entries))


def track_entry(body: bytes) -> bytes:
    """One track's description, whole."""
    return element(_ENTRY, body)


def _head(kind: str, entries: bytes) -> bytes:
    head = element(
        _EBML,
        unsigned(_VERSION, 1)
        + unsigned(_READ_VERSION, 1)
        + unsigned(_LONGEST_NUMBER, 4)
        + unsigned(_LONGEST_SIZE, 8)
        + text(_KIND, kind)
        + unsigned(_KIND_VERSION, 4)
        + unsigned(_KIND_READ_VERSION, 2),
    )
    info = element(
        _INFO,
        unsigned(_SCALE, _MILLISECOND_NS) + text(_MUXER, _WRITTEN_BY) + text(_WRITER, _WRITTEN_BY),
    )
    segment = number_bytes(_SEGMENT) + UNKNOWN_SIZE
    return head + segment + info + element(_TRACKS, entries)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Whole bytes, and until when they go, in milliseconds of the file."""

    data: bytes
    ends_ms: int


class Clusters:
    """The frames of one file, gathered into clusters; times never go back."""

    def __init__(self, longest_ms: int) -> None:
        self._longest_ms = min(longest_ms, _FURTHEST_MS)
        self._blocks: list[bytes] = []
        self._begins_ms = self._last_ms = self._bytes = 0

    @property
    def last_ms(self) -> int:
        """When the last frame begins."""
        return self._last_ms

    @property
    def is_new(self) -> bool:
        """Whether no more than one frame was gathered since the last cluster."""
        return len(self._blocks) == 1

    def add(self, at_ms: int, data: bytes, *, is_key: bool, track: int = 1) -> Cluster | None:
        """Add a frame; the cluster before it, where that is full."""
        at_ms = max(at_ms, self._last_ms)
        full = None
        is_long = at_ms - self._begins_ms >= self._longest_ms
        if self._blocks and (is_long or self._bytes >= _LARGEST_BYTES):
            full = self.take()
        if not self._blocks:
            self._begins_ms = at_ms
        self._last_ms = at_ms
        flags = _KEY_FLAG if is_key else 0
        head = bytes([_ONE_BYTE | track]) + struct.pack(">hB", at_ms - self._begins_ms, flags)
        size = size_bytes(len(head) + len(data))
        self._bytes += len(data)
        self._blocks.append(number_bytes(_SIMPLE_BLOCK) + size + head + data)
        return full

    def take(self) -> Cluster | None:
        """What was gathered, or None where that is nothing."""
        if not self._blocks:
            return None
        body = unsigned(_CLUSTER_TIME, self._begins_ms) + b"".join(self._blocks)
        self._blocks.clear()
        self._bytes = 0
        return Cluster(element(_CLUSTER, body), self._last_ms)
