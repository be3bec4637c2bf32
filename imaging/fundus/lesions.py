"""Signs of retinopathy laid on a drawn fundus, as many as the grade of ICDR asks for."""

from collections.abc import Iterable

import numpy as np

from imaging.fundus.ground import Colour, absorb, cover, ribbon
from imaging.fundus.spec import FundusSpec
from imaging.fundus.view import DISC_RADII, FOVEA, Draw, Layer, Plane, Points, View, chance

_HAEMORRHAGE: Colour = (0.46, 0.80, 0.76)
_MICROANEURYSM: Colour = (0.36, 0.76, 0.70)
_EXUDATE: Colour = (250, 224, 138)
_COTTON_WOOL: Colour = (244, 216, 172)
_DRUSEN: Colour = (240, 186, 108)
_ANGLES = np.linspace(0, 2 * np.pi, 25)[:-1]

_SWOLLEN = 0.5
_CLEAR_OF_DISC = 0.30
_CLEAR_OF_FOVEA = 0.13
_MILD, _MODERATE, _SEVERE, _PROLIFERATIVE = 1, 2, 3, 4
# Per grade: microaneurysms, blots, flames, cotton-wool spots in the whole eye.
_COUNTS = {
    _MILD: (7, 0, 0, 0),
    _MODERATE: (16, 9, 3, 1),
    _SEVERE: (30, 0, 7, 4),
    _PROLIFERATIVE: (24, 16, 6, 3),
}
# ICDR severe NPDR: more than 20 intraretinal haemorrhages in each of four quadrants.
_SEVERE_BLOTS_EACH = (22, 28)


def blob(rng: np.random.Generator, at: Points, radius: float, *, rough: float = 0.2) -> Points:
    """An irregular closed outline around a point."""
    reach = np.ones_like(_ANGLES)
    for number in (2, 3, 5):
        phase = number * _ANGLES + rng.uniform(0, 6.3)
        reach += rng.normal(0, rough / number) * np.sin(phase)
    reach = radius * np.maximum(0.35, reach)
    outline: Points = at + np.stack((np.cos(_ANGLES) * reach, np.sin(_ANGLES) * reach), axis=1)
    return outline


def paint_lesions(picture: Plane, spec: FundusSpec, view: View) -> None:
    """Everything that lies in the retina itself; new vessels come after."""
    rng = chance(spec, Draw.LESIONS)
    if spec.drusen > 0:
        _drusen(picture, spec, view)
    if spec.icdr in _COUNTS:
        dots, blots, flames, wool = (round(n * rng.uniform(0.8, 1.3)) for n in _COUNTS[spec.icdr])
        _cotton_wool(picture, view, rng, max(wool, int(spec.icdr > _MILD)))
        places = _around(rng, blots) if spec.icdr != _SEVERE else _four_quadrants(rng)
        _haemorrhages(picture, view, rng, places, _around(rng, flames, near=0.75))
        _microaneurysms(picture, view, rng, max(3, dots))
        if spec.icdr >= _MODERATE:
            _exudates(picture, view, rng, rng.normal((1.15, 0.1), (0.34, 0.30), (2, 2)), 0.06)
    if spec.disc_swelling > _SWOLLEN:
        layer = Layer(view)
        for angle in rng.uniform(0, 6.3, 5):
            _flame(layer, rng, 0.27 * np.array((np.cos(angle), np.sin(angle))))
        absorb(picture, layer.mask(0.006), _HAEMORRHAGE)
    if spec.dme:
        _circinate(picture, view, rng)


def _around(rng: np.random.Generator, count: int, *, near: float = 1.15) -> Points:
    """Places within the arcades, off the disc and off the very fovea."""
    found: list[tuple[float, float]] = []
    while len(found) < count:
        x, y = rng.normal(0.75, 0.62 * near), rng.normal(0.08, 0.52 * near)
        off_fovea = np.hypot(x - FOVEA[0], y - FOVEA[1]) > _CLEAR_OF_FOVEA
        if np.hypot(x, y) > _CLEAR_OF_DISC and off_fovea:
            found.append((x, y))
    return np.array(found).reshape(-1, 2)


def _four_quadrants(rng: np.random.Generator) -> Points:
    places = []
    for side_x in (-1, 1):
        for side_y in (-1, 1):
            count = rng.integers(*_SEVERE_BLOTS_EACH)
            reach_x = rng.uniform(0.12, 1.25 if side_x > 0 else 0.95, count)
            reach_y = rng.uniform(0.18, 1.05, count)
            middle = 0.75 if side_x > 0 else 0.1
            places.append(np.stack((middle + side_x * reach_x, side_y * reach_y), axis=1))
    return np.vstack(places)


