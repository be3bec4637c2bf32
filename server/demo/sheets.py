"""What the expert draws on the photographs of a planned case."""

from collections.abc import Iterator

from consult.annotations.model import Tool
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.rules import RuleTable
from server.demo.case_model import MarkPlan, PlacePlan, SheetPlan

_PAIR = 2


def plan_sheet(row: RuleTable) -> SheetPlan | None:
    """The marks and key images of one case; None where its table has neither."""
    marks = tuple(_mark(each) for each in row.tables("marks"))
    chosen = tuple(_chosen(each) for each in row.tables("key_images"))
    return SheetPlan(marks, chosen) if marks or chosen else None


def place_of(table: RuleTable) -> PlacePlan:
    """The photograph that a table means by eye and field."""
    return PlacePlan(table.code("eye", Eye), table.code("field", FieldCode))


def _chosen(table: RuleTable) -> PlacePlan:
    table.only("eye", "field")
    return place_of(table)


def _mark(table: RuleTable) -> MarkPlan:
    table.only("tool", "eye", "field", "points", "lesion", "label")
    return MarkPlan(
        tool=table.code("tool", Tool),
        place=place_of(table),
        points=tuple(_points(table)),
        lesion=table.text_or_none("lesion"),
        label=table.text_or_none("label") or "",
    )


def _points(table: RuleTable) -> Iterator[tuple[float, float]]:
    values = table.values.get("points")
    if not isinstance(values, list):
        raise table.wrong("points", "must be a list of points")
    for value in values:
        is_pair = isinstance(value, list) and len(value) == _PAIR
        if not is_pair or not all(isinstance(each, float) and 0 <= each <= 1 for each in value):
            raise table.wrong("points", "must be pairs of shares of the picture, 0.0 to 1.0")
        yield value[0], value[1]
