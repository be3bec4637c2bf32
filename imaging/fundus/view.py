"""The geometry of a drawn eye: the retina is drawn once, the camera only looks elsewhere.

Retinal coordinates have the disc at (0, 0) and the fovea at FOVEA; x grows towards the temple,
y downwards, and one unit is the distance from disc to fovea along x (about 15 degrees).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from imaging.fundus.spec import Eye, FundusField, FundusSpec

Plane = NDArray[np.float32]
Points = NDArray[np.float64]

FOVEA = (1.0, 0.16)
DISC_RADII = (0.180, 0.205)
# Disc to fovea is about 15 of the 45 degrees that the field is wide.
_UNIT_SHARE = 0.325
_EYE_NUMBER = {Eye.RIGHT: 0, Eye.LEFT: 1}
_FINE = 2


class Draw(IntEnum):
    """Independent streams of chance, so that one sign does not move another."""

    TONE = 1
    AIM = 2
    VESSELS = 3
    CHOROID = 4
    LESIONS = 5
    PROLIFERATION = 6
    TREATMENT = 7
    DRUSEN = 8
    MEDIA = 9
    SENSOR = 10
    DISC = 11


def chance(spec: FundusSpec, draw: Draw, *, both_eyes: bool = False) -> np.random.Generator:
    """The stream for one purpose; without `both_eyes` the two eyes of a person differ."""
    eye = 2 if both_eyes else _EYE_NUMBER[spec.eye]
    return np.random.default_rng([spec.seed, int(draw), eye])


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera looked: from retinal coordinates to pixels."""

    size_px: int
    disc_px: tuple[float, float]
    temporal: int
    unit_px: float

    def to_px(self, points: Points) -> Points:
        """Pixel positions (column, row) of retinal positions."""
        return np.stack(
            (
                self.disc_px[0] + self.temporal * points[:, 0] * self.unit_px,
                self.disc_px[1] + points[:, 1] * self.unit_px,
            ),
            axis=1,
        )

    def grid(self, *, coarse: int = 1) -> tuple[Plane, Plane]:
        """Retinal x and y of every pixel (or of every `coarse`-th)."""
        count = self.size_px // coarse
        steps = (np.arange(count, dtype=np.float32) + np.float32(0.5)) * coarse
        x = (steps - self.disc_px[0]) / self.unit_px * self.temporal
        y = (steps - self.disc_px[1]) / self.unit_px
        return np.broadcast_to(x, (count, count)), np.broadcast_to(y[:, None], (count, count))


def aim(spec: FundusSpec) -> View:
    """Point the camera at the macula or the disc, a little off as in life."""
    rng = chance(spec, Draw.AIM)
    size, unit = spec.size_px, spec.size_px * _UNIT_SHARE
    # Seen from in front of the patient, the temple of the right eye is on the viewer's left.
    temporal = -1 if spec.eye is Eye.RIGHT else 1
    off = rng.uniform(-0.018, 0.018, (2, 2))[0 if spec.field is FundusField.MACULA else 1] * size
    centre_x, centre_y = size / 2 + float(off[0]), size / 2 + float(off[1])
    if spec.field is FundusField.DISC:
        return View(size, (centre_x, centre_y), temporal, unit)
    disc = (centre_x - temporal * FOVEA[0] * unit, centre_y - FOVEA[1] * unit)
    return View(size, disc, temporal, unit)


class Layer:
    """A sheet of shapes drawn at twice the size and laid on the picture once, smoothly."""

    def __init__(self, view: View) -> None:
        self._view = view
        side = view.size_px * _FINE
        self._sheet = Image.new("L", (side, side), 0)
        self._draw = ImageDraw.Draw(self._sheet)
        self._used = False

    def polygon(self, outline: Points, fill: float = 1.0) -> None:
        """Fill an outline given in retinal coordinates."""
        corners = self._view.to_px(outline) * _FINE
        self._draw.polygon(corners.ravel().tolist(), fill=round(255 * min(1.0, fill)))
        self._used = True

    def mask(self, blur_unit: float = 0.0) -> Plane | None:
        """The sheet as shares 0 to 1, softened by `blur_unit` retinal units; None when empty."""
        if not self._used:
            return None
        sheet = self._sheet.reduce(_FINE)
        blur_px = blur_unit * self._view.unit_px
        if blur_px > 0:
            sheet = soften(sheet, blur_px)
        return np.asarray(sheet, dtype=np.float32) / np.float32(255)


def soften(sheet: Image.Image, blur_px: float) -> Image.Image:
    """Gaussian blur; a wide one is done small, where nobody sees the difference."""
    shrink = max(1, int(blur_px // 3))
    if shrink == 1:
        return sheet.filter(ImageFilter.GaussianBlur(blur_px))
    small = sheet.resize((max(1, sheet.width // shrink), max(1, sheet.height // shrink)))
    blurred = small.filter(ImageFilter.GaussianBlur(blur_px / shrink))
    return blurred.resize(sheet.size, Image.Resampling.BICUBIC)


def enlarge(small: NDArray[np.floating], size_px: int) -> Plane:
    """Smooth enlargement of a coarse plane to the picture's size."""
    picture = Image.fromarray(np.ascontiguousarray(small, dtype=np.float32))
    return np.asarray(picture.resize((size_px, size_px), Image.Resampling.BICUBIC))


def cloud(rng: np.random.Generator, size_px: int, cells: int) -> Plane:
    """Smooth noise of `cells` humps across the picture, about -1 to 1."""
    return enlarge(rng.uniform(-1, 1, (cells, cells)), size_px)
