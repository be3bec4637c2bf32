"""Find where the frames of an object lie in its file (PS3.5 8.1.1, A.4); runs in the jail."""

import os
from collections.abc import Iterator
from itertools import islice
from typing import Final

from pydicom.dataset import Dataset

from imaging.browser_jpeg import is_shown_as_meant
from imaging.elements import Element, Syntax, element_at
from imaging.errors import PictureError, RefusedError
from imaging.frames import JPEG_BASELINE, Shape, shape_of
from imaging.header import text
from imaging.places import MOST_PLACES, Place, Places
from imaging.survey import DescriptorSource, Survey
from imaging.video import CODINGS

_ITEM: Final = 0xFFFEE000
_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
_HALVED: Final = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})


def places_of(descriptor: int, found: Survey, header: Dataset) -> Places | None:
    """Return the places of all frames; None where frames must be taken out one by one."""
    if found.pixels is None or found.inflated is not None:
        return None
    if found.transfer_syntax_uid in CODINGS:
        return Places(stream=stream_of(descriptor, found))
    return _of_frames(descriptor, found, found.pixels, header)


def _of_frames(descriptor: int, found: Survey, pixels: Element, header: Dataset) -> Places | None:
    try:
        shape = shape_of(header)
        if found.is_encapsulated:
            return _coded(descriptor, found, header, shape)
    except (PictureError, RefusedError):
        return None
    size = native_size(header, shape)
    is_swapped = found.transfer_syntax_uid == _BIG_ENDIAN
    if is_swapped or shape.bits == 1 or size * shape.frames > pixels.length:
        return None
    return Places(first=(pixels.value_at, size), frames=shape.frames)


def stream_of(descriptor: int, found: Survey) -> list[Place]:
    """Return the pieces of a video's stream, one behind the other (PS3.5 A.4); none of too many."""
    if not found.is_encapsulated:
        return []
    pieces = list(islice(_fragments(descriptor, found), MOST_PLACES + 1))
    return pieces if len(pieces) <= MOST_PLACES else []


def native_size(header: Dataset, shape: Shape) -> int:
    """Return the bytes of one frame that is not compressed."""
    is_halved = text(header, "PhotometricInterpretation") in _HALVED
    return shape.frame_bytes * 2 // 3 if is_halved else shape.frame_bytes


def _coded(descriptor: int, found: Survey, header: Dataset, shape: Shape) -> Places | None:
    """One fragment a frame, as nearly every writer has it; else None."""
    if shape.frames > MOST_PLACES:
        return None
    places = []
    for place in _fragments(descriptor, found):
        places.append(place)
        if len(places) > shape.frames:
            return None
    if len(places) != shape.frames:
        return None
    shown = []
    if found.transfer_syntax_uid == JPEG_BASELINE:
        shown = [_shown(descriptor, place, header, shape) for place in places]
    return Places(coded=places, shown=shown if any(shown) else [], frames=shape.frames)


def _fragments(descriptor: int, found: Survey) -> Iterator[Place]:
    """Yield the fragments after the offset table; the survey has checked that they end."""
    source, syntax = DescriptorSource(descriptor), Syntax()
    at = found.pixels.value_at if found.pixels else 0
    item = element_at(source, at, syntax)
    is_table = True
    while item.tag == _ITEM:
        if not is_table:
            yield item.value_at, item.length
        is_table = False
        item = element_at(source, item.value_at + item.length, syntax)


def _shown(descriptor: int, place: Place, header: Dataset, shape: Shape) -> int:
    data = os.pread(descriptor, place[1], place[0])
    jpeg = is_shown_as_meant(data, header, shape)
    return 0 if jpeg is None else jpeg.end
