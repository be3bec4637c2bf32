"""Bombs that are no DICOM: archives, photographs and documents."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from tests.makers import hostile
from tests.makers.pictures import make_jpeg, make_png, make_png_bomb

_CLIMBING: Final = (
    *("../../../../etc/cron.d/lianzhen", "/etc/passwd", "C:\\Windows\\win.ini"),
    *("a/../../b.jpg", "nul\0.jpg", "\u202egpj.exe", "x" * 4_000, "CON", "\\\\host\\share\\a.jpg"),
)


def jpeg_of(rows: int, columns: int) -> bytes:
    """A small JPEG whose frame header says it is this large (T.81 B.2.2)."""
    made = bytearray(make_jpeg())
    at = made.index(b"\xff\xc0")
    struct.pack_into(">HH", made, at + 5, rows, columns)
    return bytes(made)


def with_segments(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments behind its first marker."""
    made = make_jpeg()
    added = b"".join(
        b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body for kind, body in segments
    )
    return made[:2] + added + made[2:]


def tiff(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """A TIFF of one directory (TIFF 6.0 section 2) with this place of the next one."""
    body = b"".join(struct.pack("<HHII", *each) for each in entries)
    count = struct.pack("<H", len(entries))
    return b"II*\0" + struct.pack("<I", 8) + count + body + struct.pack("<I", following)


def exif_in_circles() -> bytes:
    """EXIF whose directories lead to each other, with counts of four billion."""
    loop = tiff(
        (0x8769, 4, 1, 8),
        (0x8825, 4, 1, 8),
        (0x010F, 2, 0xFFFFFFFF, 8),
        (0xA005, 4, 1, 8),
        following=8,
    )
    return with_segments((0xE1, b"Exif\0\0" + loop))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(name: bytes, body: bytes, *, times: int = 1) -> bytes:
    """A PNG with more chunks behind its header."""
    made = make_png()
    return made[:33] + _chunk(name, body) * times + made[33:]


def packed(megabytes: int) -> bytes:
    """Zeros as a zlib stream (RFC 1950), made of the same block again and again."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = coder.flush(zlib.Z_FULL_FLUSH)
    block = coder.compress(bytes(1 << 20)) + coder.flush(zlib.Z_FULL_FLUSH)
    check = ((megabytes << 20) % 65_521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\xda" + start + block * megabytes + coder.flush() + struct.pack(">I", check)


def nested_zips(depth: int = 12, width: int = 8) -> bytes:
    """Archives of archives, eight in each."""
    made = hostile.zip_of(("a.jpg", make_jpeg()))
    for _ in range(depth):
        made = hostile.zip_of(*((f"{number}.zip", made) for number in range(width)))
    return made


def zip_that_lies() -> bytes:
    """Local headers and directory that contradict each other about every size."""
    made = bytearray(hostile.zip_of(("a.dcm", hostile.sound_picture())))
    struct.pack_into("<II", made, 18, 1 << 30, 1 << 30)
    struct.pack_into("<II", made, made.rindex(b"PK\1\2") + 20, 40, 1 << 29)
    return bytes(made)


def zip64_that_lies() -> bytes:
    """An end record of 2^62 entries in a directory of 2^62 bytes (APPNOTE 4.3.14)."""
    made = hostile.zip_of(("a.dcm", b"x"))
    at = made.rindex(b"PK\5\6")
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, *([1 << 62] * 2), 1 << 62, at)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
    return made[:at] + end + locator + made[at:]


def zip_of_bombs(count: int = 12) -> bytes:
    """An archive of which each file takes a decoder all its time or memory."""
    giant = jpeg_of(9_900, 9_900)
    files = {f"{number}.jpg": giant + bytes([number]) for number in range(count)}
    return hostile.zip_of(*files.items(), ("sound.jpg", make_jpeg()))


def stored_zip(names: tuple[str, ...]) -> bytes:
    """An archive of one small picture under many names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name), make_jpeg() + bytes([number]))
    return made.getvalue()


def pdf_with_scripts() -> bytes:
    """A PDF that would run a script when it is opened, and launch a program."""
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript"
        b"/JS(app.launchURL\\('http://x'\\))>>/AA<</O<</S/Launch/F(cmd.exe)>>>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 999999999>>endobj\ntrailer<</Root 1 0 R>>%%EOF"
    )


FILE_BOMBS: Final[Mapping[str, Callable[[], bytes]]] = {
    "ZIP of 64 MB in 64 KB": hostile.zip_bomb,
    "ZIP of overlaps": hostile.overlapping_zip,
    "ZIP that lies about sizes": zip_that_lies,
    "ZIP that promises 2^62 entries": zip64_that_lies,
    "ZIP of 5,000 files": lambda: hostile.zip_of(*((f"{n}.dcm", b"x") for n in range(5_000))),
    "ZIP of ZIPs": nested_zips,
    "ZIP whose names climb": lambda: stored_zip(_CLIMBING),
    "ZIP under a password": hostile.encrypted_zip,
    "ZIP of twelve bombs": zip_of_bombs,
    "JPEG of 65,500 squared": lambda: jpeg_of(65_500, 65_500),
    "JPEG of a hundred million pixels": lambda: jpeg_of(9_900, 9_900),
    "JPEG with 60,000 segments": lambda: with_segments(*([(0xE9, b"")] * 60_000)),
    "JPEG of fill bytes": lambda: b"\xff\xd8" + b"\xff" * (24 << 20) + make_jpeg()[2:],
    "EXIF in circles": exif_in_circles,
    "PNG of 19 million pixels in 50 KB": make_png_bomb,
    "PNG with a profile of 1 GB": lambda: png_with(b"iCCP", b"x\0\0" + packed(1024)),
    "PNG with a text of 1 GB": lambda: png_with(b"zTXt", b"x\0\0" + packed(1024)),
    "PNG with 60,000 chunks": lambda: png_with(b"tEXt", b"x\0y", times=60_000),
    "TIFF of 2^32 squared": lambda: tiff((0x0100, 4, 1, 0xFFFFFFFF), (0x0101, 4, 1, 0xFFFFFFFF)),
    "TIFF in circles": lambda: tiff((0x0100, 4, 1, 16), following=8),
    "gzip of 1 GB": lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\3" + packed(1024)[2:],
    "PDF with scripts": pdf_with_scripts,
    "a page": lambda: b"<html><script>alert(1)</script></html>",
    "a drawing with scripts": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
}
