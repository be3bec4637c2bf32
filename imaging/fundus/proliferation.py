"""What severe and proliferative retinopathy adds: beading, IRMA, new vessels, blood, laser."""

import math
from dataclasses import replace

import numpy as np

from imaging.fundus.ground import Colour, absorb, cover, ribbon
from imaging.fundus.lesions import blob
from imaging.fundus.spec import FundusSpec, Neovascularisation
from imaging.fundus.vessels import Kind, Vessel
from imaging.fundus.view import FOVEA, Draw, Layer, Plane, Points, View, chance, cloud

_NEW_VESSEL: Colour = (0.22, 0.68, 0.58)
_POOLED: Colour = (0.50, 0.88, 0.86)
_SCAR: Colour = (236, 196, 138)
_SCAR_PIGMENT: Colour = (0.66, 0.70, 0.62)
_SEVERE = 3
_SCAR_PITCH = 0.135
_SCAR_MISSING = 0.12
_SCAR_PIGMENTED = 0.45
_DISC_SPARED = 0.5


def bead(vessels: tuple[Vessel, ...], spec: FundusSpec) -> tuple[Vessel, ...]:
    """Veins like strings of beads in two quadrants or more, which severe NPDR may show."""
    if spec.icdr < _SEVERE:
        return vessels
    rng = chance(spec, Draw.PROLIFERATION)
    return tuple(
        _beaded(vessel, rng) if vessel.kind is Kind.VEIN and vessel.depth == 0 else vessel
        for vessel in vessels
    )


def _beaded(vessel: Vessel, rng: np.random.Generator) -> Vessel:
    along = np.arange(len(vessel.widths)) / rng.uniform(2.6, 3.4)
    calm = np.clip(np.linspace(-0.6, 1.6, len(along)), 0, 1)
    swell = 1 + calm * (0.10 + 0.34 * np.sin(along + rng.uniform(0, 6.3)))
    return replace(vessel, widths=vessel.widths * swell)


def paint_proliferation(picture: Plane, spec: FundusSpec, view: View) -> None:
    """IRMA, new vessels, laser scars and blood before the retina."""
    rng = chance(spec, Draw.PROLIFERATION)
    if spec.laser_scars:
        _laser(picture, spec, view)
    growth = Layer(view)
    if spec.icdr >= _SEVERE:
        for at in ((0.45, -0.60), (1.35, 0.62)):
            _tangle(growth, rng, np.array(at) + rng.normal(0, 0.06, 2), (5, 0.13, 0.0075))
    _new_vessels(growth, rng, spec.new_vessels())
    absorb(picture, growth.mask(0.0022), _NEW_VESSEL)
    if spec.preretinal_haemorrhage:
        _boat(picture, view, rng)


def _new_vessels(growth: Layer, rng: np.random.Generator, where: Neovascularisation) -> None:
    if where in {Neovascularisation.DISC, Neovascularisation.BOTH}:
        for _ in range(4):
            _tangle(growth, rng, rng.normal(0, 0.07, 2), (8, 0.20, 0.0065))
    if where in {Neovascularisation.ELSEWHERE, Neovascularisation.BOTH}:
        for at in ((0.62, -0.86), (0.30, 0.84))[: int(rng.integers(1, 3))]:
            for _ in range(4):
                _tangle(growth, rng, np.array(at) + rng.normal(0, 0.045, 2), (9, 0.17, 0.0065))


def _tangle(
    layer: Layer, rng: np.random.Generator, at: Points, count_reach_width: tuple[int, float, float]
) -> None:
    """Fine vessels that coil out from one place like a fan."""
    count, reach, width = count_reach_width
    for heading in rng.uniform(0, math.tau, count):
        steps = int(reach / 0.007 * rng.uniform(0.6, 1.2))
        swing = np.cumsum(rng.normal(0, 0.26, steps)) + 0.7 * np.sin(
            np.arange(steps) / rng.uniform(2.2, 4.0) + rng.uniform(0, 6.3)
        )
        path = np.cumsum(
            np.stack((np.cos(heading + swing), np.sin(heading + swing)), axis=1), axis=0
        )
        line = at + 0.007 * path
        layer.polygon(ribbon(line, width * np.linspace(1.1, 0.5, steps)), rng.uniform(0.6, 0.95))


def _laser(picture: Plane, spec: FundusSpec, view: View) -> None:
    """Panretinal burns: a jittered grid that spares the macula and the disc."""
    rng = chance(spec, Draw.TREATMENT)
    pale, dark = Layer(view), Layer(view)
    for x in np.arange(-1.7, 2.7, _SCAR_PITCH):
        for y in np.arange(-1.75, 1.9, _SCAR_PITCH):
            at = np.array((x, y)) + rng.normal(0, 0.04, 2)
            macula = math.hypot((at[0] - FOVEA[0] * 0.85) / 1.08, (at[1] - FOVEA[1] * 0.6) / 0.86)
            if macula < 1 or math.hypot(*at) < _DISC_SPARED or rng.random() < _SCAR_MISSING:
                continue
            radius = rng.uniform(0.020, 0.044)
            pale.polygon(blob(rng, at, radius, rough=0.14), rng.uniform(0.25, 0.95))
            if rng.random() < _SCAR_PIGMENTED:
                core = at + rng.normal(0, 0.006, 2)
                dark.polygon(
                    blob(rng, core, radius * rng.uniform(0.25, 0.6), rough=0.3),
                    rng.uniform(0.4, 0.8),
                )
    cover(picture, pale.mask(0.006), _SCAR, 0.60)
    absorb(picture, dark.mask(0.006), _SCAR_PIGMENT)


def _boat(picture: Plane, view: View, rng: np.random.Generator) -> None:
    """Blood between retina and vitreous settles with a level top."""
    layer = Layer(view)
    angle = np.linspace(0, math.pi, 30)
    wide, deep = rng.uniform(0.26, 0.38), rng.uniform(0.20, 0.30)
    at = np.array((rng.uniform(0.5, 1.2), rng.uniform(0.72, 0.86)))
    hull = np.stack((np.cos(angle) * wide, np.sin(angle) ** 0.7 * deep), axis=1)
    layer.polygon(at + hull + rng.normal(0, 0.004, hull.shape))
    absorb(picture, layer.mask(0.007), _POOLED)


def paint_vitreous_blood(picture: Plane, spec: FundusSpec, view: View) -> None:
    """Blood afloat before the retina: a brown-red cloud that sinks."""
    if spec.vitreous_haemorrhage <= 0:
        return
    rng = chance(spec, Draw.MEDIA)
    drift = cloud(rng, view.size_px, 5) + 0.6 * cloud(rng, view.size_px, 11)
    down = np.linspace(-0.9, 1.0, view.size_px, dtype=np.float32)[:, None]
    thick = 2.4 * spec.vitreous_haemorrhage - 0.9 + 0.75 * down + np.float32(0.55) * drift
    absorb(picture, np.clip(thick, 0, 1, dtype=np.float32), (0.62, 0.86, 0.84))
