"""Marks as DICOM draws them: the same points, in the graphics that it has (PS3.3 C.18.6)."""

from math import atan2, cos, pi, sin
from typing import Final

from consult.annotations.model import ROUND, Mark, Point, Tool, axes_px

POINT: Final = "POINT"
POLYLINE: Final = "POLYLINE"
ELLIPSE: Final = "ELLIPSE"
_HEADS_ACROSS: Final = 46


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
    """An ellipse is told by the ends of its major axis and then of its minor one."""
    one, other = axes_px(points)
    return points if one >= other else (*points[2:], *points[:2])
