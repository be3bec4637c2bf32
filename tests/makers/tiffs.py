"""TIFF photographs made field by field: strips, tiles, planes, pages, byte orders, metadata."""

import io
import struct
import zlib
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

DEFLATE = 8
_FORMATS = {1: "B", 2: "B", 3: "H", 4: "I", 7: "B"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the pixels lie in the file."""

    endian: str = "<"
    tile: tuple[int, int] | None = None
    rows_per_strip: int | None = None
    is_planar: bool = False
    is_deflated: bool = False
    is_differenced: bool = False


def make_tiff(
    *pages: np.ndarray,
    layout: Layout | None = None,
    reduced: Container[int] = (),
    **fields: tuple[int, Sequence[int]],
) -> bytes:
    """A TIFF of these pages; `fields` like `t306=(2, b"…")` come on top or in the place of ours.

    The pages whose numbers are `reduced` are thumbnails of others.
    """
    layout = layout or Layout()
    made = bytearray({"<": b"II*\0", ">": b"MM\0*"}[layout.endian] + bytes(4))
    link = 4
    for number, page in enumerate(pages):
        raw = _pieces(page, layout)
        pieces = [zlib.compress(each) for each in raw] if layout.is_deflated else raw
        offsets = []
        for piece in pieces:
            offsets.append(len(made))
            made += piece + bytes(len(piece) % 2)
        entries = _entries(page, layout)
        entries[254] = (4, [int(number in reduced)])
        entries[324 if layout.tile else 273] = (4, offsets)
        entries[325 if layout.tile else 279] = (4, [len(piece) for piece in pieces])
        entries.update({int(name[1:]): value for name, value in fields.items()})
        struct.pack_into(f"{layout.endian}I", made, link, len(made))
        link = _write(made, entries, layout.endian)
    return bytes(made)


def _entries(page: np.ndarray, layout: Layout) -> dict[int, tuple[int, Sequence[int]]]:
    samples = page.shape[2] if page.ndim == 3 else 1
    entries: dict[int, tuple[int, Sequence[int]]] = {
        256: (4, [page.shape[1]]),
        257: (4, [page.shape[0]]),
        258: (3, [page.dtype.itemsize * 8] * samples),
        259: (3, [DEFLATE if layout.is_deflated else 1]),
        262: (3, [2 if samples >= 3 else 1]),
        277: (3, [samples]),
        284: (3, [2 if layout.is_planar else 1]),
        317: (3, [2 if layout.is_differenced else 1]),
    }
    if layout.tile:
        return entries | {322: (4, [layout.tile[1]]), 323: (4, [layout.tile[0]])}
    return entries | {278: (4, [layout.rows_per_strip or page.shape[0]])}


def _pieces(page: np.ndarray, layout: Layout) -> list[bytes]:
    whole = page if page.ndim == 3 else page[..., None]
    planes = [whole[..., k : k + 1] for k in range(whole.shape[2])] if layout.is_planar else [whole]
    high, wide = layout.tile or (layout.rows_per_strip or page.shape[0], page.shape[1])
    return [
        _piece(plane[top : top + high, left : left + wide], layout)
        for plane in planes
        for top in range(0, page.shape[0], high)
        for left in range(0, page.shape[1], wide)
    ]


def _piece(piece: np.ndarray, layout: Layout) -> bytes:
    if layout.tile:
        high, wide = layout.tile
        piece = np.pad(piece, [(0, high - piece.shape[0]), (0, wide - piece.shape[1]), (0, 0)])
    if layout.is_differenced:
        piece = np.diff(piece, axis=1, prepend=np.zeros_like(piece[:, :1]))
    return piece.astype(piece.dtype.newbyteorder(layout.endian)).tobytes()


def _write(made: bytearray, entries: dict[int, tuple[int, Sequence[int]]], endian: str) -> int:
    """Append a directory and its long values; return where the next directory is named."""
    start = len(made)
    data_at = start + 2 + 12 * len(entries) + 4
    head, tail = bytearray(struct.pack(f"{endian}H", len(entries))), bytearray()
    for tag, (kind, values) in sorted(entries.items()):
        raw = struct.pack(f"{endian}{len(values)}{_FORMATS[kind]}", *values)
        head += struct.pack(f"{endian}HHI", tag, kind, len(values))
        if len(raw) <= 4:
            head += raw + bytes(4 - len(raw))
        else:
            head += struct.pack(f"{endian}I", data_at + len(tail))
            tail += raw + bytes(len(raw) % 2)
    made += head + bytes(4) + tail
    return start + len(head)


def pillow_tiff(image: Image.Image, **options: object) -> bytes:
    """A TIFF as Pillow and libtiff write it."""
    coded = io.BytesIO()
    image.save(coded, "TIFF", **options)
    return coded.getvalue()
