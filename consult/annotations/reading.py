"""Marks as they come in, into marks that cannot be wrong; every problem names its field."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from consult.annotations.model import (
    LONGEST_LABEL,
    MARK_ID_LENGTH,
    MOST_KEY_IMAGES,
    MOST_MARKS,
    POINTS_OF,
    Canvas,
    Drawing,
    Lesions,
    Mark,
    Point,
    Tool,
    axes_px,
)
from consult.kernel.errors import Fact, FieldProblem, FormRefusedError

_ID: Final = re.compile(rf"[0-9A-Za-z]{{{MARK_ID_LENGTH}}}")
_FIELDS: Final = frozenset({"id", "tool", "image_id", "frame", "points", "label", "lesion", "eye"})
_MOST_PROBLEMS: Final = 20
_PAIR: Final = 2
_FORBIDDEN: Final = frozenset({"Cc", "Cs", "Co"})
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Given:
    """Where may be drawn, and what may be named."""

    canvases: Mapping[str, Canvas]
    lesions: Lesions


@dataclass(slots=True)
class _Problems:
    """What is wrong, the first twenty of it."""

    found: list[FieldProblem] = field(default_factory=list)

    def note(self, name: str, code: str, **facts: Fact) -> None:
        if len(self.found) < _MOST_PROBLEMS:
            self.found.append(FieldProblem(name, code, facts))


def parse_drawing(marks: object, key_images: object, *, given: Given) -> Drawing:
    """The whole sheet, or FormRefusedError with every field that is wrong."""
    problems = _Problems()
    read = _read_marks(marks, given, problems)
    chosen = _read_key_images(key_images, given, problems)
    _check_together(read, problems)
    if problems.found:
        raise FormRefusedError(problems.found)
    return Drawing(tuple(mark for _, mark in read), chosen)


def parse_region(told: Mapping[str, object], *, given: Given) -> Mark:
    """One shape whose pixels are asked for; raises FormRefusedError."""
    problems = _Problems()
    mark = _read_mark({**told, "id": "0" * MARK_ID_LENGTH}, "", given, problems)
    if mark is None or problems.found:
        raise FormRefusedError(problems.found)
    return mark


def _read_marks(told: object, given: Given, problems: _Problems) -> list[tuple[int, Mark]]:
    if not isinstance(told, list):
        problems.note("marks", "field-malformed")
        return []
    if len(told) > MOST_MARKS:
        problems.note("marks", "too-many", most=MOST_MARKS)
        return []
    found = []
    for number, each in enumerate(told):
        place = f"marks.{number}"
        if not isinstance(each, Mapping):
            problems.note(place, "field-malformed")
            continue
        for key in each.keys() - _FIELDS:
            problems.note(f"{place}.{str(key)[:40]}", "field-unknown")
        mark = _read_mark(each, f"{place}.", given, problems)
        if mark is not None:
            found.append((number, mark))
    return found


def _read_mark(
    told: Mapping[str, object], place: str, given: Given, problems: _Problems
) -> Mark | None:
    before = len(problems.found)
    canvas = _canvas(told, place, given, problems)
    tool = _tool(told, place, problems)
    points = _points(told, place, (tool, canvas), problems)
    frame = told.get("frame")
    is_whole = isinstance(frame, int) and not isinstance(frame, bool)
    if not is_whole or (canvas is not None and not 1 <= int(str(frame)) <= canvas.frames):
        problems.note(f"{place}frame", "mark-frame", most=1 if canvas is None else canvas.frames)
    mark_id, label, lesion = told.get("id"), told.get("label", ""), told.get("lesion")
    if not isinstance(mark_id, str) or _ID.fullmatch(mark_id) is None:
        problems.note(f"{place}id", "field-malformed")
    if not isinstance(label, str) or not _is_readable(label):
        problems.note(f"{place}label", "field-malformed")
    elif len(label) > LONGEST_LABEL:
        problems.note(f"{place}label", "field-too-long", limit=LONGEST_LABEL)
    if lesion is not None and lesion not in given.lesions.by_code:
        problems.note(f"{place}lesion", "mark-lesion")
    if len(problems.found) > before or canvas is None or tool is None:
        return None
    return Mark(
        id=str(mark_id),
        tool=tool,
        image_id=canvas.image_id,
        frame=int(str(frame)),
        points=points,
        label=unicodedata.normalize("NFC", str(label)),
        lesion=None if lesion is None else str(lesion),
        eye=canvas.eye,
    )


def _canvas(
    told: Mapping[str, object], place: str, given: Given, problems: _Problems
) -> Canvas | None:
    image_id = told.get("image_id")
    canvas = given.canvases.get(image_id) if isinstance(image_id, str) else None
    if canvas is None:
        problems.note(f"{place}image_id", "mark-image")
    return canvas


def _tool(told: Mapping[str, object], place: str, problems: _Problems) -> Tool | None:
    value = told.get("tool")
    if isinstance(value, str) and value in set(Tool):
        return Tool(value)
    problems.note(f"{place}tool", "field-not-a-choice")
    return None


def _points(
    told: Mapping[str, object],
    place: str,
    on: tuple[Tool | None, Canvas | None],
    problems: _Problems,
) -> tuple[Point, ...]:
    name, values, (tool, canvas) = f"{place}points", told.get("points"), on
    if not isinstance(values, list):
        problems.note(name, "field-malformed")
        return ()
    if tool is None or canvas is None:
        return ()
    fewest, most = POINTS_OF[tool]
    if not fewest <= len(values) <= most:
        problems.note(name, "mark-points", fewest=fewest, most=most)
        return ()
    points = tuple(_each_point(values, canvas))
    if len(points) != len(values):
        problems.note(name, "mark-outside", columns=canvas.columns, rows=canvas.rows)
    elif _is_without_extent(tool, points):
        problems.note(name, "mark-without-extent")
    return points


def _is_without_extent(tool: Tool, points: tuple[Point, ...]) -> bool:
    if tool in {Tool.ELLIPSE, Tool.DISC}:
        return min(axes_px(points)) == 0
    return tool not in {Tool.POINT, Tool.TEXT} and len(set(points)) == 1


def _each_point(values: Sequence[object], canvas: Canvas) -> Iterator[Point]:
    """The points that are two finite numbers inside the picture, its edges included."""
    for value in values:
        if not isinstance(value, list) or len(value) != _PAIR:
            continue
        column, row = value
        if _lies(column, canvas.columns) and _lies(row, canvas.rows):
            yield float(column) + 0.0, float(row) + 0.0  # no negative zero


def _lies(value: object, most: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (
        isfinite(value) and 0 <= value <= most if isinstance(value, float) else 0 <= value <= most
    )


def _read_key_images(told: object, given: Given, problems: _Problems) -> tuple[str, ...]:
    if not isinstance(told, list):
        problems.note("key_images", "field-malformed")
        return ()
    if len(told) > MOST_KEY_IMAGES:
        problems.note("key_images", "too-many", most=MOST_KEY_IMAGES)
        return ()
    for number, each in enumerate(told):
        if not isinstance(each, str) or each not in given.canvases:
            problems.note(f"key_images.{number}", "mark-image")
        elif each in told[:number]:
            problems.note(f"key_images.{number}", "mark-twice")
    return tuple(str(each) for each in told)


def _check_together(read: Sequence[tuple[int, Mark]], problems: _Problems) -> None:
    """No two marks of one name, and one optic disc a picture."""
    names: set[str] = set()
    discs: set[tuple[str, int]] = set()
    for number, mark in read:
        if mark.id in names:
            problems.note(f"marks.{number}.id", "mark-twice")
        names.add(mark.id)
        if mark.tool is not Tool.DISC:
            continue
        if (mark.image_id, mark.frame) in discs:
            problems.note(f"marks.{number}.tool", "mark-second-disc")
        discs.add((mark.image_id, mark.frame))


def _is_readable(label: str) -> bool:
    return not any(
        letter in _BIDI or (unicodedata.category(letter) in _FORBIDDEN and letter != "\n")
        for letter in label
    )
