"""What can be measured of a fundus photograph's quality; numbers alone, the verdict is elsewhere.

Every photograph is measured at one scale, its round field 512 px across, so that a small copy sent
ahead and the photograph itself are told by the same numbers. Blur that is finer than a pixel of
that scale is not seen, and clouded media look like blur: it says what the picture is, not why.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.fundus.bands import band_strengths, dark_ridges, halved
from imaging.fundus.field import Circle, Mask, Plane, distance_from, find_circle, lit_part
from imaging.preview import small_colour

_FIELD_PX: Final = 512
_COARSE_PX: Final = 192
_LEAST_FIELD_PX: Final = 96
_INSIDE: Final = 0.88
_RING: Final = (0.45, 0.85)
_SECTORS: Final = 8
_LEAST_SECTOR: Final = 0.25
_CLIPPED: Final = 250
_LUMA: Final = np.array((0.299, 0.587, 0.114), np.float32)
_GREEN: Final = 1
_HALVINGS: Final = 4
_WHOLLY_LIT: Final = 0.9
_LEAST_SHARE: Final = 0.001
_LEAST_MEAN: Final = 4.0
_LEVELS: Final = 4
_FINE, _FINER, _COARSER = 1, 0, 3
# Below this only the steps of eight bits are left to be measured.
_LEAST_FOCUS: Final = 0.2
# What white noise leaves in the second octave of what it leaves in the first.
_NOISE_PASSED: Final = 0.07
_RIDGE: Final = 0.012
_RIDGE_OF_NOISE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Measures:
    """The numbers of one photograph; None where one cannot be taken.

    `field_px`: diameter of the round field in this copy; `field`: share of the round field that is
    in the picture and lit; `light`: median brightness of the field, 0 to 255; `clipped`: share of
    it that is burnt out in green; `evenness`: darkest by brightest eighth of its outer ring;
    `focus`: fine by coarse detail; `vessels`: share of the field that is dark lines.
    """

    field_px: float | None = None
    field: float | None = None
    light: float | None = None
    clipped: float | None = None
    evenness: float | None = None
    focus: float | None = None
    vessels: float | None = None


@dataclass(frozen=True, slots=True)
class _View:
    """The picture at the one scale, with its field."""

    pixels: NDArray[np.float32]
    circle: Circle
    distance: Plane
    lit: Mask

    @property
    def luma(self) -> Plane:
        """Brightness as the eye weighs it."""
        found: Plane = self.pixels @ _LUMA
        return found


def measure(image: Image.Image) -> Measures:
    """Measure a photograph in which a round field can be found; else nothing is told."""
    coarse = small_colour(image, side=_COARSE_PX)
    circle = find_circle(lit_part(np.asarray(coarse, np.float32).max(axis=2)))
    if circle is None:
        return Measures()
    scale = image.width / coarse.width
    field_px = 2 * circle.radius * scale
    told = Measures(field_px=field_px)
    if field_px < _LEAST_FIELD_PX:
        return told
    view = _view(image, circle, share=min(1.0, _FIELD_PX / field_px), coarse=coarse.width)
    inside = view.lit & (view.distance < _INSIDE)
    if not inside.any():
        return told
    return replace(
        _detail(view, inside),
        field_px=field_px,
        field=float((view.lit & (view.distance < 1)).sum() / (np.pi * view.circle.radius**2)),
        light=float(np.median(view.luma[inside])),
        clipped=float((view.pixels[..., _GREEN][inside] >= _CLIPPED).mean()),
        evenness=_evenness(view),
    )


def _view(image: Image.Image, circle: Circle, *, share: float, coarse: int) -> _View:
    side = max(1, round(max(image.size) * share))
    pixels = np.asarray(small_colour(image, side=side), np.float32)
    grown = pixels.shape[1] / coarse
    placed = replace(
        circle,
        row=(circle.row + 0.5) * grown - 0.5,
        column=(circle.column + 0.5) * grown - 0.5,
        radius=circle.radius * grown,
    )
    distance = distance_from(placed, pixels.shape[:2])
    return _View(pixels, placed, distance, lit_part(pixels.max(axis=2)))


def _evenness(view: _View) -> float | None:
    """Compare the eighths of the outer ring, those that are there."""
    ring = (view.distance > _RING[0]) & (view.distance < _RING[1])
    row, column = np.nonzero(ring & view.lit)
    turn = np.arctan2(row - view.circle.row, column - view.circle.column) / (2 * np.pi) + 0.5
    sector = (turn * _SECTORS).astype(np.int64) % _SECTORS
    bright = view.luma[row, column]
    whole = np.pi * view.circle.radius**2 * (_RING[1] ** 2 - _RING[0] ** 2) / _SECTORS
    medians = [
        float(np.median(bright[sector == each]))
        for each in range(_SECTORS)
        if (sector == each).sum() >= whole * _LEAST_SECTOR
    ]
    return min(medians) / max(medians) if len(medians) > 1 else None


def _detail(view: _View, inside: Mask) -> Measures:
    """Measure focus and vessels on the green plane, each place by its own surroundings."""
    in_field = view.lit & (view.distance < 1)
    weight = in_field.astype(np.float32)
    near, share = _surroundings(view.pixels[..., _GREEN] * weight), _surroundings(weight)
    inside = inside & (share > _WHOLLY_LIT)
    mean = np.maximum(near / np.maximum(share, np.float32(_LEAST_SHARE)), np.float32(_LEAST_MEAN))
    contrast: Plane = np.clip(view.pixels[..., _GREEN] / mean - np.float32(1), -1, 1)
    bands = band_strengths(contrast, inside, levels=_LEVELS)
    if len(bands) < _LEVELS or not bands[_COARSER].all():
        return Measures()
    noise = np.maximum(0.0, bands[_FINER] - bands[_FINE])
    fine = np.maximum(0.0, bands[_FINE] - _NOISE_PASSED * noise)
    grain = float(noise.mean()) ** 0.5
    ridges = dark_ridges(contrast, least=_RIDGE + _RIDGE_OF_NOISE * grain)
    return Measures(
        focus=max(float(np.sqrt(fine / bands[_COARSER]).min()), _LEAST_FOCUS),
        vessels=float(ridges[inside].mean()),
    )


def _surroundings(plane: Plane) -> Plane:
    """Return the mean of a wide neighbourhood of each pixel."""
    rows, columns = plane.shape
    for _ in range(_HALVINGS):
        plane = halved(plane)
    wide = Image.fromarray(plane).resize((columns, rows), Image.Resampling.BILINEAR)
    return np.asarray(wide, np.float32)
