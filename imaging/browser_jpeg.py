"""A coded frame that a browser may get as it is; runs in the jail."""

from typing import Final

from pydicom.dataset import Dataset

from imaging.errors import RefusedError
from imaging.exif import Exif
from imaging.frames import JPEG_BASELINE, Shape, coded_frame
from imaging.header import text
from imaging.jpeg import Jpeg, parse_jpeg, require_baseline
from imaging.photograph import Photograph
from imaging.sniff import Kind
from imaging.survey import Survey

_BYTE_BITS: Final = 8


def browser_jpeg(
    descriptor: int, found: Survey, header: Dataset, shape: Shape, *, index: int = 0
) -> Photograph | None:
    """Return the coded frame where a browser reads it as the object means it, else None.

    A browser goes by the stream's own markers; where they contradict Photometric
    Interpretation, or a window or inversion belongs to the picture, it is decoded here.
    """
    if found.transfer_syntax_uid != JPEG_BASELINE:
        return None
    data = coded_frame(descriptor, found, shape, index=index)
    jpeg = is_shown_as_meant(data, header, shape)
    if jpeg is None:
        return None
    frame, whole = jpeg.frame, data[: jpeg.end]
    samples = len(frame.component_ids)
    return Photograph(Kind.JPEG, whole, frame.rows, frame.columns, samples, None, Exif(), (), jpeg)


def is_shown_as_meant(data: bytes, header: Dataset, shape: Shape) -> Jpeg | None:
    """Return the segments of a coded frame that a browser reads as the object means it."""
    if shape.bits != _BYTE_BITS:
        return None
    try:
        jpeg = parse_jpeg(data)
        require_baseline(jpeg)
    except RefusedError:
        return None
    declared = text(header, "PhotometricInterpretation") or ""
    is_same = declared[:3] == jpeg.photometric[:3] and declared != "MONOCHROME1"
    if not is_same or (shape.samples == 1 and "WindowCenter" in header):
        return None
    is_whole = (jpeg.frame.rows, jpeg.frame.columns) == (shape.rows, shape.columns)
    return jpeg if is_whole else None
