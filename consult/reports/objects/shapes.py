"""Marks as DICOM draws them: the same points, in the graphics that it has (PS3.3 C.18.6)."""

from collections.abc import Mapping
from math import atan2, cos, pi, sin
from types import MappingProxyType
from typing import Final

from consult.annotations.model import ROUND, Mark, Point, Tool, axes_px

POINT: Final = "POINT"
POLYLINE: Final = "POLYLINE"
ELLIPSE: Final = "ELLIPSE"
_HEADS_ACROSS: Final = 46
_TRACKED_AS: Final[Mapping[Tool, str]] = MappingProxyType(
    {
        Tool.POINT: "Probe",
        Tool.ARROW: "ArrowAnnotate",
        Tool.LENGTH: "Length",
        Tool.ANGLE: "Angle",
        Tool.RECTANGLE: "RectangleROI",
        Tool.ELLIPSE: "EllipticalROI",
        Tool.POLYGON: "PlanarFreehandROI",
        Tool.FREEHAND: "PlanarFreehandROI",
        Tool.TEXT: "ArrowAnnotate",
        Tool.DISC: "EllipticalROI",
    }
)
"""By which name viewers that are built on Cornerstone3D know such a shape (decision 0238)."""


def tracking_id(mark: Mark, number: int) -> str:
    """The label of a mark in a structured report: what it is, and which of them (TID 1501).

    Those viewers count pixels in an ellipse wrongly where it is wider than high: it is told by a
    name of our own, at which they show the numbers that were signed and count none.
    """
    if mark.tool in ROUND and not _is_upright(shape_of(mark)[1]):
        return f"Lianzhen:{mark.tool.value}:{number}"
    return f"Cornerstone3DTools@^0.1.0:{_TRACKED_AS[mark.tool]}:{number}"


def told_shape(mark: Mark) -> tuple[str, tuple[Point, ...]]:
    """The graphic in a structured report: an angle is told as two lines that meet, as others do."""
    graphic_type, points = shape_of(mark)
    if mark.tool is Tool.ANGLE:
        one, corner, other = points
        return graphic_type, (one, corner, corner, other)
    return graphic_type, points


def shape_of(mark: Mark) -> tuple[str, tuple[Point, ...]]:
    """The kind of graphic, and its points; what encloses pixels is closed."""
    if mark.tool in {Tool.POINT, Tool.TEXT}:
        return POINT, mark.points
    if mark.tool in ROUND:
        return ELLIPSE, _long_axis_first(mark.points)
    if mark.tool is Tool.RECTANGLE:
        (x1, y1), (x2, y2) = mark.points
        return POLYLINE, ((x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1))
    if mark.tool is Tool.POLYGON:
        return POLYLINE, (*mark.points, mark.points[0])
    return POLYLINE, mark.points


def head_of(mark: Mark, *, size: tuple[int, int]) -> tuple[Point, ...]:
    """The two short strokes at the head of an arrow, which is its first point, in the picture."""
    (x1, y1), (x2, y2) = mark.points
    back, spread, length = atan2(y2 - y1, x2 - x1), pi / 7, max(size) / _HEADS_ACROSS
    one, other = (
        (
            min(max(x1 + length * cos(back + turn), 0.0), float(size[0])),
            min(max(y1 + length * sin(back + turn), 0.0), float(size[1])),
        )
        for turn in (-spread, spread)
    )
    return one, (x1, y1), other


def _long_axis_first(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """An ellipse is told by the ends of its major axis and then of its minor one.

    Of two axes that are alike the upright one is told first.
    """
    one, other = axes_px(points)
    if one == other:
        return points if _is_upright(points) else (*points[2:], *points[:2])
    return points if one > other else (*points[2:], *points[:2])


def _is_upright(points: tuple[Point, ...]) -> bool:
    """Whether the first axis goes more down than across."""
    (x1, y1), (x2, y2) = points[:2]
    return abs(y2 - y1) > abs(x2 - x1)
