"""The fundus before any sign: reflex, pigment, choroid, macula, nerve head and vessels."""

import numpy as np

from imaging.fundus.spec import FundusSpec
from imaging.fundus.vessels import Kind, Vessel
from imaging.fundus.view import (
    DISC_RADII,
    FOVEA,
    Draw,
    Layer,
    Plane,
    Points,
    View,
    chance,
    cloud,
    enlarge,
)

Colour = tuple[float, float, float]

_COARSE = 8
_FAIR: Colour = (232, 106, 62)
_DARK: Colour = (166, 70, 34)
# Share of red, green and blue light that blood and pigment keep back.
BLOOD: dict[Kind, Colour] = {Kind.VEIN: (0.34, 0.72, 0.66), Kind.ARTERY: (0.16, 0.55, 0.53)}


def absorb(picture: Plane, mask: Plane | None, share: Colour) -> None:
    """Darken each channel by its share under the mask."""
    if mask is None:
        return
    for channel in range(3):
        picture[channel] *= 1 - np.float32(share[channel]) * mask


def cover(picture: Plane, mask: Plane | None, colour: Colour, strength: float = 1.0) -> None:
    """Lay a light, opaque colour over the picture under the mask."""
    if mask is None:
        return
    held = np.float32(strength) * mask
    for channel in range(3):
        picture[channel] += (np.float32(colour[channel]) - picture[channel]) * held


def paint_ground(spec: FundusSpec, view: View) -> Plane:
    """Colour of the fundus with its slow changes: light, pigment, macula."""
    tone, size = chance(spec, Draw.TONE, both_eyes=True), view.size_px
    base = np.array(_FAIR) + (np.array(_DARK) - np.array(_FAIR)) * spec.pigmentation
    base = base * tone.uniform((0.93, 0.86, 0.80), (1.05, 1.12, 1.30))
    x, y = view.grid(coarse=_COARSE)
    light = 1 + 0.12 * np.exp(-(x**2 + y**2) / 0.55) - 0.05 * (x - 0.5) ** 2 * 0.5
    from_fovea = (x - FOVEA[0]) ** 2 + 1.15 * (y - FOVEA[1]) ** 2
    wide, near = np.exp(-from_fovea / 0.16), np.exp(-from_fovea / 0.016)
    deep = 0.8 + 0.4 * spec.pigmentation
    picture = np.empty((3, size, size), np.float32)
    for channel, (outer, inner) in enumerate(((0.15, 0.15), (0.27, 0.26), (0.26, 0.22))):
        shade = light * (1 - deep * outer * wide) * (1 - inner * near)
        picture[channel] = enlarge(shade * base[channel], size)
    _mottle(picture, spec, view)
    return picture


def _mottle(picture: Plane, spec: FundusSpec, view: View) -> None:
    rng = chance(spec, Draw.CHOROID)
    size = view.size_px
    uneven = (
        0.07 * cloud(rng, size, 6) + 0.035 * cloud(rng, size, 26) + 0.028 * cloud(rng, size, 210)
    )
    picture *= 1 + uneven
    x, y = view.grid(coarse=_COARSE)
    away = np.clip(((x - FOVEA[0]) ** 2 + (y - FOVEA[1]) ** 2) / 0.5, 0.05, 1)
    # Choroidal vessels wind like the level lines of a smooth noise.
    network = np.zeros((size, size), np.float32)
    for cells in (30, 43):
        network += np.exp(-((cloud(rng, size, cells) / np.float32(0.3)) ** 2))
    network *= enlarge(away, size)
    cover(picture, network, (232, 112, 66), 0.22 * spec.tessellation)
    between = (1 - np.minimum(1, network)) * enlarge(away, size)
    dark = 0.20 * spec.tessellation
    absorb(picture, between, (0.9 * dark, 0.75 * dark, 0.6 * dark))
    _fibres(picture, rng, view)


