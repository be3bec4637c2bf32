"""Which pictures share a presentation state, and what it draws on them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from consult.annotations.model import Lesions, Mark, Tool
from consult.reports.objects.model import (
    MOST_PRESENTED,
    Gathered,
    ObjectKind,
    Pictured,
    Place,
    uids_of,
)
from consult.reports.objects.plans import WORDS, Planned, Sources, head_of
from consult.reports.objects.shapes import POLYLINE, shape_of
from consult.reports.objects.shapes import head_of as arrow_head
from consult.reports.objects.words import both
from imaging.report_objects.display import display_of, is_grey, side_of
from imaging.report_objects.model import Canvas, Graphic, Layer, Presented

_PLAIN: Final = "PLAIN"
_PLAIN_COLOUR: Final = "#ffd43b"
_LONGEST_LAYER: Final = 16


def plan_presented(gathered: Gathered, place: Place, sources: Sources) -> Iterator[Planned]:
    """A presentation state for each way in which the marked pictures are shown."""
    for number, (canvas, pictures) in enumerate(_alike(place, sources)[:MOST_PRESENTED]):
        named = {each.image_id: each for each in pictures}
        marks = [mark for mark in place.marks if mark.image_id in named]
        graphics = [each for mark in marks for each in _drawn(mark, named[mark.image_id], sources)]
        plan = Presented(
            head=head_of(gathered, place, sources, kind=ObjectKind.PRESENTED, number=number),
            canvas=canvas,
            pictures=tuple(each.ref() for each in pictures),
            layers=tuple(_layers(marks, sources)),
            graphics=tuple(graphics),
        )
        uids = uids_of(gathered.report, place.study_uid, ObjectKind.PRESENTED, number)
        yield Planned(ObjectKind.PRESENTED, uids, plan, tuple(pictures))


def _alike(place: Place, sources: Sources) -> list[tuple[Canvas, list[Pictured]]]:
    """Pictures of one series that are shown alike: one look-up and one area hold for all."""
    found: list[tuple[Canvas, list[Pictured]]] = []
    for picture in place.marked:
        canvas = _canvas(picture, place.marks, sources.headers[picture.image_id])
        series = picture.instance.uids.series_instance_uid
        for known, pictures in found:
            if known == canvas and pictures[0].instance.uids.series_instance_uid == series:
                pictures.append(picture)
                break
        else:
            found.append((canvas, [picture]))
    return found


def _canvas(picture: Pictured, marks: Sequence[Mark], header: Mapping[str, Any]) -> Canvas:
    mark = next(each for each in marks if each.image_id == picture.image_id)
    told = picture.instance.description
    eye = None if mark.eye is None else mark.eye.laterality
    return Canvas(
        columns=told.columns or 0,
        rows=told.rows or 0,
        is_grey=is_grey(header),
        laterality=eye or side_of(header),
        display=display_of(header, index=mark.frame - 1),
    )


def _drawn(mark: Mark, picture: Pictured, sources: Sources) -> Iterator[Graphic]:
    """The mark, an arrow's head, and beside it what it says."""
    on, layer = picture.ref(mark.frame), _layer_of(mark)
    graphic_type, points = shape_of(mark)
    drawn = "" if mark.tool is Tool.TEXT else graphic_type
    yield Graphic(on, layer, drawn, points, _text(mark, sources.lesions))
    if mark.tool is Tool.ARROW:
        told = picture.instance.description
        head = arrow_head(mark, size=(told.columns or 0, told.rows or 0))
        yield Graphic(on, layer, POLYLINE, head, "")


def _text(mark: Mark, lesions: Lesions) -> str:
    known = lesions.by_code.get(mark.lesion or "")
    parts = ["" if known is None else known.words.zh, mark.label]
    return " ".join(part for part in parts if part)


def _layers(marks: Sequence[Mark], sources: Sources) -> Iterator[Layer]:
    for name, code in {_layer_of(mark): mark.lesion for mark in marks}.items():
        known = sources.lesions.by_code.get(code or "")
        if known is None:
            words = sources.say(WORDS, ObjectKind.PRESENTED)
            yield Layer(name, both(words), _PLAIN_COLOUR)
        else:
            yield Layer(name, both(known.words), known.colour)


def _layer_of(mark: Mark) -> str:
    """A layer is a code string (PS3.5 6.2): capitals, figures and underscores."""
    return (mark.lesion or _PLAIN).upper()[:_LONGEST_LAYER]
