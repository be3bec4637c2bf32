"""What a signed version leaves in a study, before it is made: gathered, measured, coded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from consult.access import service as access
from consult.annotations.model import Canvas, Drawing, Mark
from consult.annotations.reading import Given, parse_drawing
from consult.kernel.eyes import Eye
from consult.kernel.words import Words
from consult.kernel.work import Work
from consult.reports.objects.evaluations import evaluations_of
from consult.reports.objects.gathering import gather
from consult.reports.objects.model import ObjectKind, uids_of
from consult.reports.objects.numbers import numbers_of
from consult.reports.objects.plans import Sources, plan_documents
from consult.reports.objects.presenting import plan_presented
from consult.reports.objects.shapes import head_of, shape_of, told_shape, tracking_id
from consult.reports.objects.words import LONGEST_MEANING, both, lesion_code
from consult.reports.seal import Seal
from consult.reports.service import report_ref
from consult.reports.verify import content_of
from consult.reports.versions import Report
from imaging.report_objects.model import Presented
from imaging.spacing import Spacing
from server.rules.images import load_image_book
from server.terms import load_terms
from tests.makers.consortium import CONFIG, Consortium
from tests.makers.marks import POINTS, lesions, make_marked, mark

IMAGE = "a" * 32
_TERMS = load_terms(CONFIG / "terms")
_SPACING = Spacing(row_mm=0.5, column_mm=0.25)
_HEADER: Mapping[str, Any] = {"00280004": {"vr": "CS", "Value": ["RGB"]}}


def say(group: str, code: str) -> Words:
    return Words(_TERMS.text("zh-Hans", group, code), _TERMS.text("en", group, code))


def drawn(*marks: Any) -> Drawing:
    canvas = Canvas(IMAGE, 1600, 1200, 1, Eye.RIGHT)
    return parse_drawing(list(marks), [], given=Given({IMAGE: canvas}, lesions()))


def one(tool: str, **changes: Any) -> Mark:
    return drawn(mark(IMAGE, tool, **changes)).marks[0]


def counted(*, area: float | None = None, unit: str = "", channel: str = "grey") -> dict[str, Any]:
    told = {"channel": channel, "mean": 7.0, "std": 1.5, "min": 2.0, "max": 9.0}
    return {"pixels": 100, "area_mm2": area, "unit": unit, "channels": [told]}


def told(measurements: Any) -> list[tuple[str, float, str]]:
    return [(each.name.meaning, each.value, each.unit.value) for each in measurements]


def of(report: Report, world: Consortium, seal: Seal) -> Any:
    names = load_image_book(CONFIG).names
    return world.clinic.system(gather, report_id=report.id, seal=seal, names=names)


def test_a_length_has_the_best_unit_that_the_picture_supports() -> None:
    length, disc = drawn(mark(IMAGE, "length"), mark(IMAGE, "disc", number=2)).marks
    assert told(numbers_of(length, [length], spacing=_SPACING, counted=None)) == [
        ("Length", pytest.approx((75**2 + 200**2) ** 0.5), "mm")
    ]
    assert told(numbers_of(length, [length, disc], spacing=None, counted=None)) == [
        ("Length", pytest.approx(500 / 210), "{disc diameter}")
    ]
    assert told(numbers_of(length, [length], spacing=None, counted=None)) == [
        ("Length", 500.0, "{pixels}")
    ]
    angle = one("angle")
    assert told(numbers_of(angle, [angle], spacing=None, counted=None)) == [
        ("Angle", pytest.approx(90.0), "deg")
    ]


def test_an_angle_is_the_patients_where_pixels_are_not_square() -> None:
    points = [[10.0, 0.0], [0.0, 0.0], [10.0, 10.0]]
    (angle,) = drawn(mark(IMAGE, "angle", points=points)).marks
    for spacing, degrees in ((None, 45.0), (_SPACING, 63.435)):
        (told_of,) = numbers_of(angle, [angle], spacing=spacing, counted=None)
        assert told_of.value == pytest.approx(degrees, abs=1e-3)


def test_an_area_and_its_values_are_those_that_the_server_counted() -> None:
    area = one("rectangle")
    found = numbers_of(area, [area], spacing=None, counted=counted(area=12.5, unit="HU"))
    assert told(found)[:2] == [("Area", 12.5, "mm2"), ("Mean", 7.0, "[hnsf'U]")]
    found = numbers_of(area, [area], spacing=None, counted=counted(channel="green"))
    assert told(found)[:2] == [("Area", 100.0, "{pixels}"), ("Mean of green", 7.0, "1")]
    assert found[1].name.scheme == "99LIANZHEN"
    area, disc = drawn(mark(IMAGE, "rectangle"), mark(IMAGE, "disc", number=2)).marks
    (first, *_) = numbers_of(area, [area, disc], spacing=None, counted=counted())
    assert (first.unit.value, first.value) == (
        "{disc area}",
        pytest.approx(100 / 34557.5, rel=1e-4),
    )
    assert numbers_of(area, [area], spacing=None, counted=None) == ()


def test_shapes_are_closed_and_an_ellipse_begins_with_its_long_axis() -> None:
    kind, points = shape_of(one("rectangle"))
    assert (kind, points[0], len(points)) == ("POLYLINE", points[-1], 5)
    kind, points = shape_of(one("polygon"))
    assert (points[0], len(points)) == (points[-1], 5)
    kind, points = shape_of(one("ellipse", points=[[5, 0], [5, 10], [0, 5], [30, 5]]))
    assert (kind, points) == ("ELLIPSE", ((0, 5), (30, 5), (5, 0), (5, 10)))
    head = head_of(one("arrow", points=[[0, 0], [1, 1]]), size=(1600, 1200))
    assert head[1] == (0, 0)
    assert all(0 <= part <= 1600 for point in head for part in point)


def test_other_viewers_know_a_mark_by_its_label_and_each_label_once() -> None:
    marks = drawn(*(mark(IMAGE, tool, number=n) for n, tool in enumerate(POINTS))).marks
    labels = [tracking_id(each, number) for number, each in enumerate(marks)]
    assert len(set(labels)) == len(POINTS)
    assert labels[2] == "Cornerstone3DTools@^0.1.0:Length:2"
    kind, points = told_shape(one("angle"))
    assert (kind, points) == ("POLYLINE", ((0, 0), (500, 500), (500, 500), (1000, 0)))


def test_an_ellipse_whose_pixels_others_miscount_has_a_label_of_our_own() -> None:
    wide, high = [[0, 5], [30, 5], [15, 0], [15, 10]], [[0, 25], [10, 25], [5, 0], [5, 50]]
    alike = [[0, 5], [10, 5], [5, 0], [5, 10]]
    assert tracking_id(one("ellipse", points=wide), 1) == "Lianzhen:ellipse:1"
    assert tracking_id(one("ellipse", points=high), 1).endswith("EllipticalROI:1")
    assert tracking_id(one("disc", points=alike), 1).endswith("EllipticalROI:1")
    assert shape_of(one("disc", points=alike))[1][:2] == ((5, 0), (5, 10))


def test_every_lesion_has_a_code_and_a_layer_of_its_own() -> None:
    known = lesions()
    codes = {lesion_code(known, code) for code in known.by_code}
    assert len({(each.scheme, each.value) for each in codes}) == len(known.by_code)
    assert all(len(each.meaning) <= LONGEST_MEANING for each in codes)
    assert len({code.upper()[:16] for code in known.by_code}) == len(known.by_code)


@pytest.mark.parametrize("group", ["report_object", "report_scale", "report_remark"])
def test_names_in_the_objects_have_room_for_both_languages(group: str) -> None:
    for code in _TERMS.groups[group]:
        words = say(group, code)
        assert both(words) == f"{words.zh} {words.en}"


def test_a_changed_grade_is_told_with_its_reason_and_each_scale_once() -> None:
    grade = {"scale": "icdr", "given": "3", "basis": "override", "low": "2", "high": "2"}
    reading = {"quality": "good", "icdr": 3, "grade_reason": "出血多", "lesions": {}}
    content = {"body": {"right": reading, "left": {}}, "grades": {"right": [grade]}}
    found = evaluations_of(content, say)
    (icdr,) = [each for each in found if each.name.value == "scale.icdr"]
    assert (icdr.value.value if icdr.value else "", icdr.laterality) == ("icdr.3", "R")
    assert [each.text for each in icdr.remarks] == [
        "阅片者改定 changed by the reader",
        "出血多",
    ]
    assert evaluations_of({"retraction": {}}, say) == ()


def test_only_what_was_signed_is_gathered_by_study(world: Consortium, seal: Seal) -> None:
    report = make_marked(world, seal=seal)
    gathered = of(report, world, seal)
    materials: Any = content_of(report)["materials"]
    pictures = [each for place in gathered.places for each in place.pictures]
    assert {each.instance.id for each in pictures} == {each["instance_id"] for each in materials}
    assert sum(len(place.marks) for place in gathered.places) == 10
    (keyed,) = [place for place in gathered.places if place.key_images]
    headers = {each.image_id: _HEADER for each in pictures}
    sources = Sources(headers, {}, lesions(), say)
    kinds = [each.kind for each in plan_documents(gathered, keyed, sources)]
    assert kinds == [ObjectKind.MEASURED, ObjectKind.SELECTED], "no paper was made yet"
    (shown,) = plan_presented(gathered, keyed, sources)
    assert isinstance(shown.plan, Presented)
    assert len(shown.plan.graphics) == 11, "ten marks, and an arrow's head"
    assert {each.layer for each in shown.plan.graphics} == {each.name for each in shown.plan.layers}


def test_nothing_is_left_before_the_inviting_side_may_read_it(
    world: Consortium, seal: Seal
) -> None:
    report = make_marked(world, seal=seal)

    def shut(work: Work) -> None:
        access.end_grants(work, report_ref(report.id), why="case")

    later = replace(world, clinic=world.clinic.later(minutes=1))
    later.clinic.system(shut)
    assert of(report, replace(world, clinic=world.clinic.later(minutes=2)), seal) == "not-open"


def test_identifiers_follow_from_version_study_and_kind(world: Consortium, seal: Seal) -> None:
    report = make_marked(world, seal=seal)
    every = [
        uids_of(report, study, kind, number)
        for study in ("1.2", "1.3")
        for kind in ObjectKind
        for number in (0, 1)
    ]
    assert len({each.sop_instance_uid for each in every}) == 16
    assert len({each.series_instance_uid for each in every}) == 8
    assert every[0] == uids_of(report, "1.2", ObjectKind.PAPER)
    assert all(len(each.sop_instance_uid) <= 64 for each in every)
