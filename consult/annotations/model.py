r"""What a reader draws on the pictures of a case: one current sheet each, in image pixels (VW-05).

A point is (column, row); 0\0 is the top left corner of the top left pixel and Columns\Rows the
bottom right corner of the last one (PS3.3 C.18.6.1.1), so that a pixel's centre lies at a half.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import atan2, degrees, dist, hypot
from types import MappingProxyType
from typing import Final

from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, PractitionerId
from consult.kernel.words import Words
from imaging.spacing import Spacing

MOST_MARKS: Final = 500
MOST_KEY_IMAGES: Final = 12
LONGEST_LABEL: Final = 200
MARK_ID_LENGTH: Final = 26
NO_REVISION: Final = 0
"""The revision of a sheet on which nothing was saved yet."""

Point = tuple[float, float]
"""Column and row, in pixels."""


class Tool(enum.StrEnum):
    """With what a mark is drawn."""

    POINT = "point"
    ARROW = "arrow"
    LENGTH = "length"
    ANGLE = "angle"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    FREEHAND = "freehand"
    TEXT = "text"
    DISC = "disc"


POINTS_OF: Final[Mapping[Tool, tuple[int, int]]] = MappingProxyType(
    {
        Tool.POINT: (1, 1),
        Tool.ARROW: (2, 2),
        Tool.LENGTH: (2, 2),
        Tool.ANGLE: (3, 3),
        Tool.RECTANGLE: (2, 2),
        Tool.ELLIPSE: (4, 4),
        Tool.POLYGON: (3, 500),
        Tool.FREEHAND: (2, 5000),
        Tool.TEXT: (1, 1),
        Tool.DISC: (4, 4),
    }
)
"""How many points each tool sets, the fewest and the most."""

AREAS: Final = frozenset({Tool.RECTANGLE, Tool.ELLIPSE, Tool.POLYGON, Tool.DISC})
"""What encloses pixels."""

ROUND: Final = frozenset({Tool.ELLIPSE, Tool.DISC})


@dataclass(frozen=True, slots=True)
class Lesion:
    """One lesion of config/lesions.toml: what it is called, its colour and its single key.

    `short` are the letters that stand beside a mark, since colour alone tells nobody;
    `snomed` is its SNOMED CT code where a public source names one.
    """

    code: str
    words: Words
    short: str
    colour: str
    key: str
    snomed: str | None


@dataclass(frozen=True, slots=True)
class Lesions:
    """The versioned list of lesions."""

    name: str
    version: str
    by_code: Mapping[str, Lesion]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture of the case on which may be drawn, and whose eye it shows."""

    image_id: str
    columns: int
    rows: int
    frames: int
    eye: Eye | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark; `lesion` is a code of the list, `eye` what the house knew of the picture."""

    id: str
    tool: Tool
    image_id: str
    frame: int
    points: tuple[Point, ...] = field(repr=False)
    label: str = field(repr=False)
    lesion: str | None
    eye: Eye | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands on a sheet: the marks, and the pictures chosen for the report (关键图)."""

    marks: tuple[Mark, ...] = ()
    key_images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One reader's current sheet; `content` are its exact bytes, whose hash is `sha256`."""

    case_id: CaseId
    reader_id: PractitionerId
    revision: int
    saved_at: datetime | None
    sha256: str
    content: bytes = field(repr=False)
    drawing: Drawing = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revision:
    """One saving of a sheet."""

    number: int
    saved_at: datetime


def length_px(points: tuple[Point, ...]) -> float:
    """The way along these points."""
    return sum(dist(one, other) for one, other in pairwise(points))


def length_mm(points: tuple[Point, ...], spacing: Spacing) -> float:
    """The same in the patient; only where the file supports it is there a spacing."""
    return sum(
        hypot((x2 - x1) * spacing.column_mm, (y2 - y1) * spacing.row_mm)
        for (x1, y1), (x2, y2) in pairwise(points)
    )


def angle_degrees(points: tuple[Point, ...], spacing: Spacing | None = None) -> float:
    """The angle at the middle one of three points, from 0 to 180.

    It is the patient's where the file says how large a pixel is, for pixels need not be square.
    """
    wide, high = (1.0, 1.0) if spacing is None else (spacing.column_mm, spacing.row_mm)
    (x1, y1), (x0, y0), (x2, y2) = [(column * wide, row * high) for column, row in points]
    turned = atan2(y2 - y0, x2 - x0) - atan2(y1 - y0, x1 - x0)
    whole = abs(degrees(turned)) % 360
    return min(whole, 360 - whole)


def axes_px(points: tuple[Point, ...]) -> tuple[float, float]:
    """The two axes of an ellipse that is given by the ends of both (PS3.3 C.18.6.1.2)."""
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    return hypot(x2 - x1, y2 - y1), hypot(x4 - x3, y4 - y3)


def disc_diameter_px(disc: Mark) -> float:
    """The unit in which a fundus is measured without millimetres: the mean of the disc's axes."""
    return sum(axes_px(disc.points)) / 2
