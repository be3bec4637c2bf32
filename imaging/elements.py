"""Step through the elements of a data set by their lengths alone (PS3.5 section 7).

No recursion, no decompression, no allocation from a declared length: a value is never read
here, only stepped over, and each step is counted against a limit.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple, Protocol

from imaging.errors import Refusal, RefusedError

UNDEFINED: Final = 0xFFFFFFFF
PIXEL_TAGS: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})

_ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_DELIMITER_GROUP: Final = 0xFFFE
_LONG_VRS: Final = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
)
_HEADS: Final = {endian: struct.Struct(f"{endian}HH2sH") for endian in "<>"}
_LENGTHS: Final = {endian: struct.Struct(f"{endian}I") for endian in "<>"}
_SHORT_HEADER: Final = 8
_LONG_HEADER: Final = 12


class Source(Protocol):
    """Bytes that can be read by position."""

    @property
    def size(self) -> int:
        """The whole size in bytes, also of what cannot be read here."""

    def at(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes at `offset`."""


@dataclass(frozen=True, slots=True)
class BytesSource:
    """A source over bytes in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data)

    def at(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes at `offset`."""
        return self.data[offset : offset + count]


@dataclass(frozen=True, slots=True)
class Syntax:
    """How elements are written: with or without their VR, and in which byte order."""

    implicit: bool = False
    endian: str = "<"

    def read(self, head: bytes) -> tuple[int, int, bytes, int]:
        """Group, number, VR and the two bytes behind it, of a header's first eight bytes."""
        return _HEADS[self.endian].unpack_from(head)

    def read_length(self, head: bytes, at: int) -> int:
        """A length of four bytes."""
        (length,) = _LENGTHS[self.endian].unpack_from(head, at)
        return int(length)


@dataclass(frozen=True, slots=True)
class WalkLimits:
    """How much structure is followed before the object is refused."""

    elements_per_level: int = 4096
    elements: int = 120_000
    depth: int = 32


class Element(NamedTuple):
    """One element's header; `length` may be `UNDEFINED`, `depth` 0 is the data set itself."""

    tag: int
    vr: str
    value_at: int
    length: int
    depth: int


class _In(Enum):
    DATA_SET = auto()
    SEQUENCE = auto()
    ITEM = auto()
    FRAGMENTS = auto()


@dataclass(slots=True)
class _Level:
    """Where the walk stands inside one data set, sequence, item or run of fragments."""

    inside: _In
    syntax: Syntax
    end: int | None
    elements: int = 0

    @property
    def holds_items(self) -> bool:
        """Whether items stand here, and no elements."""
        return self.inside is _In.SEQUENCE or self.inside is _In.FRAGMENTS


def element_at(source: Source, offset: int, syntax: Syntax, depth: int = 0) -> Element:
    """Return the header at `offset`; delimiters and items have no VR (PS3.5 7.5).

    Raises RefusedError: the file ends inside the header.
    """
    head = source.at(offset, _LONG_HEADER)
    if len(head) < _SHORT_HEADER:
        raise RefusedError(Refusal.CUT_SHORT)
    group, number, vr_bytes, short = syntax.read(head)
    tag = group << 16 | number
    is_named = vr_bytes.isalpha() and vr_bytes.isupper()
    if syntax.implicit or group == _DELIMITER_GROUP or not is_named:
        return Element(tag, "", offset + _SHORT_HEADER, syntax.read_length(head, 4), depth)
    vr = vr_bytes.decode("ascii")
    if vr not in _LONG_VRS:
        return Element(tag, vr, offset + _SHORT_HEADER, short, depth)
    if len(head) < _LONG_HEADER:
        raise RefusedError(Refusal.CUT_SHORT)
    return Element(tag, vr, offset + _LONG_HEADER, syntax.read_length(head, 8), depth)


