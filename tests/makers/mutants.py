"""Real files changed by chance where their structure is: elements, segments, records, bytes."""

import contextlib
import random
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from imaging.elements import PIXEL_TAGS, UNDEFINED, Element
from tests.makers.seedlings import Seedling

_ODD: Final = (0, 1, 2, 3, 7, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)
_ODD_LONG: Final = (*_ODD, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_VRS: Final = (
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR "
    b"US UT UV ZZ \0\0 ob"
).split(b" ")
_TAGS: Final = (
    *(0x00080005, 0x00080016, 0x00080018, 0x00081140, 0x00100010, 0x0020000D, 0x00280002),
    *(0x00280004, 0x00280008, 0x00280010, 0x00280100, 0x00281050, 0x00281101, 0x00281201),
    *(0x00283000, 0x00283010, 0x52009229, 0x52009230, 0x7FE00001, 0x7FE00010, 0x7FE00008),
    *(0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0xFFFCFFFC, 0x00020010, 0x00000000, 0x00431029),
)
_SYNTAXES: Final = (
    *("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5"),
    *(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70, 80, 81, 90, 91, 95, 100, 201, 203)),
    *("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1", "1.2.3", ""),
)
_VALUES: Final = (
    *(b"\\" * 300, b"\xff" * 64, b"\0" * 64, b"-1", b"1e308", b"nan", b"99999999999999999999"),
    *(
        b"\x1b$)A\xd6\xd0^\x1b(J=" * 9,
        b"2.25.",
        b"MONOCHROME1",
        b"PALETTE COLOR",
        b"YBR_PARTIAL_420",
    ),
    *(b"20260230", b"ISO 2022 IR 58\\ISO_IR 100\\GB18030", "张^桂英".encode("gb18030"), b""),
)
_JPEG_MARK: Final = re.compile(rb"\xff[\xc0-\xfe]")
_ZIP_MARK: Final = re.compile(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)")

Chance = random.Random


def mutate(seedling: Seedling, chance: Chance) -> tuple[str, bytes]:
    """What was done, in words, and the changed file."""
    data, done = bytearray(seedling.data), []
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        ways = list(_BYTES)
        if seedling.elements:
            ways += [*_ELEMENTS] * 3
        elif data[:2] == b"\xff\xd8":
            ways += [*_SEGMENTS] * 4
        elif data[:4] == b"\x89PNG":
            ways += ["chunk"] * 12
        elif data[:2] == b"PK":
            ways += ["record"] * 12
        way = chance.choice(ways)
        done.append(way)
        with contextlib.suppress(struct.error, IndexError):  # an earlier change took its place
            _WAYS[way](seedling, data, chance)
    return "+".join(done), bytes(data)


def _at(data: bytearray, chance: Chance) -> int:
    return chance.randrange(len(data)) if data else 0


