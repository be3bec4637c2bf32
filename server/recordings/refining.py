"""A track as it was recorded, made ready to be played: with its length, an index, and no holes.

What media writes has neither length nor index (0268), and a player plays what comes after a hole in
a sound too early: where nothing was sent, or a packet was lost, silence is put in its place. The
pictures and sounds themselves are passed on as they are. Two passes over the same chunks: the first
measures, the second writes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from server.media.recording.ebml import element, real, size_bytes
from server.media.recording.opus import sounding_ticks
from server.media.recording.sealing import RecordingDamagedError
from server.media.recording.webm import Cluster, Clusters

_SEGMENT, _INFO, _TRACKS = b"\x18\x53\x80\x67", b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b"
_CLUSTER, _CLUSTER_TIME, _SIMPLE_BLOCK = b"\x1f\x43\xb6\x75", b"\xe7", b"\xa3"
_DURATION, _CUES, _CUE, _CUE_TIME = 0x4489, 0x1C53BB6B, 0xBB, 0xB3
_CUE_PLACE, _CUE_TRACK, _CUE_POSITION = 0xB7, 0xF7, 0xF1
_PICTURES: Final = frozenset({"vp8", "h264"})
_KEY_FLAG: Final = 0x80
_BLOCK_HEAD: Final = 4
_CLUSTER_MS: Final = 2000
_LAST_PICTURE_MS: Final = 40
_TICKS_A_MS: Final = 48
_SILENCE: Final = (
    b"\xf8\xff\xfe"  # RFC 6716 section 3.1: one CELT frame of 20 ms that holds nothing
)
_SILENCE_MS: Final = 20.0
_LONGEST_SILENCE_MS: Final = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Block:
    """One picture, or one packet of sound."""

    at_ms: int
    data: bytes
    is_key: bool


@dataclass(slots=True)
class Measured:
    """What the first pass found: each cluster's size, and where a player may begin."""

    head: bytes = b""
    sizes: int = 0
    cues: list[tuple[int, int]] = field(default_factory=list)
    ends_ms: float = 0.0
    blocks: int = 0


class Refiner:
    """One pass: chunks of the stored file in, clusters out."""

    def __init__(self, codec: str) -> None:
        self.measured = Measured()
        self._is_sound, self._is_picture = codec == "opus", codec in _PICTURES
        self._clusters = Clusters(_CLUSTER_MS)
        self._heard_ms: float | None = None
        self._begins: tuple[int, bool] | None = None

    def add(self, chunk: bytes) -> Iterator[bytes]:
        """The clusters that a chunk completes; raises RecordingDamagedError."""
        if not self.measured.head:
            self.measured.head = chunk
            return
        for block in read_cluster(chunk):
            self.measured.blocks += 1
            for each in self._filled(block) if self._is_sound else (block,):
                yield from self._put(each)

    def finish(self) -> Iterator[bytes]:
        """The last cluster."""
        last = self._clusters.take()
        if last is not None:
            yield self._note(last)
        if not self._is_sound:
            self.measured.ends_ms += _LAST_PICTURE_MS

    def _put(self, block: Block) -> Iterator[bytes]:
        """A picture that stands alone begins a cluster, so that a player may begin with it."""
        if block.is_key and self._is_picture:
            before = self._clusters.take()
            if before is not None:
                yield self._note(before)
        full = self._clusters.add(block.at_ms, block.data, is_key=block.is_key)
        if full is not None:
            yield self._note(full)
        if self._begins is None:
            self._begins = block.at_ms, block.is_key
        if not self._is_sound:
            self.measured.ends_ms = max(self.measured.ends_ms, block.at_ms)

    def _note(self, cluster: Cluster) -> bytes:
        if self._begins is not None and self._begins[1]:
            self.measured.cues.append((self._begins[0], self.measured.sizes))
        self._begins = None
        self.measured.sizes += len(cluster.data)
        return cluster.data

    def _filled(self, block: Block) -> Iterator[Block]:
        """The packet, after the silence before it; one that comes too early is left out."""
        sounds_ms = sounding_ticks(block.data) / _TICKS_A_MS
        heard_ms = float(block.at_ms) if self._heard_ms is None else self._heard_ms
        if block.at_ms - heard_ms > _LONGEST_SILENCE_MS:
            raise RecordingDamagedError
        while block.at_ms - heard_ms >= _SILENCE_MS:
            yield Block(round(heard_ms), _SILENCE, is_key=True)
            heard_ms += _SILENCE_MS
        if heard_ms - block.at_ms < 2 * _SILENCE_MS:
            yield Block(round(heard_ms), block.data, is_key=True)
            heard_ms += sounds_ms
        self._heard_ms = heard_ms
        self.measured.ends_ms = heard_ms


