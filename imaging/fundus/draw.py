"""Fundus photographs drawn by rule: nobody's eye, for the demonstration and for tests."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from imaging.fundus.ground import cover, paint_disc, paint_ground, paint_vessels
from imaging.fundus.lesions import paint_lesions
from imaging.fundus.proliferation import bead, paint_proliferation, paint_vitreous_blood
from imaging.fundus.spec import FundusSpec
from imaging.fundus.vessels import grow
from imaging.fundus.view import Draw, Plane, View, aim, chance, cloud, soften

_QUALITY = 88
_BLACK = (2, 2, 2)
_VEIL = (138, 108, 80)
_APERTURE_SHARE = 0.016
_CLIP_SHARE = 0.05


def draw_fundus(spec: FundusSpec) -> bytes:
    """A baseline RGB JPEG of what `spec` says; the same values give the same bytes."""
    view = aim(spec)
    picture = paint_ground(spec, view)
    disc = paint_disc(picture, spec, view)
    vessels = bead(grow(chance(spec, Draw.VESSELS)), spec)
    paint_vessels(picture, vessels, view, disc)
    paint_lesions(picture, spec, view)
    paint_proliferation(picture, spec, view)
    paint_vitreous_blood(picture, spec, view)
    return _encode(_frame(_expose(_look_through(picture, spec, view), spec, view)))


def _look_through(picture: Plane, spec: FundusSpec, view: View) -> Plane:
    """What cloudy media and a wrong focus make of it."""
    blur_px = view.size_px * (0.009 * spec.haze + 0.009 * spec.defocus)
    blur_px += view.size_px * 0.006 * spec.vitreous_haemorrhage
    if blur_px > 0:
        picture = _blurred(picture, blur_px)
    if spec.haze > 0:
        veil = 1 + 0.25 * cloud(chance(spec, Draw.MEDIA), view.size_px, 4)
        cover(picture, np.clip(0.66 * spec.haze * veil, 0, 1), _VEIL)
    return picture


def _blurred(picture: Plane, blur_px: float) -> Plane:
    sheet = np.clip(picture, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    soft = soften(Image.fromarray(np.ascontiguousarray(sheet)), blur_px)
    return np.asarray(soft, dtype=np.float32).transpose(2, 0, 1).copy()


def _expose(picture: Plane, spec: FundusSpec, view: View) -> NDArray[np.uint8]:
    """Light falls off to the rim; the sensor adds grain and clips."""
    size = view.size_px
    axis = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size / 2) - 1
    squared = axis**2 + axis[:, None] ** 2
    picture *= (1.08 - 0.38 * squared**1.25) * np.float32(2.0**spec.exposure)
    grain = chance(spec, Draw.SENSOR).standard_normal((size, size), dtype=np.float32)
    picture += np.float32(2.4) * grain
    return np.clip(picture, 0, 255).astype(np.uint8).transpose(1, 2, 0)


def _frame(pixels: NDArray[np.uint8]) -> Image.Image:
    """The round aperture in its black surround, cut flat above and below."""
    photograph = Image.fromarray(np.ascontiguousarray(pixels))
    size = photograph.width
    opening = Image.new("L", photograph.size, 0)
    pen = ImageDraw.Draw(opening)
    near, far = size * _APERTURE_SHARE, size * (1 - _APERTURE_SHARE)
    pen.ellipse((near, near, far, far), fill=255)
    pen.rectangle((0, 0, size, size * _CLIP_SHARE), fill=0)
    pen.rectangle((0, size * (1 - _CLIP_SHARE), size, size), fill=0)
    surround = Image.new("RGB", photograph.size, _BLACK)
    return Image.composite(photograph, surround, soften(opening, max(0.6, size / 1400)))


def _encode(photograph: Image.Image) -> bytes:
    out = io.BytesIO()
    photograph.save(out, "JPEG", quality=_QUALITY, progressive=False)
    return out.getvalue()
