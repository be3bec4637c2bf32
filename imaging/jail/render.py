"""The job `render`: one frame of an instance as a JPEG or a PNG."""

from typing import Any, Final

from PIL import Image
from pydicom.dataset import Dataset

from imaging.browser_jpeg import browser_jpeg
from imaging.descriptor import write_all
from imaging.display import to_picture
from imaging.errors import NoPicture, PictureError, Refusal, RefusedError
from imaging.frames import decode_frame, shape_of
from imaging.header import read_header
from imaging.jail.facts import plain
from imaging.jail.params import Params, refused
from imaging.jail.region import part_of
from imaging.photograph import to_image as photograph_to_image
from imaging.preview import WHOLE_QUALITY, Picture, shrunk, to_image, to_jpeg, to_png
from imaging.survey import Survey, survey
from imaging.window import Window

WINDOW_TOLD: Final = "Window"
"""Under this word a PNG tells centre, width and function of the window that it was drawn with."""
_LARGEST_PX: Final = 65_500
_MOST_FRAMES: Final = 1_000_000
_LARGEST_PNG: Final = 50_000_000
"""Pixels: uncompressed not more than a quarter of a gibibyte."""
_MEDIA: Final = frozenset({"jpeg", "png"})
_FUNCTIONS: Final = frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})


def render(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write the frame and say its size, the window used, and whether it passed untouched.

    Raises RefusedError: no picture, no such frame, or the file cannot be read.
    """
    try:
        return _render(params, inputs[0], outputs[0])
    except PictureError as error:
        raise RefusedError(Refusal.NO_PICTURE, {"no_picture": error.reason.value}) from error


def _render(params: Params, descriptor: int, output: int) -> dict[str, Any]:
    found = survey(descriptor)
    header = read_header(descriptor, found)
    if found.pixels is None:
        raise PictureError(NoPicture.NO_PIXEL_DATA)
    shape = shape_of(header)
    index = params.whole("frame", default=1, least=1, most=_MOST_FRAMES) - 1
    if index >= shape.frames:
        raise RefusedError(Refusal.NO_SUCH_FRAME, {"frames": shape.frames})
    window = _window(params)
    within = (
        params.whole("max_width", default=_LARGEST_PX, least=1, most=_LARGEST_PX),
        params.whole("max_height", default=_LARGEST_PX, least=1, most=_LARGEST_PX),
    )
    part = part_of(params, (shape.columns, shape.rows))
    coded = browser_jpeg(descriptor, found, header, shape, index=index) if window is None else None
    is_small = shape.columns <= within[0] and shape.rows <= within[1]
    is_png = params.choice("media", _MEDIA) == "png"
    if coded is not None and part is None and is_small and not is_png:
        write_all(output, coded.data)
        return _answer(shape.columns, shape.rows, None, passed_through=True)
    if coded is not None:
        image, used = photograph_to_image(coded, at_least=None if part else within), None
    else:
        image, used = _decoded(descriptor, found, header, index, window)
    fitted = shrunk(image, within=within) if part is None else part.shown(image, within=within)
    picture = _coded(params, fitted, used, is_png=is_png)
    write_all(output, picture.data)
    return _answer(picture.width, picture.height, used, passed_through=False)


def _decoded(
    descriptor: int, found: Survey, header: Dataset, index: int, window: Window | None
) -> tuple[Image.Image, Window | None]:
    frame = decode_frame(descriptor, found, header, index=index)
    pixels, used = to_picture(frame, header, index=index, window=window)
    return to_image(pixels), used


def _coded(params: Params, image: Image.Image, used: Window | None, *, is_png: bool) -> Picture:
    quality = params.whole("quality", default=WHOLE_QUALITY, least=1, most=100)
    if not is_png:
        return to_jpeg(image, quality=quality)
    if image.width * image.height > _LARGEST_PNG:
        raise refused("media")
    told = {} if used is None else {WINDOW_TOLD: f"{used.centre} {used.width} {used.function}"}
    return to_png(image, told=told)


def _answer(
    width: int, height: int, window: Window | None, *, passed_through: bool
) -> dict[str, Any]:
    return {
        "width": width,
        "height": height,
        "window": None if window is None else plain(window),
        "passed_through": passed_through,
        "media_type": "image/jpeg",
    }


def _window(params: Params) -> Window | None:
    centre, width = params.optional_number("centre"), params.optional_number("width")
    if centre is None and width is None:
        return None
    if centre is None or width is None or width <= 0:
        raise refused("width")
    return Window(centre, width, params.choice("function", _FUNCTIONS) or "LINEAR")
