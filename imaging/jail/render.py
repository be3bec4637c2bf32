"""The job `render`: one frame of an instance as a JPEG."""

from typing import Any, Final

from PIL import Image
from pydicom.dataset import Dataset

from imaging.descriptor import write_all
from imaging.display import to_picture
from imaging.errors import NoPicture, PictureError, Refusal, RefusedError
from imaging.exif import Exif
from imaging.frames import JPEG_BASELINE, Shape, coded_frame, decode_frame, shape_of
from imaging.header import read_header, text
from imaging.jail.facts import plain
from imaging.jail.params import Params, refused
from imaging.jpeg import parse_jpeg, require_baseline
from imaging.photograph import Photograph
from imaging.photograph import to_image as photograph_to_image
from imaging.preview import shrunk, to_image, to_jpeg
from imaging.sniff import Kind
from imaging.survey import Survey, survey
from imaging.window import Window

_LARGEST_PX: Final = 65_500
_QUALITY: Final = 90
_MOST_FRAMES: Final = 1_000_000
_BYTE_BITS: Final = 8


def render(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write the frame as JPEG and say its size, the window used, and whether it passed untouched.

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
    coded = _browser_jpeg(descriptor, found, header, shape, index) if window is None else None
    if coded is not None and shape.columns <= within[0] and shape.rows <= within[1]:
        write_all(output, coded.data)
        return _answer(shape.columns, shape.rows, None, passed_through=True)
    if coded is not None:
        image, used = photograph_to_image(coded, at_least=within), None
    else:
        image, used = _decoded(descriptor, found, header, index, window)
    quality = params.whole("quality", default=_QUALITY, least=1, most=100)
    picture = to_jpeg(shrunk(image, within=within), quality=quality)
    write_all(output, picture.data)
    return _answer(picture.width, picture.height, used, passed_through=False)


def _decoded(
    descriptor: int, found: Survey, header: Dataset, index: int, window: Window | None
) -> tuple[Image.Image, Window | None]:
    frame = decode_frame(descriptor, found, header, index=index)
    pixels, used = to_picture(frame, header, index=index, window=window)
    return to_image(pixels), used


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
    return Window(centre, width)


def _browser_jpeg(
    descriptor: int, found: Survey, header: Dataset, shape: Shape, index: int
) -> Photograph | None:
    """Return the coded frame where a browser reads it as the object means it, else None.

    A browser goes by the stream's own markers; where they contradict Photometric
    Interpretation, or a window or inversion belongs to the picture, it is decoded here.
    """
    if found.transfer_syntax_uid != JPEG_BASELINE or shape.bits != _BYTE_BITS:
        return None
    data = coded_frame(descriptor, found, shape, index=index)
    try:
        jpeg = parse_jpeg(data)
        require_baseline(jpeg)
    except RefusedError:
        return None
    declared = text(header, "PhotometricInterpretation") or ""
    is_same = declared[:3] == jpeg.photometric[:3] and declared != "MONOCHROME1"
    if not is_same or (shape.samples == 1 and "WindowCenter" in header):
        return None
    frame = jpeg.frame
    if (frame.rows, frame.columns) != (shape.rows, shape.columns):
        return None
    whole = data[: jpeg.end]
    samples = len(frame.component_ids)
    return Photograph(Kind.JPEG, whole, frame.rows, frame.columns, samples, None, Exif(), (), jpeg)
