"""PNG checked chunk by chunk before any decoder sees it (ISO/IEC 15948 clauses 5 and 11)."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from imaging.errors import Refusal, RefusedError
from imaging.exif import Exif, read_exif

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES: Final = 13
_SIXTEEN_BITS: Final = 16
_CHUNKS: Final = 65_536
_LARGEST_PROFILE: Final = 1 << 22
# Colour type: samples a pixel, allowed bit depths (ISO/IEC 15948 table 11.1).
_COLOUR_TYPES: Final = {
    0: (1, frozenset({1, 2, 4, 8, 16})),
    2: (3, frozenset({8, 16})),
    3: (3, frozenset({1, 2, 4, 8})),
    4: (1, frozenset({8, 16})),
    6: (3, frozenset({8, 16})),
}
_METADATA: Final = {
    b"tEXt": "text",
    b"zTXt": "text",
    b"iTXt": "text",
    b"eXIf": "exif",
    b"tIME": "time",
}


@dataclass(frozen=True, slots=True)
class Png:
    """What the chunks of a sound PNG say; `samples` counts colour without alpha."""

    rows: int
    columns: int
    samples: int
    has_alpha: bool
    icc: bytes | None
    exif: Exif
    metadata: tuple[str, ...]


def parse_png(data: bytes) -> Png:
    """Check every chunk and its checksum, and say what the picture is.

    Raises RefusedError: damaged, 16 bits a sample, or animated.
    """
    chunks = list(_chunks(data))
    names = [name for name, _body in chunks]
    if names[:1] != [b"IHDR"] or b"IDAT" not in names or names[-1] != b"IEND":
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    if b"acTL" in names:
        raise RefusedError(Refusal.ANIMATED_PNG)
    rows, columns, samples, has_alpha = _header(chunks[0][1])
    bodies = dict(reversed(chunks))
    metadata = dict.fromkeys(_METADATA[name] for name in names if name in _METADATA)
    exif = read_exif(bodies.get(b"eXIf", b""))
    if exif.has_gps:
        metadata["gps"] = None
    icc = _profile(bodies.get(b"iCCP"))
    return Png(rows, columns, samples, has_alpha, icc, exif, tuple(metadata))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(_SIGNATURE):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    at = len(_SIGNATURE)
    for _ in range(_CHUNKS):
        if at + 12 > len(data):
            raise RefusedError(Refusal.DAMAGED_PICTURE)
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if at > len(data) or zlib.crc32(name + body) != int.from_bytes(data[at - 4 : at], "big"):
            raise RefusedError(Refusal.DAMAGED_PICTURE)
        yield name, body
        if name == b"IEND":
            return
    raise RefusedError(Refusal.DAMAGED_PICTURE)


def _header(body: bytes) -> tuple[int, int, int, bool]:
    if len(body) != _HEADER_BYTES:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    columns, rows, depth, colour, compression, filtering, interlace = struct.unpack(
        ">IIBBBBB", body
    )
    samples, depths = _COLOUR_TYPES.get(colour, (0, frozenset()))
    if depth not in depths or not rows or not columns or compression or filtering or interlace > 1:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    if depth == _SIXTEEN_BITS:
        raise RefusedError(Refusal.SIXTEEN_BIT_PNG)
    return rows, columns, samples, colour in {4, 6}


def _profile(body: bytes | None) -> bytes | None:
    """Inflate the ICC profile of an iCCP chunk, never past the cap."""
    if body is None or b"\0" not in body[:80]:
        return None
    coded = body[body.index(b"\0") + 2 :]
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(coded, _LARGEST_PROFILE)
    except zlib.error:
        return None
    return profile if inflater.eof else None
