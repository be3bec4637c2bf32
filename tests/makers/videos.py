"""Small videos, made by hand: every picture stands by itself in H.264 and nothing is predicted."""

import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import FileDataset
from pydicom.uid import UID, generate_uid

RATE = 25
H264 = "1.2.840.10008.1.2.4.102"
MPEG2 = "1.2.840.10008.1.2.4.100"
_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4.1"
_BLOCK = 16
_RAW_BLOCK = 25  # mb_type I_PCM of an I slice (ITU-T H.264 table 7-11)


class _Bits:
    """Writes bits as a byte stream NAL unit has them (ITU-T H.264 7.2, 9.1)."""

    def __init__(self) -> None:
        self._out, self._held, self._count = bytearray(), 0, 0

    def bits(self, value: int, count: int) -> None:
        for at in reversed(range(count)):
            self._held = self._held << 1 | value >> at & 1
            self._count += 1
            if self._count == 8:
                self._out.append(self._held)
                self._held = self._count = 0

    def number(self, value: int) -> None:
        """Exp-Golomb, without a sign."""
        length = (value + 1).bit_length()
        self.bits(0, length - 1)
        self.bits(value + 1, length)

    def align(self) -> None:
        self.bits(0, -self._count % 8)

    def raw(self, data: bytes) -> None:
        self._out += data

    def unit(self, head: int) -> bytes:
        """Close it as a unit of this head, with bytes that prevent start codes (7.4.1)."""
        self.bits(1, 1)
        self.align()
        out = bytearray([head])
        zeros = 0
        for byte in self._out:
            if zeros >= 2 and byte <= 3:
                out.append(3)
                zeros = 0
            zeros = zeros + 1 if byte == 0 else 0
            out.append(byte)
        return bytes(out)