def _haemorrhages(
    picture: Plane, view: View, rng: np.random.Generator, blots: Points, flames: Points
) -> None:
    layer = Layer(view)
    for at in blots:
        radius = float(np.clip(rng.lognormal(-4.05, 0.42), 0.010, 0.046))
        layer.polygon(blob(rng, at, radius, rough=0.22), rng.uniform(0.55, 1.0))
    for at in flames:
        _flame(layer, rng, at)
    absorb(picture, layer.mask(0.006), _HAEMORRHAGE)


def _flame(layer: Layer, rng: np.random.Generator, at: Points) -> None:
    """A haemorrhage in the nerve fibre layer, frayed along the fibres."""
    heading = np.arctan2(at[1] * 0.8, at[0]) + rng.normal(0, 0.2)
    along = np.array((np.cos(heading), np.sin(heading)))
    across = np.array((-along[1], along[0]))
    for _ in range(int(rng.integers(5, 9))):
        start = at + across * rng.normal(0, 0.016) + along * rng.normal(0, 0.02)
        length = rng.uniform(0.03, 0.085)
        line = start + along * np.linspace(-length, length, 7)[:, None]
        layer.polygon(ribbon(line, 0.016 * np.array((0.1, 0.6, 0.9, 1, 0.8, 0.5, 0.1))), 0.8)


def _microaneurysms(picture: Plane, view: View, rng: np.random.Generator, count: int) -> None:
    layer = Layer(view)
    for at in _around(rng, count, near=0.85):
        layer.polygon(blob(rng, at, rng.uniform(0.0060, 0.0115), rough=0.08), rng.uniform(0.7, 1))
    absorb(picture, layer.mask(0.0028), _MICROANEURYSM)


def _exudates(
    picture: Plane, view: View, rng: np.random.Generator, centres: Iterable[Points], spread: float
) -> None:
    layer = Layer(view)
    for centre in centres:
        for _ in range(int(rng.integers(5, 13))):
            at = centre + rng.normal(0, spread, 2)
            layer.polygon(blob(rng, at, rng.uniform(0.005, 0.016), rough=0.32), rng.uniform(0.7, 1))
    cover(picture, layer.mask(0.003), _EXUDATE, 0.92)


def _circinate(picture: Plane, view: View, rng: np.random.Generator) -> None:
    """Hard exudates in a broken ring whose edge comes within one disc diameter of the fovea."""
    middle = np.array(FOVEA) + rng.uniform(-0.16, 0.16, 2)
    start, reach = rng.uniform(0, 6.3), rng.uniform(3.6, 5.4)
    centres = [
        middle + rng.uniform(0.17, 0.28) * np.array((np.cos(angle), 0.85 * np.sin(angle)))
        for angle in start + np.linspace(0, reach, 15)
    ]
    _exudates(picture, view, rng, centres, 0.022)
    swelling = Layer(view)
    swelling.polygon(blob(rng, middle, 0.2))
    cover(picture, swelling.mask(0.07), (226, 138, 92), 0.16)


def _cotton_wool(picture: Plane, view: View, rng: np.random.Generator, count: int) -> None:
    layer = Layer(view)
    for _ in range(count):
        angle = rng.uniform(0.5, 1.35) * rng.choice((-1, 1))
        at = rng.uniform(0.55, 0.95) * np.array((np.cos(angle), np.sin(angle)))
        for _ in range(6):
            puff = at + rng.normal(0, (0.030, 0.018), 2)
            layer.polygon(
                blob(rng, puff, rng.uniform(0.018, 0.036), rough=0.3), rng.uniform(0.5, 0.9)
            )
    cover(picture, layer.mask(0.013), _COTTON_WOOL, 0.72)


def _drusen(picture: Plane, spec: FundusSpec, view: View) -> None:
    rng = chance(spec, Draw.DRUSEN)
    layer = Layer(view)
    for _ in range(round(110 * spec.drusen)):
        at = np.array(FOVEA) + rng.normal(0, (0.27, 0.24), 2)
        if np.hypot(*at) > DISC_RADII[1] * 1.5:
            layer.polygon(blob(rng, at, rng.uniform(0.006, 0.026)), rng.uniform(0.3, 0.85))
    cover(picture, layer.mask(0.006), _DRUSEN, 0.62)
