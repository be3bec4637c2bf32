"""The bounded header walk over the first 64 KiB of a file: the one parser allowed outside the jail.

Pure Python, no recursion, no decompression, no allocation from a declared length, at most 4,096
elements. What is unusual is said to be so, and the jail looks at it before anyone is answered.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from imaging.elements import (
    PIXEL_TAGS,
    DataSetWalk,
    Element,
    Source,
    Syntax,
    WalkLimits,
    element_at,
)
from imaging.errors import MalformedUidError, Refusal, RefusedError
from imaging.sniff import Kind, sniff
from imaging.uid import parse_received_uid

HEAD_BYTES: Final = 1 << 16
TRANSFER_SYNTAX_UID: Final = 0x00020010

IMPLICIT_LE: Final = "1.2.840.10008.1.2"
EXPLICIT_BE: Final = "1.2.840.10008.1.2.2"
DEFLATED_LE: Final = "1.2.840.10008.1.2.1.99"
JPIP_DEFLATED: Final = frozenset({"1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})

_META_START: Final = 132
_META_GROUP: Final = 0x0002
_META_ELEMENTS: Final = 64
_LONGEST_VALUE: Final = 1024
_HEAD_LIMITS: Final = WalkLimits(elements_per_level=4096, elements=4096, depth=32)


class _BeyondHeadError(Exception):
    """The walk would have to read past the bytes at hand."""


@dataclass(frozen=True, slots=True)
class _HeadSource:
    data: bytes
    size: int

    def at(self, offset: int, count: int) -> bytes:
        if offset + count > len(self.data) < self.size:
            raise _BeyondHeadError
        return self.data[offset : offset + count]


@dataclass(frozen=True, slots=True)
class FileMeta:
    """The file meta group: its raw values, and where the data set starts."""

    values: Mapping[int, bytes]
    data_set_at: int

    def text(self, tag: int) -> str | None:
        """Return a value as text without its padding, or None where there is none."""
        return text_of(self.values.get(tag))


@dataclass(frozen=True, slots=True)
class HeadWalk:
    """What the first 64 KiB say; where `unusual` has a word, only the jail may answer."""

    transfer_syntax_uid: str | None
    values: Mapping[int, bytes] = field(default_factory=dict)
    vrs: Mapping[int, str] = field(default_factory=dict)
    pixels: Element | None = None
    unusual: str | None = None

    @property
    def reached_pixels(self) -> bool:
        """Whether the pixels begin within these bytes."""
        return self.pixels is not None

    def text(self, tag: int) -> str | None:
        """Return a value as text without its padding, or None where there is none."""
        return text_of(self.values.get(tag))


def text_of(value: bytes | None) -> str | None:
    """Return the ASCII text of a raw value without padding (PS3.5 6.2), or None."""
    if value is None:
        return None
    text = value.decode("ascii", "replace").strip("\x00 ")
    return text or None


def syntax_of(transfer_syntax_uid: str) -> Syntax:
    """Return how the data set of a transfer syntax is written (PS3.5 annex A)."""
    if transfer_syntax_uid == IMPLICIT_LE:
        return Syntax(implicit=True)
    return Syntax(endian=">" if transfer_syntax_uid == EXPLICIT_BE else "<")


def read_file_meta(source: Source) -> FileMeta:
    """Read group 0002, always Explicit VR Little Endian (PS3.10 7.1); its length is not believed.

    Raises RefusedError: the file ends inside the group.
    """
    values: dict[int, bytes] = {}
    at = _META_START
    for _ in range(_META_ELEMENTS):
        if at >= source.size:
            break
        element = element_at(source, at, Syntax())
        if element.tag >> 16 != _META_GROUP:
            break
        end = element.value_at + element.length
        if end > source.size:
            raise RefusedError(Refusal.CUT_SHORT)
        values[element.tag] = source.at(element.value_at, min(element.length, _LONGEST_VALUE))
        at = end
    return FileMeta(values, at)


def transfer_syntax_of(meta: FileMeta) -> str:
    """Return the transfer syntax that a file names; it stands in addresses and headers later.

    Raises RefusedError: there is none, or it is no UID.
    """
    told = meta.text(TRANSFER_SYNTAX_UID)
    if told is None:
        raise RefusedError(Refusal.NO_TRANSFER_SYNTAX)
    try:
        return parse_received_uid(told)
    except MalformedUidError:
        raise RefusedError(Refusal.MALFORMED_UID) from None


def walk_head(head: bytes, *, total_bytes: int, wanted: Collection[int]) -> HeadWalk:
    """Walk the first bytes of a file of `total_bytes` and keep the `wanted` top-level values."""
    if sniff(head) is not Kind.DICOM:
        return HeadWalk(None, unusual="not-dicom")
    source = _HeadSource(head[:HEAD_BYTES], total_bytes)
    found = _Found(source, frozenset(wanted))
    try:
        return _walk_data_set(read_file_meta(source), found)
    except RefusedError as refused:
        return HeadWalk(None, found.values, unusual=refused.reason.value)
    except _BeyondHeadError:
        return HeadWalk(None, found.values, unusual="long-header")


@dataclass(slots=True)
class _Found:
    """What a walk has met so far."""

    source: _HeadSource
    wanted: frozenset[int]
    values: dict[int, bytes] = field(default_factory=dict)
    vrs: dict[int, str] = field(default_factory=dict)
    is_ordered: bool = True
    _latest: int = -1

    def note(self, element: Element) -> None:
        """Take notice of a top-level element; a wanted value may not be longer than any is."""
        self.is_ordered &= element.tag > self._latest
        self._latest = element.tag
        if element.tag not in self.wanted:
            return
        if element.length > _LONGEST_VALUE:
            raise _BeyondHeadError
        self.values[element.tag] = self.source.at(element.value_at, element.length)
        self.vrs[element.tag] = element.vr


def _walk_data_set(meta: FileMeta, found: _Found) -> HeadWalk:
    transfer_syntax = transfer_syntax_of(meta)
    if transfer_syntax == DEFLATED_LE or transfer_syntax in JPIP_DEFLATED:
        return HeadWalk(transfer_syntax, unusual="deflated")
    walk = DataSetWalk(
        found.source,
        start=meta.data_set_at,
        syntax=syntax_of(transfer_syntax),
        limits=_HEAD_LIMITS,
        is_sequence=_never,
    )
    pixels = None
    for element in walk:
        if element.depth == 0:
            found.note(element)
            if element.tag in PIXEL_TAGS:
                pixels = element
                break
    unusual = None if found.is_ordered else "unordered"
    return HeadWalk(transfer_syntax, found.values, found.vrs, pixels, unusual)


def _never(_tag: int) -> bool:
    """Take no implicit element for a sequence: its length is enough to step over it."""
    return False
