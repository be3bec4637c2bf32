"""12-bit JPEG (process 4), which only GDCM among the decoders at hand reads; runs in the jail."""

from typing import Any, Final

import gdcm
import numpy as np
from numpy.typing import NDArray

from imaging.errors import NoPicture, PictureError, RefusedError
from imaging.jpeg import has_sequential_scans, parse_jpeg

_BYTES_A_VALUE: Final = 2


def decode_extended_jpeg(
    coded: bytes, rows: int, columns: int, *, bits_stored: int
) -> NDArray[Any]:
    """Decode one grey 12-bit frame.

    Raises PictureError: GDCM cannot read it.
    """
    if not _is_sound(coded):
        raise PictureError(NoPicture.UNDECODABLE)
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(coded)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(
        gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    )
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits_stored, bits_stored - 1, 0))
    # GDCM's binding hands bytes over as text with escapes.
    told = image.GetBuffer()
    raw = told.encode("utf-8", "surrogateescape") if isinstance(told, str) else b""
    if len(raw) != rows * columns * _BYTES_A_VALUE:
        raise PictureError(NoPicture.UNDECODABLE)
    return np.frombuffer(raw, "<u2").reshape(rows, columns)


def _is_sound(coded: bytes) -> bool:
    """Say whether the scan parameters are those of the process; GDCM itself decodes nonsense."""
    try:
        return has_sequential_scans(coded, parse_jpeg(coded))
    except RefusedError:
        return False
