"""Lay one fundus photograph over another of the same eye: movement, turn and size alone.

Both are levelled within their round fields, so that vessels count and illumination does not. A
coarse search tries turns and sizes; patches then say where they lie, and one similarity must
explain most of them. A place is a complex number, column + row * 1j, 0 at the top left corner of
the first pixel (PS3.3 C.18.6.1.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy import fft
from numpy.typing import NDArray
from PIL import Image

from imaging.fundus.patches import Shift, find_shifts
from imaging.fundus.planes import Levelled, level, warped

_SIDE_PX: Final = 512
_COARSE_PX: Final = 96
_GREEN: Final = 1
_TURNS: Final = tuple(range(-20, 21, 4))
_SIZES: Final = tuple(1.1**power for power in range(-5, 6))
_LEAST_OVERLAP: Final = 0.35
_ROUNDS: Final = ((18, 4.0), (8, 2.0), (5, 1.5))
"""How far patches are looked for, and how near to the one similarity they must then lie."""
_TRIES: Final = 200
_FEWEST: Final = 10


@dataclass(frozen=True, slots=True)
class Similarity:
    """`factor * place + shift`: where a place of one picture lies in another."""

    factor: complex
    shift: complex

    def then(self, after: "Similarity") -> "Similarity":
        """First itself, and another one behind it."""
        return Similarity(after.factor * self.factor, after.factor * self.shift + after.shift)

    def inverse(self) -> "Similarity":
        """The way back."""
        return Similarity(1 / self.factor, -self.shift / self.factor)


@dataclass(frozen=True, slots=True)
class Registration:
    """Where the earlier picture's places lie in today's; `residual` is a share of its longer side.

    `agreeing` is the share of the patches with something to see that lie as the similarity says.
    """

    similarity: Similarity
    residual: float
    agreeing: float


def register(today: Image.Image, prior: Image.Image) -> Registration | None:
    """Lay `prior` over `today`, in the pixels of both; None where nothing fits at all."""
    one, of_one = _working(today)
    other, of_other = _working(prior)
    known = _coarse(one, other)
    if known is None:
        return None
    agreeing = residual = 0.0
    for reach, bound in _ROUNDS:
        moved = warped(other, known.inverse().factor, known.inverse().shift, like=one)
        shifts = find_shifts(one, moved, reach=reach)
        found = [each for each in shifts if each.found is not None]
        if len(found) < _FEWEST:
            return None
        better, near, residual = _explain(found, bound)
        known = known.then(better)
        agreeing = float(near.sum()) / len(shifts)
    full = Similarity(known.factor * of_other / of_one, known.shift / of_one)
    return Registration(full, residual / max(one.values.shape), agreeing)


def _working(image: Image.Image) -> tuple[Levelled, float]:
    """The levelled green channel at the working size, and how much smaller it is."""
    share = min(1.0, _SIDE_PX / max(image.size))
    size = (round(image.width * share), round(image.height * share))
    small = image.convert("RGB").resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    green = np.asarray(small, np.float32)[:, :, _GREEN]
    return level(green), size[0] / image.width


def _coarse(one: Levelled, other: Levelled) -> Similarity | None:
    """The turn, size and movement at which both are most alike, seen from afar."""
    share = _COARSE_PX / max(*one.values.shape, *other.values.shape)
    near, far = one.shrunk(share), other.shrunk(share)
    side = 2 * _COARSE_PX
    told = [fft.rfft2(each, (side, side)) for each in near.parts()]
    enough = _LEAST_OVERLAP * min(near.inside.sum(), far.inside.sum())
    middle = complex(far.values.shape[1] / 2, far.values.shape[0] / 2)
    best, found = 0.0, None
    for turn in _TURNS:
        for size in _SIZES:
            factor = size * np.exp(1j * np.deg2rad(turn))
            back = Similarity(factor, middle - factor * middle).inverse()
            moved = warped(far, back.factor, back.shift, like=far)
            score, shift = _best_shift(told, moved, side=side, enough=enough)
            if score > best:
                best = score
                found = Similarity(factor, (middle - factor * middle + shift))
    return None if found is None else Similarity(found.factor, found.shift / share)


def _best_shift(
    told: Sequence[NDArray[np.complex128]], moved: Levelled, *, side: int, enough: float
) -> tuple[float, complex]:
    """Normalised cross-correlation within both fields, for every movement at once."""
    values, squares, inside = told
    v, s, m = (np.conj(fft.rfft2(each, (side, side))) for each in moved.parts())
    size = (side, side)
    overlap = fft.irfft2(inside * m, size)
    power = fft.irfft2(squares * m, size) * fft.irfft2(inside * s, size)
    alike = fft.irfft2(values * v, size) / np.sqrt(np.maximum(power, 1.0))
    alike[overlap < enough] = -1.0
    row, column = np.unravel_index(int(alike.argmax()), alike.shape)
    half = side // 2
    down, across = (int(each) - side * (each >= half) for each in (row, column))
    return float(alike[row, column]), complex(across, down)


def _explain(shifts: Sequence[Shift], bound: float) -> tuple[Similarity, NDArray[np.bool_], float]:
    """The similarity that explains most shifts, which those are, and what it leaves unexplained."""
    found = np.array([each.found for each in shifts])
    meant = np.array([each.meant for each in shifts])
    best: NDArray[np.bool_] = np.zeros(len(shifts), bool)
    pairs = list(combinations(range(len(shifts)), 2))
    for pair in pairs[:: len(pairs) // _TRIES + 1]:
        near = np.abs(_apply(_fit(found[[*pair]], meant[[*pair]]), found) - meant) < bound
        if near.sum() > best.sum():
            best = near
    known = _fit(found[best], meant[best])
    left = np.abs(_apply(known, found) - meant)
    near = left < bound
    known = _fit(found[near], meant[near]) if near.sum() > 1 else known
    left = np.abs(_apply(known, found[near]) - meant[near])
    return known, near, float(np.sqrt((left**2).mean())) if left.size else float("inf")


def _apply(known: Similarity, places: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return known.factor * places + known.shift


def _fit(found: NDArray[np.complex128], meant: NDArray[np.complex128]) -> Similarity:
    """Least squares for complex numbers, which is a similarity for places."""
    if not found.size:
        return Similarity(1 + 0j, 0j)
    middle, aim = found.mean(), meant.mean()
    spread = np.abs(found - middle) ** 2
    if spread.sum() <= 0:
        return Similarity(1 + 0j, complex(aim - middle))
    factor = complex(((meant - aim) * np.conj(found - middle)).sum() / spread.sum())
    return Similarity(factor, complex(aim - factor * middle))
