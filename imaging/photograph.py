"""A received photograph (JPEG, PNG or TIFF): what it is, and its pixels; runs in the jail."""

import io
import os
import struct
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from imaging.descriptor import size_of
from imaging.errors import Refusal, RefusedError
from imaging.exif import Exif, exif_of, icc_of, metadata_in, read_exif
from imaging.frames import Frame
from imaging.jpeg import Jpeg, parse_jpeg, require_baseline
from imaging.lenient import leniently
from imaging.png import Png, parse_png
from imaging.preview import LARGEST_PIXELS
from imaging.sniff import Kind
from imaging.tiff import Tag, main_directories
from imaging.tiff_page import JPEG, Page, read_page
from imaging.tiff_pixels import decode_page
from imaging.window import to_grey

LARGEST_FILE_BYTES: Final = 128 << 20
LARGEST_PNG_BYTES: Final = 192 << 20

_GREY_DIMENSIONS: Final = 2
_BYTE_BITS: Final = 8
_WORD_BITS: Final = 16

_PILLOW_FAULTS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A sound photograph with its coded bytes and what its own markers say."""

    kind: Kind
    data: bytes
    rows: int
    columns: int
    samples: int
    icc: bytes | None
    exif: Exif
    metadata: tuple[str, ...]
    jpeg: Jpeg | None = None
    page: Page | None = None

    @property
    def bits(self) -> int:
        """Bits of a sample."""
        return 8 if self.page is None else self.page.bits

    @property
    def is_lossy(self) -> bool:
        """Whether the pixels have been through a lossy compression."""
        return self.kind is Kind.JPEG or (self.page is not None and self.page.compression == JPEG)


def read_photograph(descriptor: int, *, kind: Kind) -> Photograph:
    """Read a JPEG, PNG or TIFF and check its structure, not yet its pixels.

    Raises RefusedError: damaged, over a cap, or of a kind that cannot be wrapped.
    """
    if size_of(descriptor) > LARGEST_FILE_BYTES:
        raise RefusedError(Refusal.TOO_LARGE)
    data = os.pread(descriptor, LARGEST_FILE_BYTES, 0)
    if kind is Kind.PNG:
        return _of_png(data, parse_png(data))
    if kind is Kind.TIFF:
        return _of_tiff(data)
    return _of_jpeg(data, parse_jpeg(data))


def _of_jpeg(data: bytes, jpeg: Jpeg) -> Photograph:
    require_baseline(jpeg)
    frame = jpeg.frame
    if frame.rows * frame.columns > LARGEST_PIXELS:
        raise RefusedError(Refusal.PICTURE_TOO_LARGE)
    return Photograph(
        Kind.JPEG,
        data,
        frame.rows,
        frame.columns,
        len(frame.component_ids),
        icc_of(data, jpeg),
        exif_of(data, jpeg),
        metadata_in(data, jpeg),
        jpeg,
    )


def _of_png(data: bytes, png: Png) -> Photograph:
    if png.rows * png.columns * png.samples > LARGEST_PNG_BYTES:
        raise RefusedError(Refusal.PICTURE_TOO_LARGE)
    return Photograph(
        Kind.PNG, data, png.rows, png.columns, png.samples, png.icc, png.exif, png.metadata
    )


def _of_tiff(data: bytes) -> Photograph:
    directories = main_directories(data)
    if len(directories) > 1:
        raise RefusedError(Refusal.TIFF_PAGES, {"pages": len(directories)})
    page = read_page(directories[0])
    return Photograph(
        Kind.TIFF,
        data,
        page.rows,
        page.columns,
        page.shown_samples,
        page.directory.raw(Tag.ICC),
        read_exif(data, at=page.directory.at),
        page.metadata,
        page=page,
    )


def pixels_of(photograph: Photograph) -> NDArray[Any]:
    """Return every pixel of a PNG or TIFF as it is stored, alpha left out.

    Raises RefusedError: the pixels are damaged or cut short.
    """
    if photograph.page is not None:
        return decode_page(photograph.page)
    return np.asarray(to_image(photograph), np.uint8)


def to_image(photograph: Photograph, *, at_least: tuple[int, int] | None = None) -> Image.Image:
    """Decode the whole photograph to grey or RGB, a JPEG at a fraction not below `at_least`.

    Raises RefusedError: the pixels are damaged or cut short.
    """
    if photograph.page is not None:
        return Image.fromarray(_to_eight_bits(decode_page(photograph.page)))
    form = "JPEG" if photograph.kind is Kind.JPEG else "PNG"
    mode = "L" if photograph.samples == 1 else "RGB"
    try:
        with leniently(), Image.open(io.BytesIO(photograph.data), formats=(form,)) as image:
            if at_least is not None:
                image.draft(mode, at_least)
            image.load()
            return image.convert(mode)  # also where it has that mode: a copy knows no file
    except _PILLOW_FAULTS as error:
        raise RefusedError(Refusal.DAMAGED_PICTURE) from error
    except MemoryError as error:
        raise RefusedError(Refusal.PICTURE_TOO_LARGE) from error


def _to_eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return what a screen shows of 16 bits, as it will show the stored instance."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.ndim > _GREY_DIMENSIONS:
        return (pixels >> _BYTE_BITS).astype(np.uint8)
    grey, _window = to_grey(Frame(pixels, "MONOCHROME2", _WORD_BITS), Dataset())
    return grey
