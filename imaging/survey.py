"""The whole structure of a received DICOM file, checked by lengths before any parser sees it.

Runs in the jail. pydicom reads a file that was cut short without a word, recurses as deep as a
stranger asks and inflates without bound; so this pass comes first.
"""

import io
import os
import zlib
from dataclasses import dataclass
from typing import Final

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from imaging.descriptor import size_of
from imaging.elements import (
    PIXEL_TAGS,
    UNDEFINED,
    BytesSource,
    DataSetWalk,
    Element,
    Source,
    WalkLimits,
)
from imaging.errors import Refusal, RefusedError
from imaging.walk import (
    DEFLATED_LE,
    JPIP_DEFLATED,
    FileMeta,
    read_file_meta,
    syntax_of,
    transfer_syntax_of,
)

LIMITS: Final = WalkLimits()
INFLATED_BYTES: Final = 128 << 20

_WINDOW_BYTES: Final = 1 << 13
_CHUNK_BYTES: Final = 1 << 20


class DescriptorSource:
    """A source over an open file, with one small window."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = size_of(descriptor)
        self._window_at = 0
        self._window = b""

    @property
    def size(self) -> int:
        """The size of the file."""
        return self._size

    def at(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes at `offset`."""
        inside = offset - self._window_at
        if inside < 0 or inside + count > len(self._window):
            self._window = os.pread(self._descriptor, max(count, _WINDOW_BYTES), offset)
            self._window_at, inside = offset, 0
        return self._window[inside : inside + count]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the lengths say: the meta group, which elements the data set has, where pixels lie.

    `inflated` holds the data set of a deflated transfer syntax; positions then count in it.
    """

    meta: FileMeta
    transfer_syntax_uid: str
    tags: frozenset[int]
    pixels: Element | None
    inflated: bytes | None = None

    @property
    def is_encapsulated(self) -> bool:
        """Say whether the pixels lie in fragments (PS3.5 A.4)."""
        return self.pixels is not None and self.pixels.length == UNDEFINED


def survey(descriptor: int) -> Survey:
    """Check the structure of a Part 10 file and say what it has.

    Raises RefusedError: no transfer syntax or one that is no UID, cut short, malformed, too deep,
    too many elements, or too large once inflated.
    """
    source: Source = DescriptorSource(descriptor)
    meta = read_file_meta(source)
    transfer_syntax = transfer_syntax_of(meta)
    inflated = None
    start = meta.data_set_at
    if transfer_syntax == DEFLATED_LE or transfer_syntax in JPIP_DEFLATED:
        inflated = inflate(descriptor, start=meta.data_set_at)
        source, start = BytesSource(inflated), 0
    walk = DataSetWalk(
        source,
        start=start,
        syntax=syntax_of(transfer_syntax),
        limits=LIMITS,
        is_sequence=is_known_sequence,
    )
    top = [element for element in walk if element.depth == 0]
    pixels = next((element for element in top if element.tag in PIXEL_TAGS), None)
    tags = frozenset(element.tag for element in top)
    return Survey(meta, transfer_syntax, tags, pixels, inflated)


def is_known_sequence(tag: int) -> bool:
    """Say whether the data dictionary (PS3.6) gives the tag the VR SQ."""
    return dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"


def inflate(descriptor: int, *, start: int) -> bytes:
    """Inflate a deflated data set (PS3.5 A.5) into memory, never past the cap.

    Raises RefusedError: more than the cap, cut short, or no deflate stream.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = io.BytesIO()
    at = start
    while not stream.eof:
        chunk = os.pread(descriptor, _CHUNK_BYTES, at)
        if not chunk:
            raise RefusedError(Refusal.CUT_SHORT)
        at += len(chunk)
        while chunk and not stream.eof:
            inflated.write(_inflate_some(stream, chunk))
            if inflated.tell() > INFLATED_BYTES:
                raise RefusedError(Refusal.TOO_LARGE)
            chunk = stream.unconsumed_tail
    return inflated.getvalue()


def _inflate_some(stream: "zlib._Decompress", chunk: bytes) -> bytes:
    try:
        return stream.decompress(chunk, _CHUNK_BYTES)
    except zlib.error as error:
        raise RefusedError(Refusal.MALFORMED) from error
