"""Marks as they come in: what is sound comes back the same, everything else names its field."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.annotations.content import content_of, drawing_of, mark_as_json
from consult.annotations.lesions import parse_lesions
from consult.annotations.model import (
    POINTS_OF,
    Canvas,
    Drawing,
    Tool,
    angle_degrees,
    axes_px,
    disc_diameter_px,
    length_px,
)
from consult.annotations.reading import Given, parse_drawing
from consult.kernel.errors import FormRefusedError
from consult.kernel.eyes import Eye
from consult.kernel.rules import MalformedRulesError
from imaging.spacing import Spacing
from tests.makers.lesions import CODES
from tests.makers.marks import POINTS, every_tool, lesions, mark
from tests.makers.reports import problems_of
from tests.makers.rulebooks import read_config

COLUMNS, ROWS = 1600, 1200
GIVEN = Given(
    {
        "a" * 32: Canvas("a" * 32, COLUMNS, ROWS, 1, Eye.RIGHT),
        "b" * 32: Canvas("b" * 32, COLUMNS, ROWS, 30, None),
    },
    lesions(),
)
IMAGE = "a" * 32
_inside = st.tuples(st.floats(0, COLUMNS), st.floats(0, ROWS))


def read(marks: Any, key_images: Any = ()) -> Drawing:
    return parse_drawing(marks, list(key_images), given=GIVEN)


@st.composite
def drawn(draw: st.DrawFn) -> Any:
    """A sound mark of any tool."""
    tool = draw(st.sampled_from(list(Tool)))
    fewest, most = POINTS_OF[tool]
    points = draw(st.lists(_inside, min_size=fewest, max_size=min(most, fewest + 9), unique=True))
    return mark(IMAGE, tool.value, points=[list(point) for point in points])


@settings(max_examples=80, deadline=None)
@given(drawn())
def test_what_was_drawn_comes_back_as_the_very_same_numbers(told: Any) -> None:
    drawing = read([json.loads(json.dumps(told))])

    (back,) = drawing_of(content_of(drawing)).marks
    assert mark_as_json(back)["points"] == told["points"]
    assert (back.tool, back.eye) == (told["tool"], Eye.RIGHT)
    assert content_of(drawing_of(content_of(drawing))) == content_of(drawing)


@settings(max_examples=60, deadline=None)
@given(drawn(), st.data())
def test_one_bad_number_anywhere_is_refused_by_its_field(told: Any, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(told["points"]) - 1))
    axis = data.draw(st.integers(0, 1))
    bad = st.sampled_from(
        [math.nan, math.inf, -math.inf, -0.001, COLUMNS + 0.001, 10**400, "7", None, True, [1]]
    )
    told["points"][place][axis] = data.draw(bad)

    with pytest.raises(FormRefusedError) as refusal:
        read([mark(IMAGE), told])
    assert problems_of(refusal)["marks.1.points"] == "mark-outside"


def test_every_tool_is_taken_with_its_points_and_no_others() -> None:
    assert [each.tool for each in read(every_tool(IMAGE)).marks] == list(Tool)
    for tool, (fewest, most) in POINTS_OF.items():
        for count in {fewest - 1, most + 1}:
            points = [[step % COLUMNS, step % ROWS] for step in range(count)]
            with pytest.raises(FormRefusedError) as refusal:
                read([mark(IMAGE, tool.value, points=points)])
            assert problems_of(refusal) == {"marks.0.points": "mark-points"}


def test_the_edges_of_the_picture_are_inside_it() -> None:
    corner = [[0, 0], [COLUMNS, ROWS]]
    assert read([mark(IMAGE, "length", points=corner)]).marks[0].points == ((0, 0), (1600, 1200))
    assert content_of(read([mark(IMAGE, "point", points=[[-0.0, 0]])])).count(b"-") == 0


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"image_id": "c" * 32}, "image_id", "mark-image"),
        ({"image_id": "1.2.840.113619.2.1"}, "image_id", "mark-image"),
        ({"image_id": None}, "image_id", "mark-image"),
        ({"frame": 2}, "frame", "mark-frame"),
        ({"frame": 0}, "frame", "mark-frame"),
        ({"frame": 1.0}, "frame", "mark-frame"),
        ({"frame": True}, "frame", "mark-frame"),
        ({"tool": "scissors"}, "tool", "field-not-a-choice"),
        ({"tool": ["point"]}, "tool", "field-not-a-choice"),
        ({"points": "0,0"}, "points", "field-malformed"),
        ({"points": [[0, 0]] * 100_000}, "points", "mark-points"),
        ({"points": [[5, 5], [5, 5]]}, "points", "mark-without-extent"),
        (
            {"tool": "disc", "points": [[2, 5], [8, 5], [5, 5], [5, 5]]},
            "points",
            "mark-without-extent",
        ),
        ({"lesion": "wart"}, "lesion", "mark-lesion"),
        ({"lesion": 7}, "lesion", "mark-lesion"),
        ({"label": "x" * 201}, "label", "field-too-long"),
        ({"label": "a\u202eb"}, "label", "field-malformed"),
        ({"label": 5}, "label", "field-malformed"),
        ({"id": "short"}, "id", "field-malformed"),
        ({"id": "../" * 8 + "aa"}, "id", "field-malformed"),
        ({"sop_instance_uid": "1.2.3"}, "sop_instance_uid", "field-unknown"),
    ],
)
def test_whatever_is_wrong_names_its_field(changes: Any, field: str, code: str) -> None:
    with pytest.raises(FormRefusedError) as refusal:
        read([mark(IMAGE), {**mark(IMAGE, number=2), **changes}])
    assert problems_of(refusal) == {f"marks.1.{field}": code}


def test_a_sheet_is_bounded_and_says_nothing_twice() -> None:
    with pytest.raises(FormRefusedError) as refusal:
        read([mark(IMAGE, number=number) for number in range(501)])
    assert problems_of(refusal) == {"marks": "too-many"}
    with pytest.raises(FormRefusedError) as refusal:
        read([mark(IMAGE), mark(IMAGE)], [IMAGE, IMAGE, "c" * 32])
    assert problems_of(refusal) == {
        "marks.1.id": "mark-twice",
        "key_images.1": "mark-twice",
        "key_images.2": "mark-image",
    }
    with pytest.raises(FormRefusedError) as refusal:
        read([mark(IMAGE, "disc"), mark(IMAGE, "disc", number=2)])
    assert problems_of(refusal) == {"marks.1.tool": "mark-second-disc"}
    for told, keys in ((None, []), ({}, []), ([7], []), ([], None), ([], "x")):
        with pytest.raises(FormRefusedError):
            parse_drawing(told, keys, given=GIVEN)


def test_frames_are_those_of_the_picture() -> None:
    assert read([mark("b" * 32, frame=30)]).marks[0].frame == 30
    with pytest.raises(FormRefusedError):
        read([mark("b" * 32, frame=31)])


def test_lengths_angles_and_axes_are_those_of_geometry() -> None:
    by_tool = {each.tool: each for each in read(every_tool(IMAGE)).marks}
    assert length_px(by_tool[Tool.LENGTH].points) == 500
    assert angle_degrees(by_tool[Tool.ANGLE].points) == pytest.approx(90)
    assert axes_px(by_tool[Tool.ELLIPSE].points) == (200, 100)
    assert disc_diameter_px(by_tool[Tool.DISC]) == 210
    assert angle_degrees(((1, 0), (0, 0), (1, 0))) == 0
    flat = Spacing(row_mm=2, column_mm=1)
    assert angle_degrees(((10, 0), (0, 0), (10, 10)), flat) == pytest.approx(63.4349, abs=1e-3)
    assert POINTS["length"] == [[10, 10], [310, 410]]


def test_the_list_of_lesions_says_both_languages_and_refuses_what_is_malformed() -> None:
    found = lesions().by_code
    assert {"microaneurysm", "nvd", "nve", "optic_disc", "drusen", "laser"} <= set(found)
    assert all(each.words.zh and each.words.en for each in found.values())
    document: Any = read_config("lesions.toml")
    for key, value in (
        ("colour", "red"),
        ("snomed", "H36.0"),
        ("key", "F1"),
        ("zh", ""),
        ("short", "m"),
    ):
        lesion = {**document["lesions"]["irma"], key: value}
        told = {**document, "lesions": {**document["lesions"], "irma": lesion}}
        with pytest.raises(MalformedRulesError):
            parse_lesions(told)
    for key, value in (("key", "KeyM"), ("short", "MA")):
        twice = {**document["lesions"]["irma"], key: value}
        with pytest.raises(MalformedRulesError):
            parse_lesions({**document, "lesions": {**document["lesions"], "irma": twice}})


def test_what_can_be_ticked_and_marked_has_one_code_and_one_word() -> None:
    marked, ticked = lesions().by_code, read_config("terms/reports.toml")["lesion"]
    both = set(marked) & set(CODES)
    assert {"haemorrhage", "cotton_wool", "preretinal", "vitreous", "fibrous", "laser"} <= both
    for code in both:
        words = marked[code].words
        assert {"zh": words.zh, "en": words.en} == ticked[code]
