"""Where the optic disc lies in a small copy of the picture: a side, or nothing.

Deliberately shy: the answer is only ever a proposal for a person, and a wrong one costs more
than none.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.fundus.likeness import field_of
from imaging.preview import small_colour

_SIDE_PX: Final = 128
_SPOT_SHARE: Final = 0.05
_AROUND_SHARE: Final = 0.22
_LEAST_SCORE: Final = 3.0
_LEAST_LEAD: Final = 1.35
_NEAREST: Final = 0.22
_FARTHEST: Final = 0.92
_EDGE: Final = 0.93
_LEAST_LIT: Final = 400


@dataclass(frozen=True, slots=True)
class Disc:
    """A bright round spot: its side, its distance from the field's centre (1 = edge), its score."""

    side: str | None
    offset: float
    score: float


def find_disc(image: Image.Image) -> Disc | None:
    """Return the disc, with a side only where it lies clearly to one; None where unsure."""
    pixels = np.asarray(small_colour(image, side=_SIDE_PX), np.int16)
    lit = field_of(pixels)
    if int(lit.sum()) < _LEAST_LIT:
        return None
    centre, radius = _circle(lit)
    bright = pixels[..., 1].astype(np.float64) + pixels[..., 2]
    return _brightest(bright, lit, centre, radius)


def _circle(lit: NDArray[np.bool_]) -> tuple[tuple[float, float], float]:
    columns = np.flatnonzero(lit.mean(axis=0) > _SPOT_SHARE)
    rows = np.flatnonzero(lit.mean(axis=1) > _SPOT_SHARE)
    radius = max(columns[-1] - columns[0], rows[-1] - rows[0]) / 2
    return ((rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2), float(max(radius, 1))


def _brightest(
    bright: NDArray[np.float64],
    lit: NDArray[np.bool_],
    centre: tuple[float, float],
    radius: float,
) -> Disc | None:
    spot = _smoothed(bright, lit, round(radius * _SPOT_SHARE * 2))
    around = _smoothed(bright, lit, round(radius * _AROUND_SHARE * 2))
    row, column = np.indices(lit.shape)
    distance = np.hypot(row - centre[0], column - centre[1]) / radius
    inside = lit & (distance < _EDGE)
    contrast = np.where(inside, spot - around, -np.inf)
    values = contrast[inside]
    spread = float(values.std()) or 1.0
    best = np.unravel_index(int(contrast.argmax()), contrast.shape)
    score = float((contrast[best] - np.median(values)) / spread)
    apart = np.hypot(row - best[0], column - best[1]) > radius * 0.3
    rivals = contrast[inside & apart]
    rival = float((rivals.max() - np.median(values)) / spread) if rivals.size else 0.0
    if score < _LEAST_SCORE or score < rival * _LEAST_LEAD:
        return None
    offset = float((best[1] - centre[1]) / radius)
    is_clear = _NEAREST <= abs(offset) <= _FARTHEST
    side = ("right" if offset > 0 else "left") if is_clear else None
    return Disc(side, offset, score)


def _smoothed(
    values: NDArray[np.float64], lit: NDArray[np.bool_], size: int
) -> NDArray[np.float64]:
    """Return the mean over a square of the lit pixels alone, so that the dark rim pulls nothing."""
    total = _box(np.where(lit, values, 0.0), size)
    count = _box(lit.astype(np.float64), size)
    mean: NDArray[np.float64] = total / np.maximum(count, 1.0)
    return mean


def _box(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    half = max(1, size // 2)
    padded = np.pad(values, half + 1)
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    width = 2 * half + 1
    rows, columns = values.shape
    box: NDArray[np.float64] = (
        sums[width : width + rows, width : width + columns]
        - sums[:rows, width : width + columns]
        - sums[width : width + rows, :columns]
        + sums[:rows, :columns]
    )
    return box
