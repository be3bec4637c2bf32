"""How much fine detail a field holds, and how much of it is vessels: arithmetic on one plane.

Detail is told as the ratio of the field's own fine to its coarse structure, so that a pale and a
richly veined fundus are measured alike. A wider Gaussian blur takes more from the finer band than
from the coarser one, so the ratio only falls with it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
Strengths = NDArray[np.float64]

_NEAR, _NEXT, _HERE = np.float32(1 / 16), np.float32(4 / 16), np.float32(6 / 16)
_REACH: Final = 2
_LEAST_PIXELS: Final = 64
_ROUND: Final = 0.5


def smoothed(plane: Plane) -> Plane:
    """Return the plane under the binomial kernel of five, its edges repeated."""
    return _along_rows(_along_rows(plane).T).T


def halved(plane: Plane) -> Plane:
    """Return every second pixel of the smoothed plane."""
    return np.ascontiguousarray(smoothed(plane)[::2, ::2])


def _along_rows(plane: Plane) -> Plane:
    wide = np.pad(plane, ((_REACH, _REACH), (0, 0)), mode="edge")
    near = wide[:-4] + wide[4:]
    next_to = wide[1:-3] + wide[3:-1]
    found: Plane = _NEAR * near + _NEXT * next_to + _HERE * wide[2:-2]
    return found


def band_strengths(plane: Plane, inside: Mask, *, levels: int) -> list[Strengths]:
    """Return how much each octave of detail changes along four directions, the finest first.

    A shaken photograph has lost its detail along one direction alone.
    """
    found = []
    for _ in range(levels):
        if int(inside.sum()) < _LEAST_PIXELS:
            break
        low = smoothed(plane)
        found.append(_variation(plane - low, inside))
        plane = np.ascontiguousarray(low[::2, ::2])
        inside = inside[::2, ::2]
    return found


def _variation(detail: Plane, inside: Mask) -> Strengths:
    chosen = inside[1:-1, 1:-1]
    pairs = (
        (detail[1:-1, 2:], detail[1:-1, :-2]),
        (detail[2:, 1:-1], detail[:-2, 1:-1]),
        (detail[2:, 2:], detail[:-2, :-2]),
        (detail[2:, :-2], detail[:-2, 2:]),
    )
    squares = [np.square((one - other)[chosen]) for one, other in pairs]
    return np.array([each.mean() if each.size else 0.0 for each in squares], np.float64)


def dark_ridges(plane: Plane, *, least: float) -> Mask:
    """Return where the plane has a dark line: curved strongly across, hardly along."""
    soft = smoothed(smoothed(plane))
    wide = np.pad(soft, 1, mode="edge")
    here = wide[1:-1, 1:-1]
    down = wide[2:, 1:-1] + wide[:-2, 1:-1] - 2 * here
    across = wide[1:-1, 2:] + wide[1:-1, :-2] - 2 * here
    slanted = (wide[2:, 2:] + wide[:-2, :-2] - wide[2:, :-2] - wide[:-2, 2:]) / 4
    middle = (down + across) / 2
    spread = np.sqrt(((down - across) / 2) ** 2 + slanted**2)
    strongest, weakest = middle + spread, middle - spread
    found: Mask = (strongest > least) & (np.abs(weakest) < _ROUND * strongest)
    return found
