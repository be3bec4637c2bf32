"""Retinal arteries and veins of nobody: four arcades that fork and turn towards the macula."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from imaging.fundus.view import FOVEA, Points

_STEP = 0.014
_CELL = 0.028
_WORLD_X = (-1.75, 2.75)
_WORLD_Y = (-1.8, 1.95)
_AVASCULAR = 0.16
_THINNEST = 0.0032
_SHORTEST = 14
_DEEPEST = 3
_CLEAR_OF_PARENT = 6
_OTHER_SIDE = 0.8
_FACING = 0.25
_MACULAR_REACH = 1.25


class Kind(StrEnum):
    """The two circulations that a photograph shows apart."""

    VEIN = "vein"
    ARTERY = "artery"


@dataclass(frozen=True, slots=True)
class Vessel:
    """One branch: a line of retinal positions with its width at each."""

    kind: Kind
    depth: int
    points: Points
    widths: Points


# Control points of the main trunks for one half of the eye; the lower half is mirrored.
_ARCADES = (
    (
        (0.03, 0.0),
        (0.02, -0.10),
        (0.14, -0.40),
        (0.46, -0.72),
        (1.0, -0.84),
        (1.6, -0.72),
        (2.5, -0.5),
    ),
    ((0.02, 0.0), (-0.02, -0.12), (-0.10, -0.42), (-0.42, -0.86), (-0.82, -1.30), (-1.1, -1.8)),
)
_MOUTH_WIDTH = {Kind.VEIN: 0.033, Kind.ARTERY: 0.024}
_NASAL_SHARE = 0.72


def grow(rng: np.random.Generator) -> tuple[Vessel, ...]:
    """All vessels of one eye, trunks first."""
    plant = _Plant(rng)
    for kind in Kind:
        for half in (1, -1):
            for number, arcade in enumerate(_ARCADES):
                share = _NASAL_SHARE if number else 1.0
                width = _MOUTH_WIDTH[kind] * share * rng.uniform(0.9, 1.1)
                plant.trunk(kind, _bent(rng, arcade, kind, half), width)
        for _ in range(2):
            plant.twig(kind, rng.uniform(2.5, 3.7), rng.uniform(0.008, 0.013), -0.02)
        for _ in range(2):
            plant.twig(kind, rng.uniform(-0.75, 0.75), rng.uniform(0.0055, 0.0085), 0.04)
    return tuple(plant.vessels)


def _bent(
    rng: np.random.Generator,
    arcade: tuple[tuple[float, float], ...],
    kind: Kind,
    half: int,
) -> Points:
    """One trunk of this person: the pattern moved, scaled and made to wander."""
    control = np.array(arcade)
    spread = rng.uniform(0.90, 1.12) * (1.05 if kind is Kind.VEIN else 0.96)
    control[2:, 1] *= spread
    control[2:] += rng.normal(0, 0.045, control[2:].shape)
    control[:2] += rng.normal(0, 0.012, (2, 2))
    control[0, 1] -= 0.02
    control[:, 1] *= half
    if half < 0:
        control[2:, 1] += FOVEA[1] * 0.9
    line = _spline(control, 46)
    along = np.cumsum(np.hypot(*np.diff(line, axis=0, prepend=line[:1]).T))
    sway = np.zeros_like(along)
    for size, pitch in ((0.016, 7.0), (0.007, 17.0)):
        phase = along * pitch * rng.uniform(0.8, 1.25) + rng.uniform(0, 6.3)
        sway += rng.uniform(0.3, 1.0) * size * np.sin(phase)
    heading = np.gradient(line, axis=0)
    heading /= np.maximum(np.hypot(heading[:, 0], heading[:, 1])[:, None], 1e-9)
    ease = np.minimum(1, along / 0.3)[:, None]
    aside = np.stack((-heading[:, 1], heading[:, 0]), axis=1)
    wandering: Points = line + aside * sway[:, None] * ease
    return wandering


def _spline(control: Points, each: int) -> Points:
    """Catmull-Rom curve through the control points."""
    padded = np.vstack((2 * control[0] - control[1], control, 2 * control[-1] - control[-2]))
    t = np.linspace(0, 1, each, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return np.vstack(pieces)


class _Plant:
    """Grows branches and keeps vessels of one kind from running through each other."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._taken: set[tuple[Kind, int, int]] = set()
        self.vessels: list[Vessel] = []

    def trunk(self, kind: Kind, line: Points, width: float) -> None:
        """Lay a main vessel and let branches leave it."""
        widths = width * _taper(len(line), 0.42) * np.minimum(1, np.linspace(0.45, 9, len(line)))
        self._lay(Vessel(kind, 0, line, widths))
        side = float(self._rng.choice((-1, 1)))
        at = int(self._rng.integers(26, 48))
        while at < len(line) - 10:
            step = line[at + 1] - line[at]
            heading = math.atan2(step[1], step[0])
            inward = _turns_to_fovea(line[at], heading, side)
            share = self._rng.uniform(0.34, 0.50) if inward else self._rng.uniform(0.52, 0.78)
            turn = side * self._rng.uniform(0.5, 0.95)
            start = (float(line[at][0]), float(line[at][1]))
            self._branch(kind, start, (heading + turn, turn), widths[at] * share, 1)
            side = -side if self._rng.random() < _OTHER_SIDE else side
            at += int(self._rng.integers(17, 34))

    def twig(self, kind: Kind, heading: float, width: float, offset: float) -> None:
        """A small vessel straight from the disc."""
        start = (offset + math.cos(heading) * 0.02, math.sin(heading) * 0.05)
        self._branch(kind, start, (heading, 0.0), width, 2)

    def _branch(
        self,
        kind: Kind,
        start: tuple[float, float],
        heading_turn: tuple[float, float],
        width: float,
        depth: int,
    ) -> None:
        line = self._walk(kind, start, heading_turn, width)
        if len(line) < _SHORTEST:
            return
        widths = width * _taper(len(line), 0.5)
        self._lay(Vessel(kind, depth, line, widths))
        if depth >= _DEEPEST:
            return
        at = int(self._rng.integers(9, 22))
        side = float(self._rng.choice((-1, 1)))
        while at < len(line) - 5:
            step = line[at] - line[at - 1]
            turn = side * self._rng.uniform(0.4, 0.85)
            heading = math.atan2(step[1], step[0]) + turn
            thin = widths[at] * self._rng.uniform(0.5, 0.75)
            if thin > _THINNEST:
                self._branch(kind, (line[at][0], line[at][1]), (heading, turn), thin, depth + 1)
            side = -side
            at += int(self._rng.integers(12, 30))

    def _walk(
        self,
        kind: Kind,
        start: tuple[float, float],
        heading_turn: tuple[float, float],
        width: float,
    ) -> Points:
        x, y = start
        heading, turn = heading_turn
        length = int(self._rng.uniform(26, 56) * (0.65 + width * 62))
        bends = self._rng.normal(0, 0.045, length)
        inward = _turns_to_fovea(np.array(start), heading, 0.0)
        line, bend = [(x, y)], -turn * 0.035
        for number in range(length):
            aim_x, aim_y = FOVEA[0] - x, FOVEA[1] - y
            distance = math.hypot(aim_x, aim_y)
            wish = math.atan2(aim_y, aim_x) if inward else math.atan2(-aim_y, -aim_x)
            pull = math.remainder(wish - heading, math.tau)
            bend = 0.86 * bend + bends[number] * 0.55
            heading += bend + 0.022 * pull
            x, y = x + _STEP * math.cos(heading), y + _STEP * math.sin(heading)
            if distance < _AVASCULAR or self._blocked(kind, x, y, number):
                break
            line.append((x, y))
        return np.array(line)

    def _blocked(self, kind: Kind, x: float, y: float, number: int) -> bool:
        if not (_WORLD_X[0] < x < _WORLD_X[1] and _WORLD_Y[0] < y < _WORLD_Y[1]):
            return True
        return (
            number >= _CLEAR_OF_PARENT and (kind, round(x / _CELL), round(y / _CELL)) in self._taken
        )

    def _lay(self, vessel: Vessel) -> None:
        self.vessels.append(vessel)
        for x, y in vessel.points:
            self._taken.add((vessel.kind, round(x / _CELL), round(y / _CELL)))


def _taper(count: int, end: float) -> Points:
    """Shares of the first width along a branch that thins out and fades at its tip."""
    tip = np.minimum(1, np.linspace(count / 9, 0.12, count))
    return np.linspace(1.0, end, count) * tip


def _turns_to_fovea(at: Points, heading: float, side: float) -> bool:
    """Whether a branch that leaves to `side` of `heading` points towards the fovea."""
    wish = math.atan2(FOVEA[1] - at[1], FOVEA[0] - at[0])
    left = math.cos(wish - heading - side * 0.7)
    return left > _FACING and math.hypot(FOVEA[0] - at[0], FOVEA[1] - at[1]) < _MACULAR_REACH
