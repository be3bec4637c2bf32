"""The pixels of a page of a TIFF, strip by strip or tile by tile; runs in the jail."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.errors import Refusal, RefusedError
from imaging.jpeg import parse_jpeg
from imaging.lenient import leniently
from imaging.tiff import Tag
from imaging.tiff_page import (
    DEFLATE,
    JPEG,
    PALETTE,
    PLAIN,
    RGB,
    WHITE_IS_ZERO,
    YCBCR,
    Page,
)

_FAULTS: Final = (
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
_SOI: Final = b"\xff\xd8"
_EOI: Final = b"\xff\xd9"
_ADOBE: Final = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
_BYTE_BITS: Final = 8
_RGB_SAMPLES: Final = 3
_WIDE: Final = 0xFF

Pixels = NDArray[Any]


def decode_page(page: Page) -> Pixels:
    """The picture as it is stored: (rows, columns) or (rows, columns, 3), 8 or 16 bits.

    Raises RefusedError: a strip or tile is damaged or cut short.
    """
    try:
        with leniently():
            return _shown(page, _assembled(page))
    except _FAULTS as error:
        raise RefusedError(Refusal.DAMAGED_PICTURE) from error
    except MemoryError as error:
        raise RefusedError(Refusal.PICTURE_TOO_LARGE) from error


def _assembled(page: Page) -> Pixels:
    kind = np.uint8 if page.bits == _BYTE_BITS else np.uint16
    whole = np.empty((page.rows, page.columns, page.samples), kind)
    for place, (plane, row, column) in enumerate(_places(page)):
        high = min(page.grid.rows, page.rows - row)
        wide = min(page.grid.columns, page.columns - column)
        piece = _piece(page, place, row)
        part = slice(None) if page.grid.planes == 1 else slice(plane, plane + 1)
        whole[row : row + high, column : column + wide, part] = piece[:high, :wide]
    return whole


def _places(page: Page) -> Iterator[tuple[int, int, int]]:
    """Plane, first row and first column of each piece in the order of the file (section 15)."""
    grid = page.grid
    for plane in range(grid.planes):
        for down in range(grid.down):
            for across in range(grid.across):
                yield plane, down * grid.rows, across * grid.columns


def _piece(page: Page, place: int, row: int) -> Pixels:
    grid, directory = page.grid, page.directory
    at = grid.offsets[place]
    coded = directory.data[at : at + grid.lengths[place]]
    samples = page.samples if grid.planes == 1 else 1
    is_strip = not directory.has(Tag.TILE_OFFSETS)
    high = min(grid.rows, page.rows - row) if is_strip else grid.rows
    if page.compression == JPEG:
        return _from_jpeg(page, coded, (high, grid.columns, samples))
    row_bytes = grid.columns * samples * page.bits // _BYTE_BITS
    raw = _unpacked(page, coded, row_bytes=row_bytes, rows=high)
    if len(raw) < row_bytes * high:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    stored = np.frombuffer(
        raw,
        f"{directory.endian}u{page.bits // _BYTE_BITS}",
        row_bytes * high // (page.bits // _BYTE_BITS),
    )
    found = stored.reshape(high, grid.columns, samples).astype(stored.dtype.newbyteorder("="))
    if page.is_differenced:  # section 14: each sample is the difference to its left neighbour
        found = np.cumsum(found, axis=1, dtype=found.dtype)
    return found


def _unpacked(page: Page, coded: bytes, *, row_bytes: int, rows: int) -> bytes:
    if page.compression == PLAIN:
        return coded
    if page.compression in DEFLATE:
        return zlib.decompressobj().decompress(coded, row_bytes * rows)
    lone = _lone_strip(coded, columns=row_bytes, rows=rows, compression=page.compression)
    with Image.open(io.BytesIO(lone), formats=("TIFF",)) as image:
        return image.tobytes()


def _lone_strip(coded: bytes, *, columns: int, rows: int, compression: int) -> bytes:
    """The piece as a grey picture of its bytes, so that one decoder sees one plain form."""
    fields = (
        (Tag.COLUMNS, columns),
        (Tag.ROWS, rows),
        (Tag.BITS, _BYTE_BITS),
        (Tag.COMPRESSION, compression),
        (Tag.PHOTOMETRIC, 1),
        (Tag.STRIP_OFFSETS, 8),
        (Tag.SAMPLES, 1),
        (Tag.ROWS_PER_STRIP, rows),
        (Tag.STRIP_BYTES, len(coded)),
    )
    pad = len(coded) % 2
    head = b"II*\0" + struct.pack("<I", 8 + len(coded) + pad)
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, number) for tag, number in fields)
    return head + coded + bytes(pad) + struct.pack("<H", len(fields)) + entries + bytes(4)


def _from_jpeg(page: Page, coded: bytes, shape: tuple[int, int, int]) -> Pixels:
    """A piece in JPEG (Technical Note 2): the tables lie apart, and the colours in the page."""
    tables = page.directory.raw(Tag.JPEG_TABLES) or _SOI + _EOI
    is_apart = page.photometric == YCBCR and shape[2] == 1
    if is_apart or not (
        coded.startswith(_SOI) and tables.startswith(_SOI) and tables.endswith(_EOI)
    ):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    transform = bytes((0 if page.photometric == RGB else 1,))
    marked = _ADOBE + transform if shape[2] == _RGB_SAMPLES else b""
    whole = _SOI + marked + tables[2:-2] + coded[2:]
    frame = parse_jpeg(whole).frame
    if (frame.rows, frame.columns, len(frame.component_ids)) != shape:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    with Image.open(io.BytesIO(whole), formats=("JPEG",)) as image:
        found = np.asarray(image.convert("L" if shape[2] == 1 else "RGB"))
    return found.reshape(shape)


def _shown(page: Page, whole: Pixels) -> Pixels:
    """The colours alone, white as the greatest value, a palette looked up."""
    if page.photometric == PALETTE:
        return _looked_up(page, whole[..., 0])
    found = whole[..., : page.colours]
    if page.photometric == WHITE_IS_ZERO:
        found = np.iinfo(found.dtype).max - found
    return np.ascontiguousarray(found[..., 0] if page.colours == 1 else found)


def _looked_up(page: Page, indices: Pixels) -> Pixels:
    """Section 5: all reds, all greens, all blues, of 16 bits; some writers give 8."""
    table = np.array(page.directory.numbers(Tag.COLOUR_MAP), np.uint16).reshape(_RGB_SAMPLES, -1)
    eight = (table >> _BYTE_BITS if int(table.max()) > _WIDE else table).astype(np.uint8)
    return np.take(eight.T, indices, axis=0)
