"""Marks on the pictures of a case, for tests: through the service."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from consult.annotations.lesions import parse_lesions
from consult.annotations.model import Lesions
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.kernel.work import Actor
from consult.reports import service_marks
from consult.reports.seal import Seal
from consult.reports.service_marks import Sheets
from consult.reports.versions import Report
from tests.makers.consortium import Consortium
from tests.makers.reports import make_read_case, prepare, show, sign
from tests.makers.rulebooks import read_config

POINTS: dict[str, list[list[float]]] = {
    "point": [[100.5, 200.25]],
    "arrow": [[300, 300], [400.125, 350]],
    "length": [[10, 10], [310, 410]],
    "angle": [[0, 0], [500, 500], [1000, 0]],
    "rectangle": [[100, 100], [240.5, 180.75]],
    "ellipse": [[400, 500], [600, 500], [500, 450], [500, 550]],
    "polygon": [[10, 20], [200.1, 30.3], [150, 220], [20, 120]],
    "freehand": [[float(step), step * 0.1 + 0.2] for step in range(60)],
    "text": [[700, 700]],
    "disc": [[1000, 600], [1200, 600], [1100, 490], [1100, 710]],
}
"""One drawing of each tool, inside a picture of 1600 by 1200 pixels."""


@cache
def lesions() -> Lesions:
    """The list of config/."""
    return parse_lesions(read_config("lesions.toml"))


def mark(image_id: str, tool: str = "rectangle", *, number: int = 1, **changes: Any) -> Any:
    """One mark as a browser sends it."""
    told = {
        "id": f"01J{number:023d}",
        "tool": tool,
        "image_id": image_id,
        "frame": 1,
        "points": POINTS[tool],
        "label": "",
        "lesion": None,
        "eye": None,
    }
    return {**told, **changes}


def every_tool(image_id: str) -> list[Any]:
    """A mark of each tool."""
    return [mark(image_id, tool, number=number) for number, tool in enumerate(POINTS)]


def pictures(world: Consortium, case: Case, *, by: Actor) -> list[CaseImage]:
    """The pictures of the case."""
    return world.clinic.do(by, images.list_case_images, case_id=case.id)


def draw(
    world: Consortium,
    case: Case,
    *,
    by: Actor,
    marks: Sequence[Any] = (),
    key_images: Sequence[str] = (),
    revision: int = 0,
) -> Sheets:
    """Save a whole sheet."""
    return world.clinic.do(
        by,
        service_marks.save_marks,
        case_id=case.id,
        revision=revision,
        told={"marks": list(marks), "key_images": list(key_images)},
        lesions=lesions(),
    )


def make_marked(world: Consortium, *, seal: Seal, **changes: Any) -> Report:
    """A signed report that rests on marks, with one key image."""
    case, by = make_read_case(world, **changes), world.expert
    prepare(world, case, by=by)
    image_id = pictures(world, case, by=by)[0].id
    draw(world, case, by=by, marks=every_tool(image_id), key_images=[image_id])
    return sign(world, case, by=by, shown=show(world, case, by=by), seal=seal)
