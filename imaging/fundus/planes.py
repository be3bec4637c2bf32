"""One channel of a round field, levelled so that only its structure is left, and moved."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]

_AROUND: Final = 1 / 16
_LIT: Final = 0.12
_BRIGHT: Final = 95.0
_RIM: Final = 1 / 64
_FAINTEST: Final = 1.5
_STEEPEST: Final = 3.0
_WHOLE: Final = 0.99


@dataclass(frozen=True, slots=True)
class Levelled:
    """Values around 0 with a spread of about 1, and 1 where they lie inside the field."""

    values: Plane
    inside: Plane

    def parts(self) -> tuple[Plane, Plane, Plane]:
        """Values, their squares, and where they hold."""
        return self.values, self.values**2, self.inside

    def shrunk(self, share: float) -> "Levelled":
        """The same, smaller by this share."""
        rows, columns = self.values.shape
        size = (max(round(columns * share), 1), max(round(rows * share), 1))
        values, inside = (
            np.asarray(Image.fromarray(each).resize(size, Image.Resampling.BOX))
            for each in (self.values, self.inside)
        )
        return Levelled(values, inside)


def level(plane: Plane) -> Levelled:
    """Take the illumination away: what is left is how a place differs from its surroundings."""
    reach = max(round(max(plane.shape) * _AROUND), 2)
    lit = (plane > _LIT * np.percentile(plane, _BRIGHT)).astype(np.float32)
    rim = max(round(max(plane.shape) * _RIM), 1)
    inside = (box_mean(lit, rim) > _WHOLE).astype(np.float32)
    share = np.maximum(box_mean(inside, reach), 1e-3)
    mean = box_mean(plane * inside, reach) / share
    apart = (plane - mean) * inside
    spread = np.sqrt(np.maximum(box_mean(apart**2, reach) / share, 0))
    values = np.clip(apart / (spread + _FAINTEST), -_STEEPEST, _STEEPEST)
    return Levelled(values.astype(np.float32), inside)


def box_mean(plane: NDArray[np.floating], reach: int) -> Plane:
    """The mean of the square around each place; nothing lies beyond the edge."""
    side = 2 * reach + 1
    mean: Plane = (box_sums(np.pad(plane, reach), (side, side)) / side**2).astype(np.float32)
    return mean


def box_sums(plane: NDArray[np.floating], size: tuple[int, ...]) -> NDArray[np.float64]:
    """The sum of every box of this size that lies whole in the plane."""
    down, across = size
    sums = np.pad(plane.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    found: NDArray[np.float64] = (
        sums[down:, across:]
        - sums[:-down, across:]
        - sums[down:, :-across]
        + sums[:-down, :-across]
    )
    return found


def warped(source: Levelled, factor: complex, shift: complex, *, like: Levelled) -> Levelled:
    """`source` as it lies in a plane like another; the way leads from there back to `source`."""
    rows, columns = like.values.shape
    way = (factor.real, -factor.imag, shift.real, factor.imag, factor.real, shift.imag)
    values, inside = (
        np.asarray(
            Image.fromarray(each).transform(
                (columns, rows), Image.Transform.AFFINE, way, Image.Resampling.BILINEAR
            )
        )
        for each in (source.values, source.inside)
    )
    return Levelled(values, inside)
