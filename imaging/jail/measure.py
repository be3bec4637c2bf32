"""The job `measure`: what the stored pixels in a drawn shape are, the value of record."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from imaging.display import to_picture
from imaging.errors import NoPicture, PictureError, Refusal, RefusedError
from imaging.frames import Frame, decode_frame, shape_of
from imaging.header import read_attributes, read_header, text
from imaging.jail.params import Params, refused
from imaging.region_mask import SHAPES, Region, region_of
from imaging.spacing import KEYWORDS, spacing_of
from imaging.survey import Survey, survey
from imaging.window import to_modality

_MOST_FRAMES: Final = 1_000_000
_MOST_POINTS: Final = 500
_PAIR: Final = 2
_GREY_DIMENSIONS: Final = 2
_COLOURS: Final = ("red", "green", "blue")
_GREY: Final = "grey"
_FACTS: Final = (
    *KEYWORDS,
    *("RescaleType", "RescaleSlope"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
)
_LONGEST_UNIT: Final = 16


def measure(params: Params, inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """Say mean, deviation, lowest and highest of each channel, and how large the shape is.

    Grey values are those after rescaling (PS3.3 C.11.1), colours red, green and blue.
    Raises RefusedError: no picture, no such frame, or the file cannot be read.
    """
    try:
        return _measure(params, inputs[0])
    except PictureError as error:
        raise RefusedError(Refusal.NO_PICTURE, {"no_picture": error.reason.value}) from error


def _measure(params: Params, descriptor: int) -> dict[str, Any]:
    found = survey(descriptor)
    header = read_header(descriptor, found)
    if found.pixels is None:
        raise PictureError(NoPicture.NO_PIXEL_DATA)
    size = shape_of(header)
    index = params.whole("frame", default=1, least=1, most=_MOST_FRAMES) - 1
    if index >= size.frames:
        raise RefusedError(Refusal.NO_SUCH_FRAME, {"frames": size.frames})
    shape = params.choice("shape", SHAPES)
    if shape is None:
        raise refused("shape")
    region = region_of(shape, _points(params), rows=size.rows, columns=size.columns)
    frame = decode_frame(descriptor, found, header, index=index)
    facts = _facts(descriptor, found)
    spacing = spacing_of(facts, index=index)
    count = int(region.mask.sum())
    return {
        "channels": _channels(frame, header, index, region),
        "pixels": count,
        "area_mm2": None if spacing is None else count * spacing.row_mm * spacing.column_mm,
        "unit": _unit(facts) if frame.pixels.ndim == _GREY_DIMENSIONS else "",
    }


def _facts(descriptor: int, found: Survey) -> Dataset:
    return read_attributes(descriptor, found, tags=[Tag(keyword) for keyword in _FACTS])


def _points(params: Params) -> list[tuple[float, float]]:
    told = params.mapping("drawn").get("points")
    if not isinstance(told, list) or not _PAIR <= len(told) <= _MOST_POINTS:
        raise refused("drawn")
    points = []
    for each in told:
        if not isinstance(each, list) or len(each) != _PAIR:
            raise refused("drawn")
        points.append((float(each[0]), float(each[1])))
    return points


def _channels(
    frame: Frame, header: Dataset, index: int, region: Region
) -> list[dict[str, str | float | None]]:
    is_grey = frame.pixels.ndim == _GREY_DIMENSIONS and frame.photometric != "PALETTE COLOR"
    if is_grey:
        values = _cut(frame.pixels, region).astype(np.float64)
        return [_told(_GREY, to_modality(values, header, index))]
    coloured, _ = to_picture(frame, header, index=index)
    inside = _cut(coloured, region).astype(np.float64)
    return [_told(name, inside[:, number]) for number, name in enumerate(_COLOURS)]


def _cut(pixels: NDArray[Any], region: Region) -> NDArray[Any]:
    down, across = region.mask.shape
    part = pixels[region.top : region.top + down, region.left : region.left + across]
    inside: NDArray[Any] = part[region.mask]
    return inside


def _told(name: str, values: NDArray[np.float64]) -> dict[str, str | float | None]:
    """The numbers of one channel, none where no pixel lies inside or a value is no number."""
    if not values.size or not np.isfinite(values).all():
        return {"channel": name, "mean": None, "std": None, "min": None, "max": None}
    return {
        "channel": name,
        "mean": float(values.mean()),
        "std": float(values.std()),
        "min": float(values.min()),
        "max": float(values.max()),
    }


def _unit(facts: Dataset) -> str:
    """Rescale Type, which for CT means Hounsfield units where it is left out (PS3.3 C.8.2.1)."""
    said = (text(facts, "RescaleType") or "")[:_LONGEST_UNIT]
    if said:
        return "" if said == "US" else said
    return "HU" if text(facts, "Modality") == "CT" and "RescaleSlope" in facts else ""
