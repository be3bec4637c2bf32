"""Bombs by kind: small files that ask for endless memory, time, depth or belief."""

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from tests.makers import bomb_files as plain
from tests.makers import hostile
from tests.makers.hostile import (
    DEFLATED,
    RLE,
    SEQUENCE_END,
    description,
    element,
    identity,
    item,
    part10,
    undefined,
)
from tests.makers.pictures import make_jpeg

IMPLICIT_LE: Final = "1.2.840.10008.1.2"
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_LS: Final = "1.2.840.10008.1.2.4.80"
JPEG_2000: Final = "1.2.840.10008.1.2.4.90"
DEFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"
_PIXEL_DATA: Final = (0x7FE0, 0x0010)


def _coded(*fragments: bytes, table: bytes = b"") -> bytes:
    """Pixels in fragments (PS3.5 A.4)."""
    parts = b"".join(item(each + b"\0" * (len(each) % 2)) for each in fragments)
    return undefined(*_PIXEL_DATA, "OB") + item(table) + parts + SEQUENCE_END


def _image(*fragments: bytes, syntax: str, **sizes: object) -> bytes:
    return part10(identity() + description(**sizes) + _coded(*fragments), syntax=syntax)


def _native(pixels: bytes = bytes(16), **sizes: object) -> bytes:
    return part10(identity() + description(**sizes) + element(*_PIXEL_DATA, "OW", pixels))


def implicit(group: int, number: int, value: bytes) -> bytes:
    """One Implicit VR Little Endian element: its value may be of any length."""
    value += b" " * (len(value) % 2)
    return struct.pack("<HHI", group, number, len(value)) + value


def _implicit_image(*more: bytes) -> bytes:
    """A small picture in the default syntax, with elements before its pixels."""
    named = b"".join(
        implicit(*each)
        for each in (
            (0x0008, 0x0016, hostile.SECONDARY_CAPTURE.encode() + b"\0"),
            (0x0008, 0x0018, b"2.25.77\0"),
            (0x0020, 0x000D, b"2.25.78\0"),
            (0x0020, 0x000E, b"2.25.79\0"),
        )
    )
    return part10(named + b"".join(more), syntax=IMPLICIT_LE)


