"""Decode one frame of an image; sizes are checked before any decoder runs; runs in the jail."""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import as_pixel_options
from pydicom.uid import UID

from imaging.descriptor import open_positioned
from imaging.errors import NoPicture, PictureError
from imaging.extended_jpeg import decode_extended_jpeg
from imaging.header import number, text
from imaging.lenient import FAULTS, leniently, panics_as_faults
from imaging.survey import Survey
from imaging.video import CODINGS

DEFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"

# Native code of our own language first, GDCM (which aborts on nonsense) last.
_DECODERS: Final = ("pydicom", "pillow", "pylibjpeg", "pyjpegls", "gdcm")
_KEYWORDS: Final = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
_BITS: Final = frozenset({1, 8, 16, 32, 64})


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """How large a picture may be before a decoder is asked."""

    frame_bytes: int = 192 << 20
    total_bytes: int = 16 << 30
    frames: int = 100_000


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows, columns, frames, samples and bits as declared (PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    frames: int
    samples: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        """The bytes of one decoded frame."""
        return self.rows * self.columns * self.samples * max(1, self.bits // 8)


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame: stored values, samples last, before any look-up table; read only.

    Native pixels are the bytes that were read, not a copy of them.
    """

    pixels: NDArray[Any]
    photometric: str
    bits_stored: int


def shape_of(header: Dataset, *, limits: FrameLimits | None = None) -> Shape:
    """Return the declared size of the picture, within the limits.

    Raises PictureError: a number is missing or nonsense, or the picture is over the cap.
    """
    limits = limits or FrameLimits()
    frames = number(header, "NumberOfFrames") if text(header, "NumberOfFrames") else 1
    declared = (
        number(header, "Rows"),
        number(header, "Columns"),
        frames,
        number(header, "SamplesPerPixel"),
        number(header, "BitsAllocated"),
    )
    rows, columns, frames, samples, bits = (part or 0 for part in declared)
    if min(rows, columns, frames) < 1 or samples not in {1, 3, 4} or bits not in _BITS:
        raise PictureError(NoPicture.PIXEL_DESCRIPTION)
    shape = Shape(rows, columns, frames, samples, bits)
    is_over = (
        shape.frame_bytes > limits.frame_bytes
        or shape.frame_bytes * frames > limits.total_bytes
        or frames > limits.frames
    )
    if is_over:
        raise PictureError(NoPicture.PICTURE_TOO_LARGE)
    return shape


def decode_frame(
    descriptor: int,
    survey: Survey,
    header: Dataset,
    *,
    index: int = 0,
    limits: FrameLimits | None = None,
) -> Frame:
    """Decode the frame at `index` (from 0) by the first decoder that can.

    Raises PictureError: there are no pixels, they are over the cap, or no decoder reads them.
    """
    if survey.pixels is None:
        raise PictureError(NoPicture.NO_PIXEL_DATA)
    shape = shape_of(header, limits=limits)
    if index >= shape.frames:
        raise PictureError(NoPicture.PIXEL_DESCRIPTION)
    try:
        with leniently():
            for frame in attempts(descriptor, survey, header, index):
                return _checked(frame, shape)
    except MemoryError as error:
        raise PictureError(NoPicture.PICTURE_TOO_LARGE) from error
    raise PictureError(NoPicture.UNDECODABLE)


def coded_frame(descriptor: int, survey: Survey, shape: Shape, *, index: int = 0) -> bytes:
    """Return one frame's coded bytes as they lie in the file (PS3.5 A.4).

    Raises PictureError: the fragments do not hold that frame.
    """
    try:
        with leniently():
            return get_frame(_pixel_bytes(descriptor, survey), index, number_of_frames=shape.frames)
    except FAULTS as error:
        raise PictureError(NoPicture.UNDECODABLE) from error


def _pixel_bytes(descriptor: int, survey: Survey) -> io.BufferedReader | io.BytesIO:
    at = survey.pixels.value_at if survey.pixels else 0
    source: io.BufferedReader | io.BytesIO = (
        open_positioned(descriptor) if survey.inflated is None else io.BytesIO(survey.inflated)
    )
    source.seek(at)
    return source


def attempts(descriptor: int, survey: Survey, header: Dataset, index: int) -> Iterator[Frame]:
    """Yield one frame as each decoder that can reads it.

    Raises PictureError: no decoder knows the syntax, or the pixels are described wrongly.
    """
    syntax = survey.transfer_syntax_uid
    if syntax in CODINGS:
        raise PictureError(NoPicture.VIDEO)
    if syntax == DEFLATED_FRAMES:
        yield _inflated_frame(descriptor, survey, header, index)
        return
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise PictureError(NoPicture.UNSUPPORTED_TRANSFER_SYNTAX) from error
    plugins = [name for name in _DECODERS if name in decoder.available_plugins]
    options = _options(survey, header)
    for plugin in plugins or _DECODERS[:1]:
        source = _pixel_bytes(descriptor, survey)
        try:
            with panics_as_faults():
                pixels, facts = decoder.as_array(
                    source, index=index, raw=True, decoding_plugin=plugin, **options
                )
        except FAULTS:
            continue
        yield Frame(
            pixels, str(facts["photometric_interpretation"]), int(facts.get("bits_stored", 0))
        )
    if syntax == JPEG_EXTENDED:
        coded = coded_frame(descriptor, survey, shape_of(header), index=index)
        yield _from_extended(coded, header)


def _options(survey: Survey, header: Dataset) -> dict[str, Any]:
    pixels = survey.pixels
    if pixels is None:
        raise PictureError(NoPicture.NO_PIXEL_DATA)
    try:
        syntax = UID(survey.transfer_syntax_uid)
        options = as_pixel_options(header, transfer_syntax_uid=syntax)
    except FAULTS as error:
        raise PictureError(NoPicture.PIXEL_DESCRIPTION) from error
    options["view_only"] = True
    options["pixel_keyword"] = _KEYWORDS[pixels.tag]
    if pixels.vr:
        options["pixel_vr"] = pixels.vr
    return options


def _checked(frame: Frame, shape: Shape) -> Frame:
    if frame.pixels.shape[:2] != (shape.rows, shape.columns):
        raise PictureError(NoPicture.UNDECODABLE)
    return frame


def _inflated_frame(descriptor: int, survey: Survey, header: Dataset, index: int) -> Frame:
    """Inflate one frame of Deflated Image Frame Compression (PS3.5 A.4.11)."""
    shape = shape_of(header)
    coded = coded_frame(descriptor, survey, shape, index=index)
    pixel_count = shape.rows * shape.columns * shape.samples
    byte_count = (pixel_count + 7) // 8 if shape.bits == 1 else shape.frame_bytes
    try:
        raw = zlib.decompressobj(-zlib.MAX_WBITS).decompress(coded, byte_count)
    except zlib.error as error:
        raise PictureError(NoPicture.UNDECODABLE) from error
    if len(raw) < byte_count:
        raise PictureError(NoPicture.UNDECODABLE)
    if shape.bits == 1:
        pixels = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[:pixel_count]
    else:
        pixels = np.frombuffer(raw, f"<u{shape.bits // 8}")
    size = (shape.rows, shape.columns, shape.samples)[: 2 if shape.samples == 1 else 3]
    photometric = text(header, "PhotometricInterpretation") or "MONOCHROME2"
    stored = number(header, "BitsStored") or shape.bits
    return Frame(pixels.reshape(size), photometric, stored)


def _from_extended(coded: bytes, header: Dataset) -> Frame:
    shape = shape_of(header)
    stored = number(header, "BitsStored") or shape.bits
    pixels = decode_extended_jpeg(coded, shape.rows, shape.columns, bits_stored=stored)
    return Frame(pixels, text(header, "PhotometricInterpretation") or "MONOCHROME2", stored)