class DataSetWalk:
    """One pass over a data set; iterate to get every element outside fragments, in order."""

    def __init__(
        self,
        source: Source,
        *,
        start: int,
        syntax: Syntax,
        limits: WalkLimits,
        is_sequence: Callable[[int], bool],
    ) -> None:
        self._source = source
        self._limits = limits
        self._is_sequence = is_sequence
        self._at = start
        self._steps = 0
        self._levels = [_Level(_In.DATA_SET, syntax, source.size)]
        self._past_pixels = False

    def __iter__(self) -> Iterator[Element]:
        """Yield the elements.

        Raises RefusedError: cut short, malformed, too deep or too many elements.
        """
        while self._levels:
            level = self._levels[-1]
            if level.end is not None and self._at >= level.end:
                self._leave(level)
                continue
            if self._is_tail(level):
                return
            element = self._step(level)
            if element is not None:
                yield element

    def _leave(self, level: _Level) -> None:
        if level.end is not None and self._at > level.end:
            raise RefusedError(Refusal.MALFORMED)
        self._levels.pop()

    def _is_tail(self, level: _Level) -> bool:
        """Say whether only padding is left: some writers fill the last sector with zeros."""
        if level.inside is not _In.DATA_SET:
            return False
        rest = self._source.at(self._at, _SHORT_HEADER)
        if rest[:1] != b"\0" and rest:
            return False
        return not any(rest) and (self._past_pixels or len(rest) < _SHORT_HEADER)

    def _step(self, level: _Level) -> Element | None:
        self._count(level)
        element = element_at(self._source, self._at, level.syntax, len(self._levels) // 2)
        if element.tag >> 16 == _DELIMITER_GROUP:
            self._delimiter(level, element)
            return None
        if level.holds_items:
            raise RefusedError(Refusal.MALFORMED)
        self._enter_or_skip(level, element)
        self._past_pixels |= element.tag in PIXEL_TAGS and element.depth == 0
        return element

    def _count(self, level: _Level) -> None:
        self._steps += 1
        level.elements += not level.holds_items
        if self._steps > self._limits.elements:
            raise RefusedError(Refusal.TOO_MANY_ELEMENTS)
        if level.elements > self._limits.elements_per_level:
            raise RefusedError(Refusal.TOO_MANY_ELEMENTS)

    def _delimiter(self, level: _Level, header: Element) -> None:
        if header.tag == _ITEM and level.inside is _In.SEQUENCE:
            self._push(_In.ITEM, level.syntax, header)
        elif header.tag == _ITEM and level.inside is _In.FRAGMENTS:
            self._skip(header)
        elif (header.tag, level.inside) in _ENDS and level.end is None:
            self._at = header.value_at
            self._levels.pop()
        elif header.tag in {_ITEM_END, _SEQUENCE_END} and level.end is not None:
            self._at = header.value_at  # a superfluous delimiter; readers step over it
        else:
            raise RefusedError(Refusal.MALFORMED)

    def _enter_or_skip(self, level: _Level, element: Element) -> None:
        is_sequence = element.vr == "SQ" or (not element.vr and self._is_sequence(element.tag))
        if element.length == UNDEFINED and element.tag in PIXEL_TAGS:
            self._push(_In.FRAGMENTS, level.syntax, element)
        elif element.length == UNDEFINED and element.vr == "UN":
            # PS3.5 6.2.2 note 2: the content is Implicit VR Little Endian.
            self._push(_In.SEQUENCE, Syntax(implicit=True), element)
        elif is_sequence or element.length == UNDEFINED:
            self._push(_In.SEQUENCE, level.syntax, element)
        else:
            self._skip(element)

    def _push(self, inside: _In, syntax: Syntax, element: Element) -> None:
        if len(self._levels) > 2 * self._limits.depth:
            raise RefusedError(Refusal.TOO_DEEP)
        end = None if element.length == UNDEFINED else element.value_at + element.length
        self._check(end or 0)
        self._at = element.value_at
        self._levels.append(_Level(inside, syntax, end))

    def _skip(self, element: Element) -> None:
        end = element.value_at + element.length
        self._check(end)
        self._at = end

    def _check(self, end: int) -> None:
        if end > self._source.size:
            raise RefusedError(Refusal.CUT_SHORT)
        outer = self._levels[-1].end
        if outer is not None and end > outer:
            raise RefusedError(Refusal.MALFORMED)


_ENDS: Final = frozenset(
    {
        (_ITEM_END, _In.ITEM),
        (_SEQUENCE_END, _In.SEQUENCE),
        (_SEQUENCE_END, _In.FRAGMENTS),
    }
)
