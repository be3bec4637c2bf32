"""From a decoded frame to the 8-bit picture that a screen shows; runs in the jail."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, convert_color_space

from imaging.errors import NoPicture, PictureError
from imaging.frames import Frame
from imaging.lenient import FAULTS, leniently
from imaging.window import Window, to_grey

_BYTE_BITS: Final = 8
_GREY_DIMENSIONS: Final = 2
_RGB_SAMPLES: Final = 3
_WHITE: Final = 255
_STRIP_PIXELS: Final = 1 << 18


def to_picture(
    frame: Frame, header: Dataset, *, index: int = 0, window: Window | None = None
) -> tuple[NDArray[np.uint8], Window | None]:
    """Return grey (rows, columns) or RGB (rows, columns, 3), and the window used.

    Raises PictureError: the colour description does not fit the pixels.
    """
    try:
        with leniently():
            if frame.photometric == "PALETTE COLOR":
                return _from_palette(frame, header), None
            if frame.pixels.ndim > _GREY_DIMENSIONS:
                return _to_rgb(frame), None
            grey, used = to_grey(frame, header, index=index, window=window)
    except FAULTS as error:
        raise PictureError(NoPicture.UNDECODABLE) from error
    return (_WHITE - grey if frame.photometric == "MONOCHROME1" else grey), used


def _from_palette(frame: Frame, header: Dataset) -> NDArray[np.uint8]:
    """Look the colours up (PS3.3 C.7.9)."""
    coloured = apply_color_lut(frame.pixels, header)
    if coloured.dtype == np.uint8:
        return coloured[..., :_RGB_SAMPLES]
    return (coloured[..., :_RGB_SAMPLES] >> _BYTE_BITS).astype(np.uint8)


def _to_rgb(frame: Frame) -> NDArray[np.uint8]:
    pixels: NDArray[Any] = frame.pixels[..., :_RGB_SAMPLES]
    surplus = max(frame.bits_stored - _BYTE_BITS, 0)
    eight = pixels if pixels.dtype == np.uint8 else (pixels >> surplus).astype(np.uint8)
    if frame.photometric.startswith(("YBR_FULL", "YBR_PARTIAL")):
        return _from_ybr(eight)
    return eight


def _from_ybr(eight: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert some rows at a time (PS3.3 C.7.6.3.1.2): on the way a number takes four bytes."""
    made = np.empty(eight.shape, np.uint8)
    step = max(1, _STRIP_PIXELS // eight.shape[1])
    for at in range(0, eight.shape[0], step):
        made[at : at + step] = convert_color_space(eight[at : at + step], "YBR_FULL", "RGB")
    return made
