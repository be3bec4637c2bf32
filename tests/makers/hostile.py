"""Hostile files made by code: bombs, absurd sizes, endless nesting, polyglots."""

import io
import struct
import zipfile
import zlib
from typing import Any

EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
RLE = "1.2.840.10008.1.2.5"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def element(group: int, number: int, vr: str, value: bytes) -> bytes:
    """One Explicit VR Little Endian element."""
    padded = value + (b" " if vr not in {"UI", "OB", "OW"} else b"\0") * (len(value) % 2)
    if vr in {"OB", "OW", "SQ", "UN"}:
        return struct.pack("<HH2sHI", group, number, vr.encode(), 0, len(padded)) + padded
    return struct.pack("<HH2sH", group, number, vr.encode(), len(padded)) + padded


def undefined(group: int, number: int, vr: str) -> bytes:
    """The header of an element of undefined length."""
    return struct.pack("<HH2sHI", group, number, vr.encode(), 0, 0xFFFFFFFF)


def item(value: bytes) -> bytes:
    """One item of defined length."""
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def identity() -> bytes:
    """The elements that file an object, up to the image description."""
    return b"".join(
        (
            element(0x0008, 0x0016, "UI", SECONDARY_CAPTURE.encode()),
            element(0x0008, 0x0018, "UI", b"2.25.77"),
            element(0x0008, 0x0060, "CS", b"OT"),
            element(0x0010, 0x0010, "PN", b"Wang^Fang"),
            element(0x0020, 0x000D, "UI", b"2.25.78"),
            element(0x0020, 0x000E, "UI", b"2.25.79"),
        )
    )


def description(
    *,
    rows: int = 4,
    columns: int = 4,
    samples: int = 1,
    frames: str = "1",
    photometric: bytes | None = None,
) -> bytes:
    """The image pixel module for 8-bit pixels."""
    photometric = photometric or (b"RGB" if samples > 1 else b"MONOCHROME2")
    parts = [
        element(0x0028, 0x0002, "US", struct.pack("<H", samples)),
        element(0x0028, 0x0004, "CS", photometric),
    ]
    if samples > 1:
        parts.append(element(0x0028, 0x0006, "US", struct.pack("<H", 0)))
    parts += [
        element(0x0028, 0x0008, "IS", frames.encode()),
        element(0x0028, 0x0010, "US", struct.pack("<H", rows)),
        element(0x0028, 0x0011, "US", struct.pack("<H", columns)),
        element(0x0028, 0x0100, "US", struct.pack("<H", 8)),
        element(0x0028, 0x0101, "US", struct.pack("<H", 8)),
        element(0x0028, 0x0102, "US", struct.pack("<H", 7)),
        element(0x0028, 0x0103, "US", struct.pack("<H", 0)),
    ]
    return b"".join(parts)


def part10(data_set: bytes, *, syntax: str = EXPLICIT_LE, preamble: bytes = bytes(128)) -> bytes:
    """A Part 10 file around a data set."""
    meta = b"".join(
        (
            element(0x0002, 0x0001, "OB", b"\0\1"),
            element(0x0002, 0x0002, "UI", SECONDARY_CAPTURE.encode()),
            element(0x0002, 0x0003, "UI", b"2.25.77"),
            element(0x0002, 0x0010, "UI", syntax.encode()),
        )
    )
    length = element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta)))
    return preamble + b"DICM" + length + meta + data_set


def sound_picture(**options: Any) -> bytes:
    """A small sound image of 4 by 4 grey pixels."""
    pixels = element(0x7FE0, 0x0010, "OW", bytes(range(16)))
    return part10(identity() + description() + pixels, **options)


def deflate_bomb() -> bytes:
    """About 2 MB that inflate to more than 1.9 GB."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = coder.compress(identity() + undefined(0x7FE0, 0x0010, "OW")[:8])
    start += coder.flush(zlib.Z_FULL_FLUSH)
    megabyte = coder.compress(bytes(1 << 20)) + coder.flush(zlib.Z_FULL_FLUSH)
    return part10(start + megabyte * 1900 + coder.flush(), syntax=DEFLATED)


def rle_giant() -> bytes:
    """A few bytes of RLE that say they are 65,535 by 65,535 pixels in colour."""
    header = struct.pack("<16I", 3, 64, 66, 68, *([0] * 12))
    fragment = header + b"\x81\0" * 3
    pixels = undefined(0x7FE0, 0x0010, "OB") + item(b"") + item(fragment) + SEQUENCE_END
    sizes = description(rows=65_535, columns=65_535, samples=3)
    return part10(identity() + sizes + pixels, syntax=RLE)


def two_billion_frames() -> bytes:
    """A small image that says it has 2,000,000,000 frames."""
    pixels = element(0x7FE0, 0x0010, "OW", bytes(16))
    return part10(identity() + description(frames="2000000000") + pixels)


def deep_sequences(depth: int = 500) -> bytes:
    """Sequences inside each other, all of defined length."""
    value = b""
    for _ in range(depth):
        value = element(0x0040, 0xA730, "SQ", item(value))
    return part10(identity() + value)


def many_elements(count: int = 60_000) -> bytes:
    """Empty private elements, one after the other."""
    return part10(
        identity()
        + b"".join(
            element(0x0029 + 2 * (number >> 15), 0x1000 + (number & 0x7FFF), "LO", b"")
            for number in range(count)
        )
    )


def polyglot() -> bytes:
    """A sound image whose preamble makes it a Windows program too."""
    return sound_picture(preamble=b"MZ\x90\0" + bytes(124))


def cut_short() -> bytes:
    """A sound image that ends in the middle of its pixels."""
    return sound_picture()[:-6]


def zip_of(*files: tuple[str, bytes]) -> bytes:
    """A ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def zip_bomb() -> bytes:
    """A ZIP that holds 64 MB of zeros in 64 KB."""
    return zip_of(("zeros.dcm", bytes(64 << 20)))


def overlapping_zip(copies: int = 50) -> bytes:
    """A ZIP whose entries all point at the same coded bytes."""
    body = bytes(range(256)) * 400
    plain = zip_of(("a.dcm", body))
    end_at = plain.rindex(b"PK\x05\x06")
    (directory_at,) = struct.unpack_from("<I", plain, end_at + 16)
    entry = plain[directory_at:end_at]
    directory = entry * copies
    end = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, copies, copies, len(directory), directory_at, 0
    )
    return plain[:directory_at] + directory + end


def encrypted_zip() -> bytes:
    """A ZIP whose entry says it is encrypted."""
    made = bytearray(zip_of(("a.dcm", b"1234")))
    made[6] |= 1
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def gbk_zip(name: str, data: bytes) -> bytes:
    """A ZIP as Chinese Windows writes it: the name in GBK, without the UTF-8 mark."""
    stand_in = "x" * len(name.encode("gbk"))
    return zip_of((stand_in, data)).replace(stand_in.encode(), name.encode("gbk"))
