"""Marks as lines over a copy of a picture, in its own pixels: the stored picture is untouched.

Figures are strokes as well: a document is set where no typeface of another size can be opened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, pi, sin
from types import MappingProxyType
from typing import Final

from consult.annotations.model import (
    ROUND,
    Lesions,
    Mark,
    Point,
    Tool,
    angle_degrees,
    axes_px,
    disc_diameter_px,
    length_mm,
    length_px,
)
from imaging.spacing import Spacing
from server.i18n import N_
from server.views.report_words import Speech

_PLAIN_COLOUR: Final = "#ffd43b"
_STROKES_ACROSS: Final = 280
_FIGURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "0": "AB BF FE EA",
        "1": "BF",
        "2": "AB BD DC CE EF",
        "3": "AB BF FE CD",
        "4": "AC CD BF",
        "5": "BA AC CD DF FE",
        "6": "BA AE EF FD DC",
        "7": "AB BF",
        "8": "AB BF FE EA CD",
        "9": "DC CA AB BF FE",
    }
)
_CORNERS: Final[Mapping[str, Point]] = MappingProxyType(
    {"A": (0, 0), "B": (1, 0), "C": (0, 1), "D": (1, 1), "E": (0, 2), "F": (1, 2)}
)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line of an SVG drawing."""

    path: str
    colour: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn over a picture of this size, how broad, and what the figures mean."""

    columns: int
    rows: int
    width: str
    halo: str
    strokes: Sequence[Stroke]
    legend: Sequence[str]


def overlay_of(
    speech: Speech,
    marks: Sequence[Mark],
    *,
    size: tuple[int, int],
    spacing: Spacing | None,
    lesions: Lesions,
) -> Overlay:
    """The marks of one frame, numbered: what means the same has one number."""
    width = max(size) / _STROKES_ACROSS
    strokes: list[Stroke] = []
    counts: dict[str, int] = {}
    for mark in marks:
        colour = _colour(mark, lesions)
        strokes += [Stroke(path, colour) for path in _paths(mark, width)]
        said = _text(speech, mark, lesions), measure_text(speech, mark, marks, spacing)
        text = " ".join(part for part in said if part)
        if not text:
            continue
        counts[text] = counts.get(text, 0) + 1
        number = list(counts).index(text) + 1
        strokes.append(Stroke(_figure(str(number), _beside(mark, width, size), 3 * width), colour))
    legend = [
        f"{number} {text}" + (f" ×{count}" if count > 1 else "")
        for number, (text, count) in enumerate(counts.items(), 1)
    ]
    return Overlay(size[0], size[1], f"{width:.2f}", f"{2.2 * width:.2f}", strokes, legend)


def measure_text(speech: Speech, mark: Mark, marks: Sequence[Mark], spacing: Spacing | None) -> str:
    """A length in millimetres where the file supports them, else in disc diameters or pixels."""
    if mark.tool is Tool.ANGLE:
        return f"{angle_degrees(mark.points, spacing):.1f}°"
    if mark.tool is not Tool.LENGTH:
        return ""
    if spacing is not None:
        return f"{length_mm(mark.points, spacing):.1f} mm"
    disc = next((each for each in marks if _is_disc_beside(each, mark)), None)
    if disc is not None and disc_diameter_px(disc) > 0:
        return f"{length_px(mark.points) / disc_diameter_px(disc):.2f} DD"
    return speech.say(N_("{n} pixels")).format(n=f"{length_px(mark.points):.1f}")


def _is_disc_beside(disc: Mark, mark: Mark) -> bool:
    is_same = (disc.image_id, disc.frame) == (mark.image_id, mark.frame)
    return disc.tool is Tool.DISC and is_same


def _text(speech: Speech, mark: Mark, lesions: Lesions) -> str:
    lesion = lesions.by_code.get(mark.lesion or "")
    named = "" if lesion is None else lesion.words.said_in(speech.tongue)
    if mark.tool is Tool.DISC and not named:
        named = speech.say(N_("Optic disc"))
    return f"{named} {mark.label.replace(chr(10), ' ')}".strip()


def _colour(mark: Mark, lesions: Lesions) -> str:
    lesion = lesions.by_code.get(mark.lesion or "")
    return _PLAIN_COLOUR if lesion is None else lesion.colour


def _paths(mark: Mark, width: float) -> Iterator[str]:
    points = mark.points
    if mark.tool is Tool.TEXT:
        return
    if mark.tool is Tool.POINT:
        yield _ring(points[0], 3 * width)
    elif mark.tool in ROUND:
        yield _ellipse(points)
    elif mark.tool is Tool.RECTANGLE:
        (x1, y1), (x2, y2) = points
        yield _line([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], is_closed=True)
    else:
        yield _line(points, is_closed=mark.tool is Tool.POLYGON)
        if mark.tool is Tool.ARROW:
            yield _head(points, 6 * width)


def _line(points: Sequence[Point], *, is_closed: bool = False) -> str:
    steps = " L".join(f"{column:.2f} {row:.2f}" for column, row in points)
    return f"M{steps}" + ("Z" if is_closed else "")


def _ring(centre: Point, radius: float) -> str:
    column, row = centre
    return _ellipse(
        (
            (column - radius, row),
            (column + radius, row),
            (column, row - radius),
            (column, row + radius),
        )
    )


def _ellipse(points: Sequence[Point]) -> str:
    (x1, y1), (x2, y2), *_ = points
    major, minor = (axis / 2 for axis in axes_px(tuple(points)))
    turned = degrees(atan2(y2 - y1, x2 - x1))
    arc = f"A{major:.2f} {minor:.2f} {turned:.2f} 1 0"
    return f"M{x1:.2f} {y1:.2f} {arc} {x2:.2f} {y2:.2f} {arc} {x1:.2f} {y1:.2f}"


def _head(points: Sequence[Point], size: float) -> str:
    """The two short strokes at the head, which is the first point."""
    (x1, y1), (x2, y2) = points
    back, spread = atan2(y2 - y1, x2 - x1), pi / 7
    ends = [
        (x1 + size * cos(back + turn), y1 + size * sin(back + turn)) for turn in (-spread, spread)
    ]
    return _line([ends[0], (x1, y1), ends[1]])


def _beside(mark: Mark, width: float, size: tuple[int, int]) -> Point:
    """Where the number stands: right of the mark's rightmost point, inside the picture."""
    column, row = max(mark.points)
    room = 10 * width
    return min(column + 3 * width, size[0] - room), min(max(row - 3 * width, width), size[1] - room)


def _figure(text: str, at: Point, height: float) -> str:
    """The digits of a number from strokes between six corners, two high and one wide."""
    unit = height / 2
    parts = []
    for place, digit in enumerate(text):
        left = at[0] + place * unit * 1.6
        for stroke in _FIGURES[digit].split():
            corners = [_CORNERS[name] for name in stroke]
            parts.append(_line([(left + x * unit, at[1] + y * unit) for x, y in corners]))
    return "".join(parts)
