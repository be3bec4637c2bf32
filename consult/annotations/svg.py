r"""The marks of one frame as an SVG drawing, without the picture and in its own pixels.

One unit is one pixel of the picture, and 0\0 is the corner of its first pixel, as on the sheet
(PS3.3 C.18.6.1.1): laid over the picture in its full size every line stands where it was drawn. The
file is inert: shapes and words alone, nothing that runs and nothing that is fetched.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from math import atan2, cos, degrees, pi, sin
from typing import Final

from consult.annotations.frames import MarkedFrame, frame_json
from consult.annotations.model import ROUND, Lesions, Mark, Point, Tool, axes_px

MEDIA_TYPE: Final = "image/svg+xml"
_PLAIN_COLOUR: Final = "#ffd43b"
_STROKES_ACROSS: Final = 280
_NOT_XML: Final = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # XML 1.0, production 2
)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def svg_of(marked: MarkedFrame, lesions: Lesions) -> bytes:
    """UTF-8 bytes; the same marks and the same list of lesions give the same bytes.

    A mark is a group with its lesion, words and author as its title; `metadata` has the same as
    JSON (`frames.frame_json`), whose points are exact.
    """
    columns, rows = marked.columns, marked.rows
    width = max(columns, rows) / _STROKES_ACROSS
    look = (
        f'fill="none" stroke-width="{_number(width)}" stroke-linecap="round" '
        f'stroke-linejoin="round" font-family="sans-serif" font-size="{_number(5 * width)}"'
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} {rows}"',
        f'width="{columns}" height="{rows}" {look}>',
        f"<metadata>{escape(_data(marked))}</metadata>",
        *(_group(mark, marked, lesions, width) for mark in marked.marks),
        "</svg>\n",
    ]
    return (_HEAD + "\n".join(parts)).encode()


def _group(mark: Mark, marked: MarkedFrame, lesions: Lesions, width: float) -> str:
    lesion = lesions.by_code.get(mark.lesion or "")
    colour = _PLAIN_COLOUR if lesion is None else lesion.colour
    title = " · ".join(part for part in (mark.lesion, mark.label, marked.author_id) if part)
    short = "" if lesion is None else lesion.short
    said = " ".join(part for part in (short, mark.label.replace("\n", " ")) if part)
    shapes = "".join([*_shapes(mark, width), *_words(said, mark, colour, width)])
    return (
        f'<g id="{_text(mark.id)}" class="{mark.tool.value}" stroke="{colour}">'
        f"<title>{_text(title)}</title>{shapes}</g>"
    )


def _shapes(mark: Mark, width: float) -> Iterator[str]:
    points = mark.points
    if mark.tool is Tool.TEXT:
        return
    if mark.tool is Tool.POINT:
        (column, row) = points[0]
        yield f'<circle cx="{_number(column)}" cy="{_number(row)}" r="{_number(3 * width)}"/>'
    elif mark.tool in ROUND:
        yield f'<path d="{_ellipse(points)}"/>'
    elif mark.tool is Tool.RECTANGLE:
        (x1, y1), (x2, y2) = points
        yield _line("polygon", [(x1, y1), (x2, y1), (x2, y2), (x1, y2)])
    else:
        yield _line("polygon" if mark.tool is Tool.POLYGON else "polyline", points)
        if mark.tool is Tool.ARROW:
            yield _line("polyline", _head(points, 6 * width))


def _words(said: str, mark: Mark, colour: str, width: float) -> Iterator[str]:
    """Right of the rightmost point; the words of a text begin at its point."""
    if not said:
        return
    column, row = max(mark.points)
    beside = 0.0 if mark.tool is Tool.TEXT else 4 * width
    yield (
        f'<text x="{_number(column + beside)}" y="{_number(row)}" fill="{colour}" stroke="none">'
        f"{_text(said)}</text>"
    )


def _line(name: str, points: Sequence[Point]) -> str:
    steps = " ".join(f"{_number(column)},{_number(row)}" for column, row in points)
    return f'<{name} points="{steps}"/>'


def _ellipse(points: Sequence[Point]) -> str:
    """Two arcs between the ends of the first axis."""
    (x1, y1), (x2, y2), *_ = points
    one, other = (_number(axis / 2) for axis in axes_px(tuple(points)))
    arc = f"A{one} {other} {_number(degrees(atan2(y2 - y1, x2 - x1)))} 0 1"
    first, second = f"{_number(x1)} {_number(y1)}", f"{_number(x2)} {_number(y2)}"
    return f"M{first}{arc} {second}{arc} {first}Z"


def _head(points: Sequence[Point], size: float) -> Sequence[Point]:
    """The two short strokes at the head, which is the first point."""
    (x1, y1), (x2, y2) = points
    back, spread = atan2(y2 - y1, x2 - x1), pi / 7
    one, other = (
        (x1 + size * cos(back + turn), y1 + size * sin(back + turn)) for turn in (-spread, spread)
    )
    return one, (x1, y1), other


def _number(value: float) -> str:
    """The shortest text that reads back as the same double."""
    return repr(float(value)).removesuffix(".0")


def _data(marked: MarkedFrame) -> str:
    """The same as JSON; a letter that XML has not is written by its number."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", frame_json(marked).decode())


def _text(value: str) -> str:
    """As the text of an element or an attribute; letters that XML has not are left out."""
    return escape(_NOT_XML.sub("", value))
