"""One frame with the marks on it, as it leaves the house: as JSON, or as a drawing (svg.py)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from consult.annotations.content import mark_as_json
from consult.annotations.model import Canvas, Drawing, Mark
from consult.kernel.ids import PractitionerId

SCHEMA: Final = "lianzhen.marks/1"


@dataclass(frozen=True, slots=True)
class MarkedFrame:
    """What one reader drew on one frame of a picture of this size, counted from 1."""

    image_id: str
    frame: int
    columns: int
    rows: int
    author_id: PractitionerId
    marks: tuple[Mark, ...]


def frames_of(
    drawing: Drawing, canvases: Mapping[str, Canvas], *, author_id: PractitionerId
) -> list[MarkedFrame]:
    """Every frame that has marks, in the order of the pictures; others' pictures are left out."""
    found: dict[tuple[str, int], list[Mark]] = {}
    for mark in drawing.marks:
        found.setdefault((mark.image_id, mark.frame), []).append(mark)
    return [
        MarkedFrame(image_id, frame, canvas.columns, canvas.rows, author_id, tuple(marks))
        for image_id, canvas in canvases.items()
        for (of_image, frame), marks in sorted(found.items(), key=lambda each: each[0])
        if of_image == image_id
    ]


def frame_json(marked: MarkedFrame) -> bytes:
    """UTF-8 JSON without blanks; points are columns and rows as on the sheet."""
    told = {
        "schema": SCHEMA,
        "image_id": marked.image_id,
        "frame": marked.frame,
        "columns": marked.columns,
        "rows": marked.rows,
        "author_id": marked.author_id,
        "marks": [mark_as_json(mark) for mark in marked.marks],
    }
    text = json.dumps(
        told, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    return text.encode()
