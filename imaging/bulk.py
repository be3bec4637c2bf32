"""Values taken out of an object: bulk data by their path, frames coded or decoded; in the jail."""

import os
import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.byte_order import BIG_ENDIAN, turned
from imaging.elements import UNDEFINED
from imaging.errors import NoPicture, PictureError, Refusal, RefusedError
from imaging.frames import Frame, Shape, coded_frame, decode_frame, shape_of
from imaging.header import read_attributes, read_header, vr_of
from imaging.layout import native_size
from imaging.lenient import FAULTS, leniently
from imaging.survey import Survey

_PATH: Final = re.compile(r"[0-9A-F]{8}([.][0-9]{1,6}[.][0-9A-F]{8}){0,32}")
_PIECE: Final = 1 << 20


def bulk_value(descriptor: int, found: Survey, path: str) -> bytes:
    """Return one long value by the path that the metadata name, in Little Endian.

    Raises RefusedError: there is no such value.
    """
    if _PATH.fullmatch(path) is None:
        raise RefusedError(Refusal.NO_SUCH_FRAME)
    dataset = read_attributes(descriptor, found)
    *steps, last = path.split(".")
    try:
        with leniently():
            for tag, item in zip(steps[::2], steps[1::2], strict=True):
                dataset = dataset[int(tag, 16)].value[int(item)]
            said, vr = _bytes_of(dataset, BaseTag(int(last, 16)))
    except FAULTS as error:
        raise RefusedError(Refusal.NO_SUCH_FRAME) from error
    return turned(said, vr) if found.transfer_syntax_uid == BIG_ENDIAN else said


def _bytes_of(dataset: Dataset, tag: BaseTag) -> tuple[bytes, str]:
    """A value as it lies in the file, and its VR."""
    raw: DataElement | RawDataElement = dataset.get_item(tag, keep_deferred=True)
    if isinstance(raw, RawDataElement):
        return bytes(raw.value or b""), vr_of(raw, tag)
    value = dataset[tag].value
    if isinstance(value, bytes):
        return value, vr_of(raw, tag)
    return str(value).encode("utf-8", "replace"), "UT"


def frames(
    descriptor: int, found: Survey, numbers: Sequence[int], *, decoded: bool
) -> Iterator[bytes]:
    """Yield these frames (from 1): as they lie in the file, or decoded, little endian.

    Raises RefusedError: no such frame. Raises PictureError: there are no pixels, or none that a
    decoder reads.
    """
    header = read_header(descriptor, found)
    if found.pixels is None:
        raise PictureError(NoPicture.NO_PIXEL_DATA)
    shape = shape_of(header)
    if max(numbers) > shape.frames:
        raise RefusedError(Refusal.NO_SUCH_FRAME, {"frames": shape.frames})
    for number in numbers:
        if found.is_encapsulated and not decoded:
            yield coded_frame(descriptor, found, shape, index=number - 1)
        elif _is_plain(found, shape):
            yield _slice(descriptor, found, native_size(header, shape), number - 1)
        else:
            frame = decode_frame(descriptor, found, header, index=number - 1)
            yield _native(frame, shape)


def is_native(found: Survey, path: str) -> bool:
    """Whether the path names pixels whose bytes lie in the file as they are given out."""
    is_swapped = found.transfer_syntax_uid == BIG_ENDIAN
    pixels = found.pixels
    if pixels is None or pixels.length == UNDEFINED or is_swapped or found.is_encapsulated:
        return False
    return path == f"{pixels.tag:08X}"


def native_pixels(descriptor: int, found: Survey) -> Iterator[bytes]:
    """Yield the whole value of native pixels, piece by piece."""
    if found.pixels is None:
        return
    at = found.pixels.value_at
    end = at + found.pixels.length
    while at < end:
        piece = _piece(descriptor, found, at, min(_PIECE, end - at))
        if not piece:
            raise RefusedError(Refusal.CUT_SHORT)
        yield piece
        at += len(piece)


def _piece(descriptor: int, found: Survey, at: int, length: int) -> bytes:
    if found.inflated is not None:
        return found.inflated[at : at + length]
    return os.pread(descriptor, length, at)


def _is_plain(found: Survey, shape: Shape) -> bool:
    """Whether the bytes of a frame lie in the file as they are given out."""
    is_swapped = found.transfer_syntax_uid == BIG_ENDIAN
    return not found.is_encapsulated and not is_swapped and shape.bits > 1


def _slice(descriptor: int, found: Survey, size: int, index: int) -> bytes:
    pixels = found.pixels
    if pixels is None or pixels.length == UNDEFINED or (index + 1) * size > pixels.length + 1:
        raise PictureError(NoPicture.UNDECODABLE)
    at = pixels.value_at + index * size
    pieces, end = [], at + size
    while at < end and (piece := _piece(descriptor, found, at, min(_PIECE, end - at))):
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def _native(frame: Frame, shape: Shape) -> bytes:
    """The samples in the order and width of a native object (PS3.5 8.1.1)."""
    if shape.bits == 1:
        return np.packbits(frame.pixels.astype(bool).ravel(), bitorder="little").tobytes()
    pixels = np.ascontiguousarray(frame.pixels)
    return pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()
