"""Make the small pictures: JPEG, never stretched, never enlarged; runs in the jail."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

PREVIEW_PX: Final = 1024
THUMBNAIL_PX: Final = 160
WHOLE_QUALITY: Final = 90
PREVIEW_QUALITY: Final = 85
THUMBNAIL_QUALITY: Final = 80
LARGEST_PIXELS: Final = 100_000_000

_SUBSAMPLED_BELOW: Final = 90
_PNG_LEVEL: Final = 3
_STRIP_PIXELS: Final = 1 << 20
_GREY_DIMENSIONS: Final = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A coded picture and its size."""

    data: bytes
    width: int
    height: int


def fitted(width: int, height: int, *, within: tuple[int, int]) -> tuple[int, int]:
    """Return the size that fits into `within` with the same proportions, never larger."""
    share = min(1.0, within[0] / width, within[1] / height)
    return max(1, round(width * share)), max(1, round(height * share))


def to_image(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return 8-bit pixels as a Pillow image."""
    return Image.fromarray(np.ascontiguousarray(pixels))


def to_small_image(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return at least twice the preview of a large picture by area averaging, some rows at a time.

    The first step of `shrunk`, without the large picture a second time in memory.
    """
    rows, columns = pixels.shape[:2]
    factor = max(rows, columns) // (2 * PREVIEW_PX)
    if factor < 2:  # noqa: PLR2004  # nothing to average
        return to_image(pixels)
    step = factor * max(1, _STRIP_PIXELS // (columns * factor))
    size = (-(-columns // factor), -(-rows // factor))
    small = Image.new("L" if pixels.ndim == _GREY_DIMENSIONS else "RGB", size)
    for at in range(0, rows, step):
        small.paste(to_image(pixels[at : at + step]).reduce(factor), (0, at // factor))
    return small


def shrunk(image: Image.Image, *, within: tuple[int, int]) -> Image.Image:
    """Return the image fitted into `within`, by area averaging and then Lanczos."""
    size = fitted(image.width, image.height, within=within)
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def small_colour(image: Image.Image, *, side: int) -> Image.Image:
    """Return an RGB copy fitted into a square; the large picture is not copied on the way."""
    plain = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    size = fitted(plain.width, plain.height, within=(side, side))
    return plain.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0).convert("RGB")


def to_jpeg(image: Image.Image, *, quality: int) -> Picture:
    """Code the image as baseline JPEG, 4:4:4 from quality 90 on."""
    colour = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    coded = io.BytesIO()
    options: dict[str, Any] = {"subsampling": 0} if quality >= _SUBSAMPLED_BELOW else {}
    colour.save(coded, "JPEG", quality=quality, **options)
    return Picture(coded.getvalue(), colour.width, colour.height)


def to_png(image: Image.Image, *, told: Mapping[str, str]) -> Picture:
    """Code the image without loss; what is told of it stands in the file (PNG 11.3.4.3)."""
    colour = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    coded, said = io.BytesIO(), PngInfo()
    for name, text in told.items():
        said.add_text(name, text)
    colour.save(coded, "PNG", compress_level=_PNG_LEVEL, pnginfo=said)
    return Picture(coded.getvalue(), colour.width, colour.height)


def preview_and_thumbnail(image: Image.Image) -> tuple[Picture, Picture]:
    """Return the preview (≤ 1024 px) and the thumbnail (≤ 160 px) of one image.

    The preview of a small image is the whole picture, so it is as good as a drawn one.
    """
    large = shrunk(image, within=(PREVIEW_PX, PREVIEW_PX))
    small = shrunk(large, within=(THUMBNAIL_PX, THUMBNAIL_PX))
    quality = WHOLE_QUALITY if large.size == image.size else PREVIEW_QUALITY
    return to_jpeg(large, quality=quality), to_jpeg(small, quality=THUMBNAIL_QUALITY)