def refined_head(found: Measured) -> bytes:
    """What stands before the first cluster, once all have been measured."""
    before, info, tracks = split_head(found.head)
    told = _INFO + _sized(info + real(_DURATION, found.ends_ms))
    body = told + tracks
    cues = _cues(found, len(body))
    return before + _SEGMENT + _sized_head(len(body) + len(cues) + found.sizes) + body + cues


def read_cluster(chunk: bytes) -> list[Block]:
    """The frames of one cluster; raises RecordingDamagedError where it is none of ours."""
    body, end = enter_element(chunk, 0, _CLUSTER)
    if end != len(chunk):
        raise RecordingDamagedError
    at, begins_ms, found = body, 0, []
    while at < end:
        if chunk.startswith(_CLUSTER_TIME, at):
            inner, at = enter_element(chunk, at, _CLUSTER_TIME)
            begins_ms = int.from_bytes(chunk[inner:at])
        else:
            inner, at = enter_element(chunk, at, _SIMPLE_BLOCK)
            if at - inner < _BLOCK_HEAD:
                raise RecordingDamagedError
            after_ms, flags = struct.unpack_from(">hB", chunk, inner + 1)
            data = chunk[inner + _BLOCK_HEAD : at]
            found.append(Block(begins_ms + after_ms, data, is_key=bool(flags & _KEY_FLAG)))
    return found


def split_head(head: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before the segment, what is in `Info`, and the whole of `Tracks`."""
    segment = head.find(_SEGMENT)
    if segment < 0:
        raise RecordingDamagedError
    info = segment + len(_SEGMENT) + 8  # of unknown size, in eight bytes
    inner, tracks = enter_element(head, info, _INFO)
    _, end = enter_element(head, tracks, _TRACKS)
    return head[:segment], head[inner:tracks], head[tracks:end]


def _cues(found: Measured, before: int) -> bytes:
    """Where each cluster lies that begins with what stands alone; positions of eight bytes each."""
    if not found.cues:
        return b""
    size = len(_make_cues(found, 0))
    return _make_cues(found, before + size)


def _make_cues(found: Measured, first: int) -> bytes:
    points = (
        element(
            _CUE,
            element(_CUE_TIME, at_ms.to_bytes(8))
            + element(
                _CUE_PLACE,
                element(_CUE_TRACK, b"\x01") + element(_CUE_POSITION, (first + after).to_bytes(8)),
            ),
        )
        for at_ms, after in found.cues
    )
    return element(_CUES, b"".join(points))


def enter_element(data: bytes, at: int, number: bytes) -> tuple[int, int]:
    """Where the body of the element begins that stands there, and where it ends."""
    if not data.startswith(number, at):
        raise RecordingDamagedError
    at += len(number)
    if at >= len(data) or not data[at]:
        raise RecordingDamagedError
    width = 9 - data[at].bit_length()
    size = int.from_bytes(data[at : at + width]) - (1 << 7 * width)
    if at + width + size > len(data):
        raise RecordingDamagedError
    return at + width, at + width + size


def _sized(body: bytes) -> bytes:
    return size_bytes(len(body)) + body


def _sized_head(size: int) -> bytes:
    """A size in eight bytes."""
    return (1 << 56 | size).to_bytes(8)
