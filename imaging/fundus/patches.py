"""Where small pieces of one picture lie in another that is nearly in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from imaging.fundus.planes import Levelled, Plane, box_sums

_HALF: Final = 24
_STEP: Final = 32
_COVERED: Final = 0.95
_LEAST_SPREAD: Final = 0.35
_LEAST_ALIKE: Final = 0.35


@dataclass(frozen=True, slots=True)
class Shift:
    """The place of a piece in the one picture, and where it was found in the other, if it was."""

    meant: complex
    found: complex | None


def find_shifts(one: Levelled, other: Levelled, *, reach: int) -> Sequence[Shift]:
    """Every piece with something to see, within `reach` pixels of its own place."""
    rows, columns = one.values.shape
    edge = _HALF + reach
    return [
        shift
        for row in range(edge, rows - edge + 1, _STEP)
        for column in range(edge, columns - edge + 1, _STEP)
        if (shift := _find(one, other, (row, column), reach)) is not None
    ]


def _find(one: Levelled, other: Levelled, at: tuple[int, int], reach: int) -> Shift | None:
    row, column = at
    own, wide = _around(at, _HALF), _around(at, _HALF + reach)
    piece = one.values[own]
    is_whole = one.inside[own].mean() > _COVERED and other.inside[wide].mean() > _COVERED
    if not is_whole or piece.std() < _LEAST_SPREAD:
        return None
    alike = _alike(piece, other.values[wide])
    down, across = (int(each) for each in np.unravel_index(int(alike.argmax()), alike.shape))
    last = 2 * reach
    is_within = 0 < down < last and 0 < across < last
    if not is_within or alike[down, across] < _LEAST_ALIKE:
        return Shift(complex(column, row), None)
    fine = complex(
        across + _peak(alike[down, across - 1 : across + 2]) - reach,
        down + _peak(alike[down - 1 : down + 2, across]) - reach,
    )
    return Shift(complex(column, row), complex(column, row) + fine)


def _around(at: tuple[int, int], half: int) -> tuple[slice, slice]:
    return slice(at[0] - half, at[0] + half), slice(at[1] - half, at[1] + half)


def _alike(piece: Plane, area: Plane) -> NDArray[np.float64]:
    """Normalised cross-correlation of a piece with every place of an area."""
    wanted = piece - piece.mean()
    size = (area.shape[0], area.shape[1])
    turned = np.conj(fft.rfft2(wanted, size))
    rows, columns = (whole - part + 1 for whole, part in zip(size, piece.shape, strict=True))
    products = fft.irfft2(fft.rfft2(area) * turned, size)[:rows, :columns]
    total, squares = (box_sums(each, piece.shape) for each in (area, area**2))
    scale = np.sqrt(np.maximum((squares - total**2 / piece.size) * float((wanted**2).sum()), 1e-6))
    found: NDArray[np.float64] = products / scale
    return found


def _peak(three: NDArray[np.float64]) -> float:
    """Where the top of the parabola through three values lies, from the middle one."""
    bend = three[0] - 2 * three[1] + three[2]
    return 0.0 if bend >= 0 else float(0.5 * (three[0] - three[2]) / bend)
