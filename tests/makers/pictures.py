"""Photographs made by code: JPEG, PNG and the metadata that cameras write into them."""

import io
import secrets
import struct
import zlib

import numpy as np
from PIL import Image

XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Wang Fang</x:xmpmeta>"


def make_pixels(*, width: int = 96, height: int = 64) -> np.ndarray:
    """A red disc on black with a bright spot, big enough to survive JPEG."""
    row, column = np.indices((height, width))
    inside = (row - height / 2) ** 2 + (column - width / 2) ** 2 < (height / 2) ** 2
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[inside] = (180, 80, 30)
    pixels[height // 3 : height // 2, width // 3 : width // 2] = (240, 220, 160)
    return pixels


def make_jpeg(*, mode: str = "RGB", **options: object) -> bytes:
    """A JPEG as Pillow writes it; `options` go to it (progressive, icc_profile, subsampling)."""
    coded = io.BytesIO()
    Image.fromarray(make_pixels()).convert(mode).save(coded, "JPEG", **options)
    return coded.getvalue()


def make_png(*, mode: str = "RGB") -> bytes:
    """A PNG as Pillow writes it."""
    coded = io.BytesIO()
    Image.fromarray(make_pixels()).convert(mode).save(coded, "PNG")
    return coded.getvalue()


def make_exif(
    *, original: str | None = "2026:03:04 09:12:33", offset: str | None = None, gps: bool = True
) -> bytes:
    """An EXIF block: camera, capture time, a place, and a patient's name in the description."""
    texts = {0x010E: "Wang Fang 510107196001011234", 0x010F: "Topcon", 0x0110: "NW400"}
    inner = {}
    if original is not None:
        inner[0x9003] = original
    if offset is not None:
        inner[0x9011] = offset
    main_count = len(texts) + 1 + gps
    inner_at = 8 + 2 + 12 * main_count + 4
    data_at = inner_at + 2 + 12 * len(inner) + 4
    data = bytearray()

    def text_entry(tag: int, text: str) -> bytes:
        raw = text.encode() + b"\0"
        at = data_at + len(data)
        data.extend(raw + bytes(len(raw) % 2))
        return struct.pack("<HHII", tag, 2, len(raw), at)

    main = b"".join(text_entry(tag, text) for tag, text in texts.items())
    main += struct.pack("<HHII", 0x8769, 4, 1, inner_at)
    if gps:
        main += struct.pack("<HHII", 0x8825, 4, 1, inner_at)
    entries = b"".join(text_entry(tag, text) for tag, text in inner.items())
    directory = struct.pack("<H", main_count) + main + bytes(4)
    directory += struct.pack("<H", len(inner)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(data)


def make_segment(marker: int, payload: bytes) -> bytes:
    """One JPEG marker segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """The JPEG with segments right after its start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def own_copy(jpeg: bytes) -> bytes:
    """The same picture in bytes of its own: another patient with the same bytes is asked about."""
    return with_segments(jpeg, make_segment(0xFE, secrets.token_bytes(16)))


def with_exif(jpeg: bytes, exif: bytes | None = None) -> bytes:
    """The JPEG as a camera would have written it, with EXIF, XMP, a comment and a trailer."""
    return (
        with_segments(
            jpeg,
            make_segment(0xE1, b"Exif\0\0" + (exif or make_exif())),
            make_segment(0xE1, XMP),
            make_segment(0xFE, b"patient Wang Fang"),
        )
        + b"PK\x03\x04 hidden behind the end"
    )


def scan_of(jpeg: bytes) -> bytes:
    """From the first start-of-scan marker to the end-of-image marker."""
    start = jpeg.index(b"\xff\xda")
    return jpeg[start : jpeg.rindex(b"\xff\xd9") + 2]


def make_chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def make_png_bomb(side: int = 60_000) -> bytes:
    """A small PNG that says it is enormous."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1 << 16), 9)
    chunks = make_chunk(b"IHDR", header) + make_chunk(b"IDAT", body) + make_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks
