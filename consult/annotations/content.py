"""A sheet as the bytes that are stored and hashed, and back.

Numbers are written as the shortest text that reads back as the same double, so that a browser
draws after a reload what it drew before.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from consult.annotations.model import Drawing, Mark, Tool
from consult.kernel.eyes import Eye


def content_of(drawing: Drawing) -> bytes:
    """UTF-8 JSON without blanks, keys in order."""
    told = {
        "marks": [mark_as_json(mark) for mark in drawing.marks],
        "key_images": list(drawing.key_images),
    }
    text = json.dumps(
        told, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    return text.encode()


def hash_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(content).hexdigest()


def drawing_of(content: bytes) -> Drawing:
    """What stands on a stored sheet."""
    told = json.loads(content)
    return Drawing(
        marks=tuple(_mark_of(each) for each in told["marks"]),
        key_images=tuple(told["key_images"]),
    )


def mark_as_json(mark: Mark) -> dict[str, object]:
    """A mark as the browser has it."""
    return {
        "id": mark.id,
        "tool": mark.tool.value,
        "image_id": mark.image_id,
        "frame": mark.frame,
        "points": [list(point) for point in mark.points],
        "label": mark.label,
        "lesion": mark.lesion,
        "eye": None if mark.eye is None else mark.eye.value,
    }


def _mark_of(told: Mapping[str, Any]) -> Mark:
    return Mark(
        id=told["id"],
        tool=Tool(told["tool"]),
        image_id=told["image_id"],
        frame=told["frame"],
        points=tuple((float(column), float(row)) for column, row in told["points"]),
        label=told["label"],
        lesion=told["lesion"],
        eye=None if told["eye"] is None else Eye(told["eye"]),
    )
