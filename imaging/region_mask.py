r"""Which pixels a drawn shape encloses: those whose centres lie in it (PS3.3 C.18.6.1.1).

The top left corner of the top left pixel is 0\0, so a pixel's centre lies at a half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, hypot
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = Sequence[tuple[float, float]]
Mask = NDArray[np.bool_]
SHAPES: Final = frozenset({"rectangle", "ellipse", "polygon", "disc"})
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Region:
    """A mask, and where in the picture its first row and column stand."""

    top: int
    left: int
    mask: Mask


def region_of(shape: str, points: Points, *, rows: int, columns: int) -> Region:
    """The pixels of a shape within a picture of this size."""
    if shape in {"ellipse", "disc"}:
        return _ellipse(points, rows=rows, columns=columns)
    box = _Box.around(points, rows=rows, columns=columns)
    if shape == "rectangle":
        return _rectangle(points, box)
    return _polygon(points, box)


@dataclass(frozen=True, slots=True)
class _Box:
    """The pixels that a shape can touch."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def around(cls, points: Points, *, rows: int, columns: int) -> "_Box":
        across, down = [point[0] for point in points], [point[1] for point in points]
        return cls(
            top=max(0, floor(min(down))),
            left=max(0, floor(min(across))),
            bottom=min(rows, ceil(max(down))),
            right=min(columns, ceil(max(across))),
        )

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Columns across and rows down, at the centres."""
        across = np.arange(self.left, max(self.right, self.left), dtype=np.float64)
        down = np.arange(self.top, max(self.bottom, self.top), dtype=np.float64)
        return across + _HALF, down + _HALF


def _rectangle(points: Points, box: _Box) -> Region:
    (x1, y1), (x2, y2) = points
    across, down = box.centres()
    columns = (across >= min(x1, x2)) & (across <= max(x1, x2))
    rows = (down >= min(y1, y2)) & (down <= max(y1, y2))
    return Region(box.top, box.left, rows[:, None] & columns[None, :])


def _ellipse(points: Points, *, rows: int, columns: int) -> Region:
    """By the ends of the major axis and of the minor one (PS3.3 C.18.6.1.2)."""
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    centre_x, centre_y = (x1 + x2 + x3 + x4) / 4, (y1 + y2 + y3 + y4) / 4
    major, minor = hypot(x2 - x1, y2 - y1) / 2, hypot(x4 - x3, y4 - y3) / 2
    reach = max(major, minor)
    corners = ((centre_x - reach, centre_y - reach), (centre_x + reach, centre_y + reach))
    box = _Box.around(corners, rows=rows, columns=columns)
    across, down = box.centres()
    if not major or not minor:
        return Region(box.top, box.left, np.zeros((down.size, across.size), np.bool_))
    unit_x, unit_y = (x2 - x1) / (2 * major), (y2 - y1) / (2 * major)
    away_x, away_y = across[None, :] - centre_x, down[:, None] - centre_y
    along = (away_x * unit_x + away_y * unit_y) / major
    aside = (away_y * unit_x - away_x * unit_y) / minor
    return Region(box.top, box.left, along**2 + aside**2 <= 1)


def _polygon(points: Points, box: _Box) -> Region:
    """Row by row between the edges that it crosses: even and odd."""
    corners = np.array([*points, points[0]], np.float64)
    x1, y1, x2, y2 = corners[:-1, 0], corners[:-1, 1], corners[1:, 0], corners[1:, 1]
    across, down = box.centres()
    mask = np.zeros((down.size, across.size), np.bool_)
    for number, y in enumerate(down):
        crossed = (y1 <= y) != (y2 <= y)
        share = (y - y1[crossed]) / (y2[crossed] - y1[crossed])
        met = np.sort(x1[crossed] + share * (x2[crossed] - x1[crossed]))
        places = np.searchsorted(across, met)
        for begin, end in zip(places[::2], places[1::2], strict=True):
            mask[number, begin:end] = True
    return Region(box.top, box.left, mask)
