"""Is this a fundus photograph at all? Numbers and a verdict; a person still decides."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.fundus.field import find_circle
from imaging.preview import small_colour

_SIDE_PX: Final = 128
_DARK: Final = 24
_CORNER_SHARE: Final = 0.08
_RGB_DIMENSIONS: Final = 3
_WHITE: Final = 120
_WHITE_PERCENT: Final = 99
_GREY: Final = 12

LEAST_DARK_CORNERS: Final = 0.85
LEAST_FIELD: Final = 0.30
LEAST_ROUND: Final = 0.80
LEAST_RED: Final = 0.60
LEAST_PART: Final = 0.12
LEAST_AGREEMENT: Final = 0.54
LEAST_ARC: Final = 0.20
MOST_OUTSIDE: Final = 0.03


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a picture is like a fundus photograph, each number from 0 to 1.

    `is_whole`: the shape is that of a whole field, so that the disc may be looked for; where only
    a part of the field is lit its round edge tells. `dark_corners`: share of the corners that is
    black; `field`: share of the picture that is lit; `roundness`: how well the lit part fills a
    circle cut by the frame; `redness`: share of the lit part that is redder than green and greener
    than blue. A grey picture has no redness: a red-free photograph is judged by its shape alone.
    """

    is_fundus: bool
    is_whole: bool
    dark_corners: float
    field: float
    roundness: float
    redness: float | None


def likeness_of(image: Image.Image) -> Likeness:
    """Judge a small copy of the picture."""
    pixels = _lightened(np.asarray(small_colour(image, side=_SIDE_PX), np.int16))
    lit = field_of(pixels)
    dark_corners = _dark_corners(lit)
    share = float(lit.mean())
    roundness = _roundness(lit)
    redness = None if _is_grey(pixels) else _redness(pixels, lit)
    is_whole = (
        dark_corners >= LEAST_DARK_CORNERS and share >= LEAST_FIELD and roundness >= LEAST_ROUND
    )
    is_red = redness is not None and redness >= LEAST_RED and (is_whole or _has_round_edge(lit))
    is_fundus = is_red or (redness is None and is_whole)
    return Likeness(is_fundus, is_whole, dark_corners, share, roundness, redness)


def field_of(pixels: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return which pixels lie in the lit field."""
    brightest = pixels.max(axis=2) if pixels.ndim == _RGB_DIMENSIONS else pixels
    lit: NDArray[np.bool_] = brightest > _DARK
    return lit


def _lightened(pixels: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return a dark picture as bright as others, so that it is judged by what it shows."""
    white = float(np.percentile(pixels.max(axis=2), _WHITE_PERCENT))
    if not 0 < white < _WHITE:
        return pixels
    return (pixels * (_WHITE / white)).clip(0, 255).astype(np.int16)


def _is_grey(pixels: NDArray[np.int16]) -> bool:
    return int(np.ptp(pixels, axis=2).max()) <= _GREY


def _has_round_edge(lit: NDArray[np.bool_]) -> bool:
    circle = find_circle(lit)
    if circle is None or float(lit.mean()) < LEAST_PART:
        return False
    is_round = circle.agreement >= LEAST_AGREEMENT and circle.arc >= LEAST_ARC
    return is_round and circle.outside <= MOST_OUTSIDE


def _dark_corners(lit: NDArray[np.bool_]) -> float:
    rows, columns = (max(2, round(size * _CORNER_SHARE)) for size in lit.shape)
    corners = (
        lit[:rows, :columns],
        lit[:rows, -columns:],
        lit[-rows:, :columns],
        lit[-rows:, -columns:],
    )
    return 1.0 - float(np.mean([corner.mean() for corner in corners]))


def _roundness(lit: NDArray[np.bool_]) -> float:
    """Return the overlap of the lit part with the disc of its greatest chord."""
    if not lit.any():
        return 0.0
    columns = np.flatnonzero(lit.any(axis=0))
    rows = np.flatnonzero(lit.any(axis=1))
    radius = max(columns[-1] - columns[0], rows[-1] - rows[0]) / 2 + 0.5
    centre = ((rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2)
    row, column = np.indices(lit.shape)
    disc = (row - centre[0]) ** 2 + (column - centre[1]) ** 2 <= radius**2
    return float((lit & disc).sum() / max(1, (lit | disc).sum()))


def _redness(pixels: NDArray[np.int16], lit: NDArray[np.bool_]) -> float:
    red, green, blue = (pixels[..., channel] for channel in range(_RGB_DIMENSIONS))
    is_red = (red > green) & (green + 8 >= blue) & (red > blue + 16)
    return float(is_red[lit].mean()) if lit.any() else 0.0
