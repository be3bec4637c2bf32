"""Capture time out of EXIF, and the recorded removal of metadata from a JPEG (DESIGN section 4).

The scan, the tables, JFIF, Adobe APP14 and the ICC profile stay byte for byte; everything else
that an application may have written goes, because it may name a person, a place or a camera.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from imaging.jpeg import APP0, APP1, APP2, APP13, APP14, APP15, COM, Jpeg, Segment, payload

EXIF_HEAD: Final = b"Exif\0\0"
XMP_HEAD: Final = b"http://ns.adobe.com/xap/1.0/\0"
XMP_MORE_HEAD: Final = b"http://ns.adobe.com/xmp/extension/\0"
ICC_HEAD: Final = b"ICC_PROFILE\0"

_ORIENTATION: Final = 0x0112
_MAKE: Final = 0x010F
_MODEL: Final = 0x0110
_CHANGED: Final = 0x0132
_EXIF_IFD: Final = 0x8769
_GPS_IFD: Final = 0x8825
_ORIGINAL: Final = 0x9003
_DIGITISED: Final = 0x9004
_ORIGINAL_OFFSET: Final = 0x9011
_DIGITISED_OFFSET: Final = 0x9012
_ENTRY_BYTES: Final = 12
_ENTRIES: Final = 512
_INLINE_BYTES: Final = 4
_LONGEST_TEXT: Final = 256
_TEXT_TYPE: Final = 2
_SHORT_TYPE: Final = 3
_DATE: Final = re.compile(r"([0-9]{4}):([0-9]{2}):([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
_OFFSET: Final = re.compile(r"[+-][0-9]{2}:[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Exif:
    """What is worth keeping of EXIF: when, by which clock, by what device, which way up."""

    captured_at: datetime | None = None
    offset: str | None = None
    make: str | None = None
    model: str | None = None
    orientation: int = 1
    has_gps: bool = False


@dataclass(frozen=True, slots=True)
class Stripped:
    """A JPEG without metadata, and the names of what was taken out, in order."""

    data: bytes
    removed: tuple[str, ...]
    removed_bytes: int


def read_exif(block: bytes, *, at: int | None = None) -> Exif:
    """Read an EXIF block (CIPA DC-008: a TIFF structure); nonsense reads as nothing.

    `at` is where its first directory lies, if not where the header says.
    """
    endian = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if endian is None:
        return Exif()
    main = dict(_entries(block, _long_at(block, 4, endian) if at is None else at, endian))
    inner = dict(_entries(block, _pointer(main, _EXIF_IFD, endian), endian))
    captured_at, offset = _capture(block, main, inner, endian)
    return Exif(
        captured_at=captured_at,
        offset=offset,
        make=_text(block, main.get(_MAKE), endian),
        model=_text(block, main.get(_MODEL), endian),
        orientation=_orientation(main.get(_ORIENTATION), endian),
        has_gps=_GPS_IFD in main,
    )


def _entries(block: bytes, at: int, endian: str) -> Iterator[tuple[int, bytes]]:
    """Yield tag and the rest of each 12-byte entry of the directory at `at`."""
    if at <= 0 or at + 2 > len(block):
        return
    (count,) = struct.unpack_from(f"{endian}H", block, at)
    for number in range(min(count, _ENTRIES)):
        start = at + 2 + number * _ENTRY_BYTES
        entry = block[start : start + _ENTRY_BYTES]
        if len(entry) < _ENTRY_BYTES:
            return
        (tag,) = struct.unpack_from(f"{endian}H", entry)
        yield tag, entry[2:]


def _long_at(block: bytes, at: int, endian: str) -> int:
    if at + _INLINE_BYTES > len(block):
        return 0
    return int(struct.unpack_from(f"{endian}I", block, at)[0])


def _pointer(entries: dict[int, bytes], tag: int, endian: str) -> int:
    entry = entries.get(tag)
    return 0 if entry is None else _long_at(entry, 6, endian)


def _text(block: bytes, entry: bytes | None, endian: str) -> str | None:
    if entry is None:
        return None
    kind, count = struct.unpack_from(f"{endian}HI", entry)
    if kind != _TEXT_TYPE:
        return None
    count = min(count, _LONGEST_TEXT)
    at = _long_at(entry, 6, endian)
    raw = entry[6 : 6 + count] if count <= _INLINE_BYTES else block[at : at + count]
    shown = raw.split(b"\0")[0].decode("utf-8", "replace")
    return "".join(letter for letter in shown if letter.isprintable()).strip() or None


def _orientation(entry: bytes | None, endian: str) -> int:
    if entry is None:
        return 1
    kind, _count, number = struct.unpack_from(f"{endian}HIH", entry)
    return int(number) if kind == _SHORT_TYPE and number in range(1, 9) else 1


def _capture(
    block: bytes, main: dict[int, bytes], inner: dict[int, bytes], endian: str
) -> tuple[datetime | None, str | None]:
    """Return when the picture was taken: original before digitised before last change."""
    sources = (
        (inner.get(_ORIGINAL), inner.get(_ORIGINAL_OFFSET)),
        (inner.get(_DIGITISED), inner.get(_DIGITISED_OFFSET)),
        (main.get(_CHANGED), None),
    )
    for entry, offset_entry in sources:
        at = _parse_date(_text(block, entry, endian))
        if at is not None:
            offset = _text(block, offset_entry, endian) or ""
            return at, offset if _OFFSET.fullmatch(offset) else None
    return None, None


def _parse_date(shown: str | None) -> datetime | None:
    found = _DATE.fullmatch(shown or "")
    if found is None:
        return None
    year, month, day, hour, minute, second = found.groups()
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
    except ValueError:
        return None


def exif_of(data: bytes, jpeg: Jpeg) -> Exif:
    """Return what the first EXIF segment of a JPEG says."""
    for segment in jpeg.segments:
        block = payload(data, segment) if segment.marker == APP1 else b""
        if block.startswith(EXIF_HEAD):
            return read_exif(block[len(EXIF_HEAD) :])
    return Exif()


def icc_of(data: bytes, jpeg: Jpeg) -> bytes | None:
    """Return the ICC profile put together from its APP2 segments (ICC.1 annex B.4), or None."""
    parts: dict[int, bytes] = {}
    for segment in jpeg.segments:
        block = payload(data, segment) if segment.marker == APP2 else b""
        if block.startswith(ICC_HEAD) and len(block) > len(ICC_HEAD) + 2:
            parts[block[len(ICC_HEAD)]] = block[len(ICC_HEAD) + 2 :]
    return b"".join(parts[number] for number in sorted(parts)) or None


def metadata_in(data: bytes, jpeg: Jpeg) -> tuple[str, ...]:
    """Name what `strip_metadata` would take out, each once, in order."""
    names = [_name(data, segment) for segment in jpeg.segments]
    found = [name for name in names if name is not None]
    if exif_of(data, jpeg).has_gps:
        found.append("gps")
    if jpeg.end < len(data):
        found.append("trailer")
    return tuple(dict.fromkeys(found))


def strip_metadata(data: bytes, jpeg: Jpeg) -> Stripped:
    """Return the JPEG without EXIF, XMP, comments, thumbnails, foreign segments and trailer."""
    kept = [b"\xff\xd8"]
    kept += [
        data[segment.start : segment.end]
        for segment in jpeg.segments
        if _name(data, segment) is None
    ]
    kept.append(data[jpeg.end - 2 : jpeg.end])
    stripped = b"".join(kept)
    return Stripped(stripped, metadata_in(data, jpeg), len(data) - len(stripped))


def _name(data: bytes, segment: Segment) -> str | None:
    """Name a metadata segment, or None for one that belongs to the picture."""
    marker = segment.marker
    if marker == COM:
        return "comment"
    if not APP0 <= marker <= APP15:
        return None
    start = payload(data, segment)[:40]
    for head, name in _HEADS.get(marker, ()):
        if start.startswith(head):
            return name
    return _OTHER.get(marker, "other")


_HEADS: Final[dict[int, tuple[tuple[bytes, str | None], ...]]] = {
    APP0: ((b"JFIF\0", None), (b"JFXX\0", "thumbnail")),
    APP1: ((EXIF_HEAD, "exif"), (XMP_HEAD, "xmp"), (XMP_MORE_HEAD, "xmp")),
    APP2: ((ICC_HEAD, None), (b"MPF\0", "more-pictures")),
    APP14: ((b"Adobe", None),),
}
_OTHER: Final = {APP13: "photoshop"}
