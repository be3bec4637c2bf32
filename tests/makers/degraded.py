"""Faults put into photographs: what a shaking hand, a small pupil or a cable does to them."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from consult.studies.quality import QualityFault

Degrade = Callable[[Image.Image], Image.Image]


def load(path: Path) -> Image.Image:
    """A photograph as RGB."""
    with Image.open(path) as image:
        return image.convert("RGB")


def fundus_files(real_files: Path) -> list[Path]:
    """The real fundus photographs."""
    return sorted((real_files / "image" / "fundus").glob("*.jpg"))


def blurred(share: float) -> Degrade:
    """Out of focus by a Gaussian of this share of the longer side."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(share * max(image.size)))


def shaken(share: float) -> Degrade:
    """Smeared along the rows by this share of the width."""

    def smear(image: Image.Image) -> Image.Image:
        steps = max(1, round(share * image.width))
        pixels = np.asarray(image, np.float32)
        mean = sum(np.roll(pixels, step - steps // 2, axis=1) for step in range(steps)) / steps
        return _picture(np.asarray(mean))

    return smear


def lit(factor: float) -> Degrade:
    """Darker or brighter by this factor, cut off at white."""
    return lambda image: _picture(np.asarray(image, np.float32) * factor)


def veiled(share: float) -> Degrade:
    """Under a milky veil of the field's own mean, as behind a cataract, without more blur."""

    def veil(image: Image.Image) -> Image.Image:
        pixels = np.asarray(image, np.float32)
        inside = pixels.max(axis=2) > 24
        mean = pixels[inside].mean(axis=0)
        hazy = pixels * (1 - share) + mean * share
        return _picture(np.where(inside[..., None], hazy, pixels))

    return veil


def shaded(least: float) -> Degrade:
    """Lit from the left, with this share of the light left at the right edge."""

    def shade(image: Image.Image) -> Image.Image:
        ramp = np.linspace(1, least, image.width, dtype=np.float32)[None, :, None]
        return _picture(np.asarray(image, np.float32) * ramp)

    return shade


def covered(left: float = 0.0, top: float = 0.0) -> Degrade:
    """Black over this share from the left or from above, as behind a lid."""

    def cover(image: Image.Image) -> Image.Image:
        pixels = np.array(image)
        pixels[:, : round(left * image.width)] = 0
        pixels[: round(top * image.height)] = 0
        return Image.fromarray(pixels)

    return cover


def cut(share: float) -> Degrade:
    """Only this share of the width is in the file."""
    return lambda image: image.crop((0, 0, round(image.width * share), image.height))


def coded(quality: int) -> Degrade:
    """Once more through a JPEG of this quality."""
    return lambda image: copy_of(image, longest=max(image.size), quality=quality)


def noisy(spread: float) -> Degrade:
    """With the grain of a sensor in the dark."""

    def grain(image: Image.Image) -> Image.Image:
        pixels = np.asarray(image, np.float32)
        return _picture(pixels + np.random.default_rng(7).normal(0, spread, pixels.shape))

    return grain


def shrunk_to(longest: int) -> Degrade:
    """A thumbnail of the photograph."""
    return lambda image: copy_of(image, longest=longest, quality=90)


def copy_of(image: Image.Image, *, longest: int = 1024, quality: int = 80) -> Image.Image:
    """The small copy that a page sends ahead (U12)."""
    share = min(1.0, longest / max(image.size))
    small = image.resize((round(image.width * share), round(image.height * share)))
    return load_bytes(jpeg_bytes(small, quality=quality))


def jpeg_bytes(image: Image.Image, *, quality: int = 92) -> bytes:
    """The picture as a file."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return data.getvalue()


def load_bytes(data: bytes) -> Image.Image:
    """The picture of a file."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


def draw_face(side: int = 512) -> Image.Image:
    """A face before a dark wall, round as a fundus is."""
    face = Image.new("RGB", (side, side), (8, 8, 10))
    pen = ImageDraw.Draw(face)
    unit = side / 16
    pen.ellipse((3 * unit, 1.5 * unit, 13 * unit, 14.5 * unit), fill=(214, 160, 132))
    for left in (5, 9):
        pen.ellipse((left * unit, 6 * unit, (left + 2) * unit, 7 * unit), fill=(245, 245, 245))
        pen.ellipse(
            ((left + 0.6) * unit, 6 * unit, (left + 1.4) * unit, 7 * unit), fill=(60, 40, 30)
        )
    pen.arc((6 * unit, 9 * unit, 10 * unit, 12 * unit), 20, 160, fill=(150, 60, 60), width=6)
    return face


def _picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


GRAVE: Mapping[QualityFault, Mapping[str, Degrade]] = MappingProxyType(
    {
        QualityFault.BLURRED: {
            "Gaussian, 0.5 % of the width": blurred(0.005),
            "Gaussian, 0.7 % of the width": blurred(0.007),
            "Gaussian, 1 % of the width": blurred(0.01),
            "shaken by 2.5 % of the width": shaken(0.025),
        },
        QualityFault.TOO_DARK: {
            "light × 0.3": lit(0.3),
            "light × 0.2": lit(0.2),
            "light × 0.12, with grain": lambda image: noisy(3)(lit(0.12)(image)),
        },
        QualityFault.TOO_BRIGHT: {
            "light × 2.6": lit(2.6),
            "light × 3.5": lit(3.5),
        },
        QualityFault.FIELD_INCOMPLETE: {
            "left half black": covered(left=0.5),
            "left third black": covered(left=1 / 3),
            "upper third black": covered(top=1 / 3),
            "half of the picture cut off": cut(0.5),
        },
        QualityFault.VESSELS_UNSEEN: {
            "milky veil of 85 %": veiled(0.85),
        },
        QualityFault.UNEVEN: {
            "light falls to 2 %": shaded(0.02),
        },
        QualityFault.TOO_SMALL: {
            "a thumbnail of 240 px": shrunk_to(240),
        },
    }
)
"""What a photograph must be taken again for."""

SLIGHT: Mapping[QualityFault, Mapping[str, Degrade]] = MappingProxyType(
    {
        QualityFault.BLURRED: {"Gaussian, 0.3 % of the width": blurred(0.003)},
        QualityFault.TOO_DARK: {"light × 0.45": lit(0.45)},
        QualityFault.TOO_BRIGHT: {"light × 2": lit(2.0)},
        QualityFault.UNEVEN: {"light falls to 15 %": shaded(0.15)},
    }
)
"""What is spoken of; the photograph may be used."""

HARMLESS: Mapping[str, Degrade] = MappingProxyType(
    {
        "as it is": lambda image: image,
        "the small copy of 1024 px": copy_of,
        "JPEG of quality 30": coded(30),
        "JPEG of quality 20": coded(20),
        "light × 0.7": lit(0.7),
        "light × 1.2": lit(1.2),
        "some grain": noisy(4),
        "Gaussian, 0.1 % of the width": blurred(0.001),
    }
)
"""What must raise no alarm."""