def deflated_elements() -> bytes:
    """A deflated data set of 100 MB that is nothing but elements."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = coder.compress(identity() + element(0x0029, 0x1010, "LO", b"") * 12_000_000)
    return part10(body + coder.flush(), syntax=DEFLATED)


def deflated_frame() -> bytes:
    """One frame of 16 pixels that inflates to 1 GB."""
    return _image(plain.packed(1024)[2:], syntax=DEFLATED_FRAMES)


def rle_that_expands() -> bytes:
    """16 pixels whose one segment unpacks to 64 MB of runs."""
    header = struct.pack("<16I", 1, 64, *([0] * 14))
    return _image(header + b"\x81\0" * (1 << 19), syntax=RLE)


def rle_offsets_that_lie() -> bytes:
    """Fifteen segments that begin before, behind and inside each other."""
    places = [4_294_967_295, 0, 64, 1, 2_147_483_648, *([63] * 10)]
    return _image(struct.pack("<16I", 15, *places) + b"\x81\0" * 64, syntax=RLE)


def _palette(data: bytes, *, is_segmented: bool = True) -> bytes:
    number = 0x1221 if is_segmented else 0x1201
    tables = b"".join(
        element(0x0028, 0x1101 + each, "US", struct.pack("<HHH", 0, 0, 16)) for each in range(3)
    ) + b"".join(element(0x0028, number + each, "OW", data) for each in range(3))
    pixels = element(*_PIXEL_DATA, "OW", bytes(range(16)))
    return part10(identity() + description(photometric=b"PALETTE COLOR") + tables + pixels)


def palette_that_expands() -> bytes:
    """Segmented look-up tables of two billion entries (PS3.3 C.7.9.2)."""
    return _palette(struct.pack("<HHH", 0, 1, 0) + struct.pack("<HHH", 1, 65_535, 9) * 32_000)


def palette_that_turns_in_circles() -> bytes:
    """An indirect segment that points at itself."""
    return _palette(struct.pack("<HHH", 0, 1, 0) + struct.pack("<HHHH", 2, 60_000, 0, 0) * 500)


def palette_without_entries() -> bytes:
    """Look-up tables that promise 65,536 entries and have two."""
    return _palette(struct.pack("<HH", 1, 2), is_segmented=False)


def jpeg_2000(
    *, side: int, tile: int, components: int = 1, levels: int = 5, tiles: int = 1
) -> bytes:
    """A codestream (ISO/IEC 15444-1 annex A) of nothing, as large as it is told to say."""
    sizes = struct.pack(">HIIIIIIIIH", 0, side, side, 0, 0, tile, tile, 0, 0, components)
    marks = sizes + b"\7\1\1" * components
    coding = struct.pack(">BBHBBBBBB", 0, 0, 1, 0, levels, 4, 4, 0, 1)
    quantised = b"\x40" + b"\x48" * (3 * levels + 1)
    parts = b"".join(
        b"\xff\x90" + struct.pack(">HHIBB", 10, number, 16, 0, 1) + b"\xff\x93\x80\x80"
        for number in range(tiles)
    )
    head = ((0x51, marks), (0x52, coding), (0x5C, quantised))
    segments = (b"\xff" + bytes([kind]) + struct.pack(">H", len(b) + 2) + b for kind, b in head)
    return b"\xff\x4f" + b"".join(segments) + parts + b"\xff\xd9"


def jpeg_ls(*, side: int) -> bytes:
    """A JPEG-LS stream (ISO/IEC 14495-1) of nothing that says it is this large."""
    frame = struct.pack(">BHHBBBB", 8, side, side, 1, 1, 0x11, 0)
    scan = b"\1\1\0\0\0\0"
    return b"\xff\xd8\xff\xf7\0\x0b" + frame + b"\xff\xda\0\x08" + scan + bytes(64) + b"\xff\xd9"


def endless_sequences(depth: int = 20_000) -> bytes:
    """Sequences and items of undefined length inside each other."""
    inner = undefined(0x0040, 0xA730, "SQ") + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    return part10(identity() + inner * depth)


def unknown_sequences(depth: int = 5_000) -> bytes:
    """The same as UN, whose content is implicit (PS3.5 6.2.2 note 2)."""
    first = undefined(0x0029, 0x1010, "UN")
    inner = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + implicit(0x0040, 0xA730, b"")[:4]
    return part10(identity() + first + (inner + b"\xff\xff\xff\xff") * depth)


def many_items(count: int = 400_000) -> bytes:
    """A sequence of empty items."""
    return part10(identity() + undefined(0x0040, 0xA730, "SQ") + item(b"") * count + SEQUENCE_END)


def many_fragments(count: int = 400_000) -> bytes:
    """Pixels in empty fragments."""
    return _image(*([b""] * count), syntax=JPEG_BASELINE)


def many_groups(count: int = 30_000) -> bytes:
    """Functional groups of frames that are not there (PS3.3 C.7.6.16)."""
    inner = item(element(0x0028, 0x9132, "SQ", item(element(0x0028, 0x1050, "DS", b"1"))))
    groups = item(inner[8:]) * count
    sequence = undefined(0x5200, 0x9230, "SQ") + groups + SEQUENCE_END
    pixels = element(*_PIXEL_DATA, "OW", bytes(16))
    return part10(identity() + description(frames=str(count)) + sequence + pixels)


DICOM_BOMBS: Final[Mapping[str, Callable[[], bytes]]] = {
    "deflate of 1.9 GB": hostile.deflate_bomb,
    "deflate of twelve million elements": deflated_elements,
    "deflated frame of 1 GB": deflated_frame,
    "RLE that says it is giant": hostile.rle_giant,
    "RLE that unpacks without end": rle_that_expands,
    "RLE with lying offsets": rle_offsets_that_lie,
    "palette of two billion entries": palette_that_expands,
    "palette that turns in circles": palette_that_turns_in_circles,
    "palette without entries": palette_without_entries,
    "JPEG 2000 of 2^31 squared": lambda: _image(
        jpeg_2000(side=2**31 - 1, tile=2**31 - 1), syntax=JPEG_2000
    ),
    "JPEG 2000 with tiles of one pixel": lambda: _image(
        jpeg_2000(side=60_000, tile=1), syntax=JPEG_2000
    ),
    "JPEG 2000 with 16,384 components": lambda: _image(
        jpeg_2000(side=2_000, tile=2_000, components=16_384), syntax=JPEG_2000
    ),
    "JPEG 2000 that the header calls small": lambda: _image(
        jpeg_2000(side=30_000, tile=30_000), syntax=JPEG_2000
    ),
    "JPEG-LS of 65,535 squared": lambda: _image(jpeg_ls(side=65_535), syntax=JPEG_LS),
    "JPEG of 65,500 squared in a small object": lambda: _image(
        plain.jpeg_of(65_500, 65_500), syntax=JPEG_BASELINE
    ),
    "500 sequences deep": hostile.deep_sequences,
    "20,000 sequences deep without length": endless_sequences,
    "5,000 unknown sequences deep": unknown_sequences,
    "a million elements": lambda: hostile.many_elements(1_000_000),
    "400,000 items": many_items,
    "400,000 fragments": many_fragments,
    "30,000 groups of frames": many_groups,
    "a window of four million values": lambda: _implicit_image(
        implicit(0x0028, 0x1050, b"1\\" * 4_000_000), implicit(0x0028, 0x1051, b"1\\" * 4_000_000)
    ),
    "a name of a million escapes": lambda: _implicit_image(
        implicit(0x0008, 0x0005, b"\\ISO 2022 IR 58"),
        implicit(0x0010, 0x0010, b"\x1b$)A^=" * 10**6),
    ),
    "two billion frames": hostile.two_billion_frames,
    "100,000 frames that are not there": lambda: _native(frames="100000"),
    "65,535 squared that are not there": lambda: _native(rows=65_535, columns=65_535),
    "offsets beyond the end": lambda: part10(
        identity()
        + description(frames="9000")
        + _coded(make_jpeg(), table=struct.pack("<9000I", *([0xFFFFFFF0] * 9000))),
        syntax=JPEG_BASELINE,
    ),
    "a program in the preamble": hostile.polyglot,
    "a page in the preamble": lambda: hostile.sound_picture(
        preamble=b"<html><script>alert(1)</script>".ljust(128)
    ),
    "a PDF with scripts in an object": lambda: part10(
        identity() + element(0x0042, 0x0011, "OB", plain.pdf_with_scripts())
    ),
    "cut short": hostile.cut_short,
}
"""Those that a DICOM door may be sent."""

BOMBS: Final[Mapping[str, Callable[[], bytes]]] = {**DICOM_BOMBS, **plain.FILE_BOMBS}


def numbered(data: bytes, number: int) -> bytes:
    """The same under UIDs of its own, as far as they lie open; `number` has three digits."""
    for short, kind in ((b"2.25.77\0", 25), (b"2.25.78\0", 26), (b"2.25.79\0", 27)):
        data = data.replace(short, f"2.{kind}.{number}".encode())
    return data