def _flip(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    for _ in range(min(len(data), chance.choice((1, 4, 32)))):
        data[_at(data, chance)] = chance.choice((0, 0xFF, chance.randrange(256)))


def _cut(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    del data[_at(data, chance) :]


def _drop(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    at = _at(data, chance)
    del data[at : at + chance.choice((1, 2, 16, 4096))]


def _double(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    at = _at(data, chance)
    data[at:at] = data[at : at + chance.choice((1, 12, 512, 8192))]


def _element(seedling: Seedling, data: bytearray, chance: Chance) -> tuple[Element, int]:
    """One of the elements, and where its header begins, if nothing was moved before."""
    found = chance.choice(seedling.elements)
    is_long = found.vr in {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT"}
    return found, min(found.value_at - (12 if is_long else 8), max(0, len(data) - 12))


def _pixels(seedling: Seedling, data: bytearray, chance: Chance) -> None:
    """Bytes of native pixels: no reader can tell them from others."""
    pixels = [each for each in seedling.elements if each.tag in PIXEL_TAGS and not each.depth]
    for each in pixels:
        if 0 < each.length < UNDEFINED:
            for _ in range(64):
                at = each.value_at + chance.randrange(each.length)
                data[at] = chance.randrange(256)


def _length(seedling: Seedling, data: bytearray, chance: Chance) -> None:
    found, start = _element(seedling, data, chance)
    near = (found.length + chance.choice((-2, -1, 1, 2, 8))) & 0xFFFFFFFF
    if found.vr and found.value_at - start == 8:  # a short header
        struct.pack_into("<H", data, start + 6, chance.choice((*_ODD, near & 0xFFFF)))
    else:
        at = min(found.value_at - 4, len(data) - 4)
        struct.pack_into("<I", data, max(0, at), chance.choice((*_ODD_LONG, near, len(data))))


def _vr(seedling: Seedling, data: bytearray, chance: Chance) -> None:
    start = _element(seedling, data, chance)[1]
    data[start + 4 : start + 6] = chance.choice(_VRS)


def _tag(seedling: Seedling, data: bytearray, chance: Chance) -> None:
    start, tag = _element(seedling, data, chance)[1], chance.choice(_TAGS)
    struct.pack_into("<HH", data, start, tag >> 16, tag & 0xFFFF)


def _value(seedling: Seedling, data: bytearray, chance: Chance) -> None:
    found = _element(seedling, data, chance)[0]
    room = min(found.length, 512)
    data[found.value_at : found.value_at + room] = chance.choice(_VALUES)[:room].ljust(room)


def _number(seedling: Seedling, data: bytearray, chance: Chance) -> None:
    """Numbers of the image description, which decoders believe."""
    told = [each for each in seedling.elements if each.tag >> 16 == 0x28 and each.length == 2]
    if told:
        at = min(chance.choice(told).value_at, len(data) - 2)
        struct.pack_into("<H", data, max(0, at), chance.choice(_ODD))


def _move(seedling: Seedling, data: bytearray, chance: Chance) -> None:
    """An element stands somewhere else, once more, or not at all."""
    found, start = _element(seedling, data, chance)
    piece = bytes(data[start : found.value_at + min(found.length, 4096)])
    if chance.random() < 0.5:
        del data[start : start + len(piece)]
    to = _element(seedling, data, chance)[1]
    data[to:to] = piece * chance.choice((0, 1, 2, 50))


def _syntax(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    """Another transfer syntax than the bytes are in."""
    at = data.find(b"\x02\x00\x10\x00UI")
    if at >= 0:
        told = chance.choice(_SYNTAXES).encode()
        old = struct.unpack_from("<H", data, at + 6)[0]
        told += b"\0" * (len(told) % 2)
        data[at + 6 : at + 8 + old] = struct.pack("<H", len(told)) + told


def _segment(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    """A marker of a JPEG, its length or what stands behind (T.81 annex B)."""
    marks = [found.start() for found in _JPEG_MARK.finditer(data)]
    if not marks:
        return
    at = chance.choice(marks)
    what = chance.randrange(4)
    if what == 0:
        data[at + 1] = chance.randrange(0xC0, 0xFF)
    elif what == 1:
        data[at + 2 : at + 4] = struct.pack(">H", chance.choice(_ODD))
    elif what == 2:
        data[at + 4 : at + 12] = chance.randbytes(8)
    else:
        data[at:at] = data[chance.choice(marks) :][: chance.choice((4, 40, 4000))]


def _chunk(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    """A byte of a PNG's chunk, its checksum made right again."""
    at, places = 8, []
    while at + 12 <= len(data):
        places.append(at)
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    if not places:
        return
    start = chance.choice(places)
    end = start + 8 + int.from_bytes(data[start : start + 4], "big")
    at = chance.randrange(start + chance.choice((0, 8)), max(start + 9, min(end, len(data))))
    data[min(at, len(data) - 1)] = chance.choice((0, 1, 0xFF, chance.randrange(256)))
    data[end : end + 4] = struct.pack(">I", zlib.crc32(data[start + 4 : end]))


def _record(_seedling: Seedling, data: bytearray, chance: Chance) -> None:
    """A number of a ZIP's record (APPNOTE 4.3)."""
    marks = [found.start() for found in _ZIP_MARK.finditer(data)]
    at = chance.choice(marks or [0]) + chance.randrange(4, 42)
    if at + 4 <= len(data):
        form, values = chance.choice((("<H", _ODD), ("<I", _ODD_LONG)))
        struct.pack_into(form, data, at, chance.choice(values))


Way = Callable[[Seedling, bytearray, Chance], None]
_BYTES: Final[Mapping[str, Way]] = {"flip": _flip, "cut": _cut, "drop": _drop, "double": _double}
_ELEMENTS: Final[Mapping[str, Way]] = {
    "length": _length,
    "vr": _vr,
    "tag": _tag,
    "value": _value,
    "number": _number,
    "move": _move,
    "syntax": _syntax,
    "pixels": _pixels,
}
_SEGMENTS: Final[Mapping[str, Way]] = {"segment": _segment}
_WAYS: Final = {**_BYTES, **_ELEMENTS, **_SEGMENTS, "chunk": _chunk, "record": _record}
