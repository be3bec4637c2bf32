"""What was measured on a mark, in the best unit that the picture supports."""

from collections.abc import Iterator, Mapping, Sequence
from math import pi
from types import MappingProxyType
from typing import Any, Final

from consult.annotations.model import (
    AREAS,
    Mark,
    Tool,
    angle_degrees,
    axes_px,
    disc_diameter_px,
    length_mm,
    length_px,
)
from imaging.fundus.fields import Code
from imaging.report_objects.head import OUR_SCHEME
from imaging.report_objects.model import Measurement
from imaging.spacing import Spacing

LENGTH: Final = Code("410668003", "SCT", "Length")
ANGLE: Final = Code("1483009", "SCT", "Angle")
AREA: Final = Code("42798000", "SCT", "Area")
MILLIMETRES: Final = Code("mm", "UCUM", "millimeter")
SQUARE_MILLIMETRES: Final = Code("mm2", "UCUM", "square millimeter")
DEGREES: Final = Code("deg", "UCUM", "degree")
PIXELS: Final = Code("{pixels}", "UCUM", "pixels")
DISC_DIAMETERS: Final = Code("{disc diameter}", "UCUM", "disc diameter")
DISC_AREAS: Final = Code("{disc area}", "UCUM", "disc area")
HOUNSFIELD: Final = Code("[hnsf'U]", "UCUM", "Hounsfield unit")
NO_UNIT: Final = Code("1", "UCUM", "no units")
_GREEN: Final = "green"
_STATISTICS: Final[Mapping[str, Code]] = MappingProxyType(
    {
        "mean": Code("373098007", "SCT", "Mean"),
        "std": Code("386136009", "SCT", "Standard Deviation"),
        "min": Code("255605001", "SCT", "Minimum"),
        "max": Code("56851009", "SCT", "Maximum"),
    }
)


def numbers_of(
    mark: Mark,
    marks: Sequence[Mark],
    *,
    spacing: Spacing | None,
    counted: Mapping[str, Any] | None,
) -> tuple[Measurement, ...]:
    """The numbers of a mark; `counted` is what the stored pixels in it are (decision 0222)."""
    if mark.tool is Tool.ANGLE:
        return (Measurement(ANGLE, angle_degrees(mark.points, spacing), DEGREES),)
    disc = _disc_beside(mark, marks)
    if mark.tool is Tool.LENGTH:
        return (_length(mark, disc, spacing),)
    if mark.tool in AREAS and counted is not None and counted["pixels"]:
        return (_area(counted, None if disc is mark else disc), *_statistics(counted))
    return ()


def _length(mark: Mark, disc: Mark | None, spacing: Spacing | None) -> Measurement:
    if spacing is not None:
        return Measurement(LENGTH, length_mm(mark.points, spacing), MILLIMETRES)
    length = length_px(mark.points)
    if disc is not None:
        return Measurement(LENGTH, length / disc_diameter_px(disc), DISC_DIAMETERS)
    return Measurement(LENGTH, length, PIXELS)


def _area(counted: Mapping[str, Any], disc: Mark | None) -> Measurement:
    if counted["area_mm2"] is not None:
        return Measurement(AREA, float(counted["area_mm2"]), SQUARE_MILLIMETRES)
    if disc is not None:
        one, other = axes_px(disc.points)
        return Measurement(AREA, counted["pixels"] / (pi * one * other / 4), DISC_AREAS)
    return Measurement(AREA, float(counted["pixels"]), PIXELS)


def _statistics(counted: Mapping[str, Any]) -> Iterator[Measurement]:
    """Of the grey values, or of the green ones of a colour picture, which the page shows too."""
    shown: Mapping[str, Any] = next(
        (each for each in counted["channels"] if each["channel"] in {"grey", _GREEN}), {}
    )
    unit = HOUNSFIELD if counted["unit"] == "HU" else NO_UNIT
    for key, name in _STATISTICS.items():
        if shown.get(key) is None:
            continue
        if shown["channel"] == _GREEN:
            yield Measurement(_of_green(key, name), float(shown[key]), NO_UNIT)
        else:
            yield Measurement(name, float(shown[key]), unit)


def _of_green(key: str, name: Code) -> Code:
    return Code(f"green.{key}", OUR_SCHEME, f"{name.meaning} of green")


def _disc_beside(mark: Mark, marks: Sequence[Mark]) -> Mark | None:
    """The optic disc of the same picture, the unit where there are no millimetres."""
    place = mark.image_id, mark.frame
    found = (each for each in marks if each.tool is Tool.DISC)
    return next(
        (
            each
            for each in found
            if (each.image_id, each.frame) == place and min(axes_px(each.points)) > 0
        ),
        None,
    )