def _fibres(picture: Plane, rng: np.random.Generator, view: View) -> None:
    """The silky sheen of nerve fibres that leave the disc."""
    x, y = view.grid(coarse=2)
    angle = (np.arctan2(y, x) / np.float32(2 * np.pi) + np.float32(0.5)) * 511
    threads = np.convolve(rng.uniform(-1, 1, 514), [0.25, 0.5, 0.25], "valid")
    distance = x**2 + y**2
    sheen = threads[angle.astype(np.int32)].astype(np.float32)
    sheen *= np.exp(-distance / np.float32(0.45)) * (
        0.25 + np.abs(np.sin(angle * np.float32(np.pi / 256)))
    )
    picture *= 1 + np.float32(0.045) * enlarge(sheen, view.size_px)


def paint_disc(picture: Plane, spec: FundusSpec, view: View) -> Plane:
    """The nerve head with rim and cup; returns its mask, through which vessels shine."""
    rng = chance(spec, Draw.DISC)
    x, y = view.grid()
    tilt = rng.uniform(-0.12, 0.12)
    wide, high = DISC_RADII[0] * rng.uniform(0.94, 1.06), DISC_RADII[1] * rng.uniform(0.95, 1.05)
    grown = 1 + 0.34 * spec.disc_swelling
    u, v = (x + tilt * y) / np.float32(wide * grown), (y - tilt * x) / np.float32(high * grown)
    radius = np.sqrt(u**2 + v**2)
    edge = 26 - 20.5 * spec.disc_swelling
    disc = _inside(radius, 1.0, edge)
    around = _inside(radius, 1.28 + 0.4 * spec.tessellation, 9) * np.clip(0.5 + 0.8 * u, 0, 1)
    cover(picture, around - disc * around, (224, 158, 104), 0.12 + 0.7 * spec.tessellation)
    absorb(
        picture,
        np.exp(-(((radius - 1.05) / 0.07) ** 2)) * np.clip(0.3 + u, 0, 1),
        (0.10, 0.14, 0.12),
    )
    pale = 1 - spec.disc_swelling
    cover(picture, disc, (236, 132 + 16 * pale, 88 + 4 * pale), 0.86)
    cover(picture, disc * np.clip(0.2 + 0.6 * u, 0, 1), (246, 186, 122), 0.10 + 0.35 * pale)
    cup_size = spec.cup_disc_ratio * (1 - 0.7 * spec.disc_swelling)
    cup_radius = np.sqrt((u - 0.12 * (1 - cup_size)) ** 2 + (v * 0.96) ** 2)
    cup = _inside(cup_radius, cup_size, 11)
    cover(picture, cup, (255, 232, 182), 0.74)
    return disc


def _inside(radius: Plane, limit: float, steep: float) -> Plane:
    exponent = np.clip((radius - np.float32(limit)) * np.float32(steep), -30, 30)
    share: Plane = 1 / (1 + np.exp(exponent))
    return share


def ribbon(points: Points, widths: Points) -> Points:
    """The outline of a line with a width at every point."""
    heading = np.gradient(points, axis=0)
    heading /= np.maximum(np.hypot(heading[:, 0], heading[:, 1])[:, None], 1e-9)
    side = np.stack((-heading[:, 1], heading[:, 0]), axis=1) * widths[:, None] / 2
    return np.vstack((points + side, (points - side)[::-1]))


def paint_vessels(picture: Plane, vessels: tuple[Vessel, ...], view: View, disc: Plane) -> None:
    """Veins under arteries, each with its soft shadow; trunks show the light reflex."""
    for kind in Kind:
        tree, reflex = Layer(view), Layer(view)
        for vessel in (vessel for vessel in vessels if vessel.kind is kind):
            outline = ribbon(vessel.points, vessel.widths)
            tree.polygon(outline, 0.50 + float(vessel.widths[0]) * 26)
            if vessel.widths[0] > _REFLEX_FROM:
                reflex.polygon(ribbon(vessel.points, vessel.widths * 0.30), 1.0)
        blood = tree.mask(0.0021)
        if blood is None:
            continue
        absorb(picture, tree.mask(0.014), (0.05, 0.14, 0.12))
        absorb(picture, blood * (1 - np.float32(0.12) * disc), BLOOD[kind])
        cover(picture, reflex.mask(0.003), (236, 128, 96), 0.34 if kind is Kind.ARTERY else 0.14)


_REFLEX_FROM = 0.011