def _sequence(columns: int, rows: int) -> bytes:
    said = _Bits()
    for value, count in ((66, 8), (0xC0, 8), (31, 8)):  # baseline, constrained, level 3.1
        said.bits(value, count)
    for number in (0, 0, 2, 0):
        said.number(number)
    said.bits(0, 1)
    said.number(columns // _BLOCK - 1)
    said.number(rows // _BLOCK - 1)
    said.bits(0b1100, 4)
    return said.unit(0x67)


def _picture_set() -> bytes:
    said = _Bits()
    said.number(0)
    said.number(0)
    said.bits(0, 2)
    for _ in range(3):
        said.number(0)
    said.bits(0, 3)
    for _ in range(3):
        said.number(0)
    said.bits(0b100, 3)
    return said.unit(0x68)


def _picture(luma: np.ndarray, number: int) -> bytes:
    """One picture in raw blocks, its colours without colour."""
    said = _Bits()
    for value in (0, 7, 0):
        said.number(value)
    said.bits(0, 4)
    said.number(number % 2)
    said.bits(0, 2)
    said.number(0)
    said.number(1)
    rows, columns = luma.shape
    for row in range(0, rows, _BLOCK):
        for column in range(0, columns, _BLOCK):
            said.number(_RAW_BLOCK)
            said.align()
            said.raw(luma[row : row + _BLOCK, column : column + _BLOCK].tobytes() + b"\x80" * 128)
    return said.unit(0x65)


def _box(kind: str, *parts: bytes) -> bytes:
    inside = b"".join(parts)
    return struct.pack(">I4s", 8 + len(inside), kind.encode()) + inside


def _full(kind: str, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


_MATRIX = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


def make_mp4(*, seconds: float = 2.0, columns: int = 64, rows: int = 48) -> bytes:
    """An MP4 of a bar that goes to the right (ISO/IEC 14496-12, -15)."""
    count = round(seconds * RATE)
    samples = []
    for number in range(count):
        luma = np.full((rows, columns), 60, np.uint8)
        luma[:, number * columns // count : number * columns // count + 4] = 220
        unit = _picture(luma, number)
        samples.append(struct.pack(">I", len(unit)) + unit)
    kind = _box("ftyp", b"isom", struct.pack(">I", 512), b"isomavc1mp41")
    told = _movie(samples, columns, rows, at=0)
    told = _movie(samples, columns, rows, at=len(kind) + len(told) + 8)
    return kind + told + _box("mdat", *samples)


def _movie(samples: Sequence[bytes], columns: int, rows: int, *, at: int) -> bytes:
    count = len(samples)
    times = struct.pack(">IIII", 0, 0, RATE, count)
    head = _full(
        "mvhd", times, struct.pack(">IH10x", 1 << 16, 256), _MATRIX, bytes(24), b"\0\0\0\2"
    )
    size = struct.pack(">II", columns << 16, rows << 16)
    track = _full(
        "tkhd", struct.pack(">IIIII8xHHH2x", 0, 0, 1, 0, count, 0, 0, 0), _MATRIX, size, flags=3
    )
    one, other = _sequence(columns, rows), _picture_set()
    coded = b"".join((
        b"\x01", one[1:4], b"\xff\xe1", struct.pack(">H", len(one)), one,
        b"\x01", struct.pack(">H", len(other)), other,
    ))  # fmt: skip
    entry = _box(
        "avc1",
        bytes(6)
        + b"\0\1"
        + bytes(16)
        + struct.pack(">HHIIIH", columns, rows, 72 << 16, 72 << 16, 0, 1),
        bytes(32),
        struct.pack(">Hh", 24, -1),
        _box("avcC", coded),
    )
    table = _box(
        "stbl",
        _full("stsd", struct.pack(">I", 1), entry),
        _full("stts", struct.pack(">III", 1, count, 1)),
        _full("stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _full("stsz", struct.pack(">II", 0, count), *(struct.pack(">I", len(x)) for x in samples)),
        _full("stco", struct.pack(">II", 1, at)),
    )
    place = _box("dinf", _full("dref", struct.pack(">I", 1), _full("url ", flags=1)))
    media = _box(
        "mdia",
        _full("mdhd", times, b"\x55\xc4\0\0"),
        _full("hdlr", bytes(4) + b"vide" + bytes(12) + b"\0"),
        _box("minf", _full("vmhd", bytes(8), flags=1), place, table),
    )
    return _box("moov", head, _box("trak", track, media))


def video_object(
    real_files: Path,
    stream: bytes,
    *,
    syntax: str = H264,
    pieces: int = 1,
    frames: int = 50,
    is_apart: bool = False,
) -> bytes:
    """The stream as a DICOM object of photographic video, in so many fragments (PS3.5 A.4).

    One that `is_apart` is in a study where nothing else is.
    """
    base = dcmread(real_files / "dicom" / "explicit-vr-le" / "SC_rgb.dcm")
    made = FileDataset("", base, file_meta=base.file_meta, preamble=b"\0" * 128)
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = _PHOTOGRAPHIC
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.SeriesInstanceUID = generate_uid()
    if is_apart:
        made.StudyInstanceUID = generate_uid()
    made.Modality = "XC"
    made.NumberOfFrames = frames
    made.PhotometricInterpretation = "YBR_PARTIAL_420"
    made.CineRate = made.RecommendedDisplayFrameRate = RATE
    made.file_meta.TransferSyntaxUID = UID(syntax)
    pixels = b"".join(_items(stream + b"\0" * (len(stream) % 2), pieces))
    made["PixelData"] = DataElement("PixelData", "OB", pixels, is_undefined_length=True)
    written = io.BytesIO()
    made.save_as(written)
    return written.getvalue()


def _items(stream: bytes, pieces: int) -> Iterator[bytes]:
    yield struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    length = -(-len(stream) // pieces // 2) * 2 + 2
    for at in range(0, len(stream), length):
        part = stream[at : at + length]
        yield struct.pack("<HHI", 0xFFFE, 0xE000, len(part)) + part
    yield struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
