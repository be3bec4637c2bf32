"""TIFF (revision 6.0) checked directory by directory before any decoder sees it."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from imaging.errors import Refusal, RefusedError

MOST_PAGES: Final = 64
LARGEST_DECODED_BYTES: Final = 192 << 20

_ENDIANS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_BIG: Final = frozenset({b"II+\0", b"MM\0+"})
_HEADER_BYTES: Final = 8
_ENTRY_BYTES: Final = 12
_INLINE_BYTES: Final = 4
_ENTRIES: Final = 512
_NUMBERS: Final = 262_144
_LARGEST_PROFILE: Final = 1 << 22
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4}
_FORMATS: Final = {1: "B", 2: "B", 3: "H", 4: "I", 7: "B", 13: "I"}
_REDUCED_OR_MASK: Final = 0b101


class Tag(IntEnum):
    """The fields that are read (TIFF 6.0 sections 4 to 22)."""

    SUBFILE = 254
    COLUMNS = 256
    ROWS = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    SAMPLES = 277
    ROWS_PER_STRIP = 278
    STRIP_BYTES = 279
    PLANAR = 284
    PREDICTOR = 317
    COLOUR_MAP = 320
    TILE_COLUMNS = 322
    TILE_ROWS = 323
    TILE_OFFSETS = 324
    TILE_BYTES = 325
    SAMPLE_FORMAT = 339
    JPEG_TABLES = 347
    ICC = 34675


METADATA: Final = {
    270: "text",
    271: "device",
    272: "device",
    305: "text",
    306: "time",
    315: "text",
    316: "text",
    700: "xmp",
    33432: "text",
    33723: "iptc",
    34377: "photoshop",
    34665: "exif",
    34853: "gps",
}
"""What may name a person, a place or a camera; none of it goes along."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One image file directory: where each field's values lie."""

    data: bytes
    endian: str
    at: int
    next_at: int
    fields: Mapping[int, tuple[int, int, int]]

    def has(self, tag: int) -> bool:
        """Whether the field is there."""
        return tag in self.fields

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The values of a field of whole numbers; none where it is missing.

        Raises RefusedError: they lie outside the file, or are no whole numbers.
        """
        if tag not in self.fields:
            return ()
        kind, count, at = self.fields[tag]
        if kind not in _FORMATS or count > _NUMBERS:
            raise RefusedError(Refusal.DAMAGED_PICTURE)
        if at + count * _SIZES[kind] > len(self.data):
            raise RefusedError(Refusal.DAMAGED_PICTURE)
        return struct.unpack_from(f"{self.endian}{count}{_FORMATS[kind]}", self.data, at)

    def number(self, tag: int, default: int) -> int:
        """The first value of a field."""
        return next(iter(self.numbers(tag)), default)

    def raw(self, tag: int, *, most: int = _LARGEST_PROFILE) -> bytes | None:
        """The bytes of a field; None where it is missing, too long or outside the file."""
        kind, count, at = self.fields.get(tag, (0, 0, 0))
        if not count or count > most or kind not in {1, 2, 7} or at + count > len(self.data):
            return None
        return self.data[at : at + count]


def main_directories(data: bytes) -> tuple[Directory, ...]:
    """The pages of a file, without thumbnails and masks.

    Raises RefusedError: no TIFF, BigTIFF, damaged, or more pages than are taken.
    """
    pages = tuple(
        each for each in _directories(data) if not each.number(Tag.SUBFILE, 0) & _REDUCED_OR_MASK
    )
    if not pages:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    return pages


def _directories(data: bytes) -> Iterator[Directory]:
    if data[:4] in _BIG:
        raise RefusedError(Refusal.BIG_TIFF)
    endian = _ENDIANS.get(data[:4])
    if endian is None or len(data) < _HEADER_BYTES:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    (at,) = struct.unpack_from(f"{endian}I", data, 4)
    seen: set[int] = set()
    while at:
        if at in seen:
            raise RefusedError(Refusal.DAMAGED_PICTURE)
        if len(seen) == MOST_PAGES:
            raise RefusedError(Refusal.TIFF_TOO_MANY_PAGES)
        seen.add(at)
        found = _directory(data, endian, at)
        yield found
        at = found.next_at


def _directory(data: bytes, endian: str, at: int) -> Directory:
    if at + 2 > len(data):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    (count,) = struct.unpack_from(f"{endian}H", data, at)
    end = at + 2 + count * _ENTRY_BYTES
    if not count or count > _ENTRIES or end + _INLINE_BYTES > len(data):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    fields = {}
    for start in range(at + 2, end, _ENTRY_BYTES):
        tag, kind, length, value_at = struct.unpack_from(f"{endian}HHII", data, start)
        is_inline = _SIZES.get(kind, 1) * length <= _INLINE_BYTES
        fields[tag] = (
            kind,
            length,
            start + _ENTRY_BYTES - _INLINE_BYTES if is_inline else value_at,
        )
    (next_at,) = struct.unpack_from(f"{endian}I", data, end)
    return Directory(data, endian, at, next_at, fields)


def one_page(data: bytes, index: int) -> bytes:
    """The same file with this page alone, as a picture of its own.

    Raises RefusedError: there is no such page, or what `main_directories` refuses.
    """
    pages = main_directories(data)
    if not 0 <= index < len(pages):
        raise RefusedError(Refusal.NO_SUCH_FRAME)
    page = pages[index]
    made = bytearray(data)
    struct.pack_into(f"{page.endian}I", made, 4, page.at)
    struct.pack_into(f"{page.endian}I", made, page.at + 2 + len_of(page) * _ENTRY_BYTES, 0)
    return bytes(made)


def len_of(page: Directory) -> int:
    """How many entries the directory has in the file, repeated ones included."""
    (count,) = struct.unpack_from(f"{page.endian}H", page.data, page.at)
    return int(count)
