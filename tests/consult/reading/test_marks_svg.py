"""Marks leave as a drawing: every tool where it was drawn, words as words, nothing that runs."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from math import cos, dist, hypot, radians, sin
from typing import Any

import pytest

from consult.annotations.frames import MarkedFrame, frame_json, frames_of
from consult.annotations.model import Canvas, Drawing, Mark, Tool
from consult.annotations.reading import Given, parse_drawing
from consult.annotations.svg import svg_of
from consult.kernel.ids import PractitionerId
from tests.makers.marks import POINTS, every_tool, lesions, mark

SVG = "{http://www.w3.org/2000/svg}"
SIZE = (1600, 1200)
IMAGE, OTHER = "01JIMAGE0000000000000000AA", "01JIMAGE0000000000000000BB"
CANVASES = {each: Canvas(each, *SIZE, frames=3, eye=None) for each in (IMAGE, OTHER)}
AUTHOR = PractitionerId("01JAUTHOR0000000000000000A")


def framed(*marks: Any) -> MarkedFrame:
    """The marks on the first frame of the picture, as they come in by the door."""
    drawing = parse_drawing(list(marks), [], given=Given(CANVASES, lesions()))
    return frames_of(drawing, CANVASES, author_id=AUTHOR)[0]


def drawn(marked: MarkedFrame) -> Any:
    return ET.fromstring(svg_of(marked, lesions()))  # noqa: S314 - our own


def points_of(shape: Any) -> list[list[float]]:
    return [[float(part) for part in step.split(",")] for step in shape.get("points").split()]


def arcs_of(path: str) -> list[float]:
    return [float(part) for part in path.translate(dict.fromkeys(map(ord, "MAZ"), " ")).split()]


@pytest.mark.parametrize("tool", ["length", "angle", "polygon", "freehand", "arrow"])
def test_a_line_has_exactly_the_points_of_the_sheet(tool: str) -> None:
    group = drawn(framed(mark(IMAGE, tool))).find(SVG + "g")
    assert group.get("class") == tool
    assert group[1].tag == SVG + ("polygon" if tool == "polygon" else "polyline")
    assert points_of(group[1]) == POINTS[tool]


def test_an_arrows_head_is_at_its_first_point() -> None:
    _title, _shaft, head = drawn(framed(mark(IMAGE, "arrow"))).find(SVG + "g")
    one, tip, other = points_of(head)
    (x1, y1), (x2, y2) = POINTS["arrow"]
    assert tip == [x1, y1]
    assert dist(one, tip) == pytest.approx(dist(other, tip))
    for end in (one, other):
        along = ((end[0] - x1) * (x2 - x1) + (end[1] - y1) * (y2 - y1)) / hypot(x2 - x1, y2 - y1)
        assert along > 0, "the strokes lie along the arrow"


def test_a_rectangle_has_four_corners_and_a_point_its_centre() -> None:
    (x1, y1), (x2, y2) = POINTS["rectangle"]
    rectangle = drawn(framed(mark(IMAGE, "rectangle"))).find(f"{SVG}g/{SVG}polygon")
    assert points_of(rectangle) == [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    ring = drawn(framed(mark(IMAGE, "point"))).find(f"{SVG}g/{SVG}circle")
    assert [float(ring.get("cx")), float(ring.get("cy"))] == POINTS["point"][0]


@pytest.mark.parametrize("turn", [0, 30, 90, 163.5])
@pytest.mark.parametrize("tool", ["ellipse", "disc"])
def test_an_ellipse_ends_where_its_axes_end_however_it_is_turned(tool: str, turn: float) -> None:
    x, y, one, other = 700.25, 600.5, 200.0, 75.5
    c, s = cos(radians(turn)), sin(radians(turn))
    points = [
        *([x - one * c, y - one * s], [x + one * c, y + one * s]),
        *([x + other * s, y - other * c], [x - other * s, y + other * c]),
    ]
    path = drawn(framed(mark(IMAGE, tool, points=points))).find(f"{SVG}g/{SVG}path").get("d")
    x1, y1, rx, ry, angle, _large, _sweep, x2, y2 = arcs_of(path)[:9]
    assert ([x1, y1], [x2, y2]) == (points[0], points[1])
    assert (rx, ry) == pytest.approx((one, other))
    assert angle % 180 == pytest.approx(turn % 180)
    assert path.endswith("Z")
    assert arcs_of(path)[-2:] == [x1, y1]


def test_a_text_begins_at_its_point() -> None:
    words = drawn(framed(mark(IMAGE, "text", label="渗出\nnear disc"))).find(f"{SVG}g/{SVG}text")
    assert [float(words.get("x")), float(words.get("y"))] == POINTS["text"][0]
    assert words.text == "渗出 near disc"


def test_the_drawing_is_as_large_as_the_picture_and_tells_lesion_words_and_author() -> None:
    told = mark(IMAGE, "polygon", label="渗出", lesion="hard_exudate")
    root = drawn(framed(told))
    assert root.get("viewBox") == "0 0 1600 1200"
    assert (root.get("width"), root.get("height")) == ("1600", "1200")
    group = root.find(SVG + "g")
    assert (group.get("id"), group.get("stroke")) == (told["id"], "#ffd43b")
    assert group.findtext(SVG + "title") == f"hard_exudate · 渗出 · {AUTHOR}"
    assert group.findtext(SVG + "text") == "HE 渗出", "never by its colour alone"
    data = json.loads(root.findtext(SVG + "metadata"))
    assert data["marks"] == [told | {"points": data["marks"][0]["points"]}]
    assert set(data) == {
        *("schema", "image_id", "frame", "columns", "rows", "author_id", "marks"),
    }


def test_every_lesion_has_the_colour_of_the_list() -> None:
    for code, lesion in lesions().by_code.items():
        group = drawn(framed(mark(IMAGE, "length", lesion=code))).find(SVG + "g")
        assert group.get("stroke") == lesion.colour
        assert group.find(SVG + "text").get("fill") == lesion.colour


@pytest.mark.parametrize(
    "label",
    [
        "</title><script>alert(1)</script>",
        "]]><!DOCTYPE svg [<!ENTITY a 'b'>]>&a;",
        '" onload="alert(1)" x=\'',
        "<image href='https://evil.example/x.png'/>",
        "&lt;script&gt; & co",
    ],
)
def test_markup_in_a_label_stays_text_and_nothing_runs_or_is_fetched(label: str) -> None:
    content = svg_of(framed(mark(IMAGE, "text", label=label)), lesions())
    assert b"<!" not in content
    root = ET.fromstring(content)  # noqa: S314 - our own
    assert root.findtext(f"{SVG}g/{SVG}text") == label
    assert json.loads(root.findtext(SVG + "metadata") or "")["marks"][0]["label"] == label
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
        *("svg", "metadata", "g", "title", "text"),
    }
    keys = {key for each in root.iter() for key in each.keys()}  # noqa: SIM118 - an element
    assert not any(key.startswith("on") or "href" in key or key == "style" for key in keys)


def test_a_letter_that_xml_has_not_does_not_break_the_file_and_stays_in_the_data() -> None:
    label = "a\uffff\ufffeb"
    root = drawn(framed(mark(IMAGE, "text", label=label)))
    assert root.findtext(f"{SVG}g/{SVG}text") == "ab"
    assert json.loads(root.findtext(SVG + "metadata"))["marks"][0]["label"] == label


def test_numbers_come_back_to_the_last_bit() -> None:
    points = [[0.1, 1e-7], [1599.9999999999998, 1200.0]]
    root = drawn(framed(mark(IMAGE, "length", points=points)))
    assert points_of(root.find(f"{SVG}g/{SVG}polyline")) == points
    assert json.loads(root.findtext(SVG + "metadata"))["marks"][0]["points"] == points


def test_each_frame_has_its_own_marks_and_others_pictures_are_left_out() -> None:
    marks = [
        mark(OTHER, "point", number=1, frame=2),
        mark(IMAGE, "point", number=2, frame=3),
        mark(IMAGE, "point", number=3, frame=1),
        mark(IMAGE, "length", number=4, frame=3),
    ]
    drawing = parse_drawing(marks, [], given=Given(CANVASES, lesions()))
    found = frames_of(drawing, CANVASES, author_id=AUTHOR)
    told = [(each.image_id, each.frame, len(each.marks)) for each in found]
    assert told == [(IMAGE, 1, 1), (IMAGE, 3, 2), (OTHER, 2, 1)]
    alone = {IMAGE: CANVASES[IMAGE]}
    assert [each.image_id for each in frames_of(drawing, alone, author_id=AUTHOR)] == [IMAGE] * 2
    assert frames_of(Drawing(), CANVASES, author_id=AUTHOR) == []


def test_the_data_says_what_the_drawing_says_and_the_same_marks_are_the_same_bytes() -> None:
    marked = framed(*every_tool(IMAGE))
    assert {each.tool for each in marked.marks} == set(Tool)
    data = json.loads(frame_json(marked))
    assert data["schema"] == "lianzhen.marks/1"
    assert (data["columns"], data["rows"], data["frame"]) == (*SIZE, 1)
    assert [each["points"] for each in data["marks"]] == list(POINTS.values())
    root = drawn(marked)
    assert json.loads(root.findtext(SVG + "metadata")) == data
    assert [group.get("id") for group in root.findall(SVG + "g")] == [
        each["id"] for each in data["marks"]
    ]
    assert svg_of(marked, lesions()) == svg_of(replace(marked), lesions())
    moved: Mark = replace(marked.marks[0], points=((100.5, 200.5),))
    assert svg_of(replace(marked, marks=(moved,)), lesions()) != svg_of(
        replace(marked, marks=marked.marks[:1]), lesions()
    )
