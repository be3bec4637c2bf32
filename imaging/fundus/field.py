"""The round lit field of a fundus photograph: its circle, also where half of it is missing."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
Points = NDArray[np.float64]

_BRIGHT_PERCENT: Final = 99
_LIT_SHARE: Final = 0.15
_DARKEST_LIT: Final = 8.0
_BRIGHTEST_DARK: Final = 24.0
_LEAST_POINTS: Final = 24
_MOST_POINTS: Final = 240
_TRIES: Final = 400
_NEAR_PX: Final = 1.5
_SECTORS: Final = 72
_LEAST_RADIUS: Final = 0.22
_LARGEST_RADIUS: Final = 0.85
_FLAT: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Circle:
    """The edge of the field in pixels of the copy, and how well the lit part's edge lies on it.

    `agreement`: share of the edge's points that lie on the circle; `arc`: share of the full turn
    along which there are such points; `outside`: share of the lit pixels that lie without.
    """

    row: float
    column: float
    radius: float
    agreement: float
    arc: float
    outside: float


def lit_part(brightest: Plane) -> Mask:
    """Return which pixels are lit, measured by the picture's own brightness."""
    white = float(np.percentile(brightest, _BRIGHT_PERCENT)) if brightest.size else 0.0
    lit: Mask = brightest > min(max(white * _LIT_SHARE, _DARKEST_LIT), _BRIGHTEST_DARK)
    return lit


def distance_from(circle: Circle, shape: tuple[int, ...]) -> Plane:
    """Return how far each pixel lies from the centre, in radii."""
    row = np.arange(shape[0], dtype=np.float32)[:, None] - np.float32(circle.row)
    column = np.arange(shape[1], dtype=np.float32)[None, :] - np.float32(circle.column)
    distance: Plane = np.sqrt(row * row + column * column) / np.float32(circle.radius)
    return distance


def find_circle(lit: Mask) -> Circle | None:
    """Return the circle on which most of the lit part's edge lies; None where there is none."""
    points = _edge_of(lit)
    if len(points) < _LEAST_POINTS:
        return None
    few = points[:: -(-len(points) // _MOST_POINTS)]
    candidates = _circles_through(few, longest=max(lit.shape))
    if not len(candidates):
        return None
    gaps = np.abs(
        np.hypot(few[None, :, 0] - candidates[:, None, 0], few[None, :, 1] - candidates[:, None, 1])
        - candidates[:, None, 2]
    )
    best = candidates[int((gaps < _NEAR_PX).sum(axis=1).argmax())]
    return _judged(_refined(points, best), points, lit)


def _edge_of(lit: Mask) -> Points:
    """Return the outermost lit pixels of each row and column that the frame does not cut."""
    rows, columns = lit.shape
    found = []
    for mask, is_turned in ((lit, False), (lit.T, True)):
        length = mask.shape[1]
        held = np.flatnonzero(mask.any(axis=1))
        first = mask[held].argmax(axis=1)
        last = length - 1 - mask[held, ::-1].argmax(axis=1)
        for place in (first, last):
            pair = (place, held) if is_turned else (held, place)
            found.append(np.stack(pair, axis=1))
    points = np.concatenate(found).astype(np.float64)
    inner = (
        (points[:, 0] > 1)
        & (points[:, 0] < rows - 2)
        & (points[:, 1] > 1)
        & (points[:, 1] < columns - 2)
    )
    found_inside: Points = points[inner]
    return found_inside


def _circles_through(points: Points, *, longest: int) -> Points:
    """Return circles through many triples of points, each as row, column, radius."""
    chosen = np.random.default_rng(1).integers(0, len(points), (_TRIES, 3))
    a, b, c = (points[chosen[:, index]] for index in range(3))
    b, c = b - a, c - a
    twice = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    sound = np.abs(twice) > _FLAT
    a, b, c, twice = a[sound], b[sound], c[sound], twice[sound]
    b2, c2 = (b**2).sum(axis=1), (c**2).sum(axis=1)
    row = (c[:, 1] * b2 - b[:, 1] * c2) / twice
    column = (b[:, 0] * c2 - c[:, 0] * b2) / twice
    radius = np.hypot(row, column)
    circles = np.stack((row + a[:, 0], column + a[:, 1], radius), axis=1)
    fits = (radius > longest * _LEAST_RADIUS) & (radius < longest * _LARGEST_RADIUS)
    found: Points = circles[fits]
    return found


def _refined(points: Points, circle: Points) -> Points:
    """Return the circle moved and widened to the middle of the points near it, twice."""
    for _ in range(2):
        off = points - circle[:2]
        distance = np.hypot(off[:, 0], off[:, 1])
        near = np.abs(distance - circle[2]) < 2 * _NEAR_PX
        away = (distance - circle[2])[near]
        turn = off[near] / np.maximum(distance[near], _FLAT)[:, None]
        wider = float(np.median(away))
        shift = 2 * (turn * (away - wider)[:, None]).mean(axis=0)
        circle = circle + np.array([shift[0], shift[1], wider])
    return circle


def _judged(circle: Points, points: Points, lit: Mask) -> Circle:
    off = points - circle[:2]
    near = np.abs(np.hypot(off[:, 0], off[:, 1]) - circle[2]) < 2 * _NEAR_PX
    turns = np.arctan2(off[near, 0], off[near, 1])
    sectors = np.unique(((turns / (2 * np.pi) + 0.5) * _SECTORS).astype(np.int64) % _SECTORS)
    row, column, radius = map(float, circle)
    found = Circle(row, column, radius, float(near.mean()), len(sectors) / _SECTORS, 0.0)
    without = lit & (distance_from(found, lit.shape) > 1 + 2 * _NEAR_PX / radius)
    return replace(found, outside=float(without.sum() / max(1, int(lit.sum()))))
