"""From what was gathered to the plans of a study's objects."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from consult.annotations.model import Lesions, Mark, Tool
from consult.reports.objects.evaluations import evaluations_of
from consult.reports.objects.model import (
    Gathered,
    ObjectKind,
    Pictured,
    Place,
    reference_to,
    tracking_uid,
    uids_of,
)
from consult.reports.objects.numbers import numbers_of
from consult.reports.objects.shapes import told_shape, tracking_id
from consult.reports.objects.words import Say, both, lesion_code, own_code
from consult.studies.model import Uids
from imaging.fundus.fields import EYE, RETINA, Code
from imaging.report_objects import concepts
from imaging.report_objects.model import Head, Measured, ObjectRef, Papered, Plan, Region, Selected
from imaging.spacing import spacing_told

_CONSULTATION: Final = Code("11488-4", "LN", "Consultation note")
_EYE_PROCEDURE: Final = Code("314971001", "SCT", "Fundus photography")
_PROCEDURE: Final = Code("363679005", "SCT", "Imaging procedure")
_DISC: Final = "optic_disc"
WORDS: Final = "report_object"
"""The terms that name the objects."""

_MEASURED_BY: Final = frozenset({Tool.LENGTH, Tool.ANGLE})


@dataclass(frozen=True, slots=True)
class Sources:
    """What the stored pictures tell: headers by image, counted pixels by mark; and words."""

    headers: Mapping[str, Mapping[str, Any]] = field(repr=False)
    counted: Mapping[str, Mapping[str, Any]]
    lesions: Lesions
    say: Say


@dataclass(frozen=True, slots=True)
class Planned:
    """One object to be made; `pictures` of a presentation state are shown alike."""

    kind: ObjectKind
    uids: Uids
    plan: Plan
    pictures: tuple[Pictured, ...] = ()


def plan_documents(gathered: Gathered, place: Place, sources: Sources) -> Iterator[Planned]:
    """Paper, structured report and key objects, in this order, where there is something in them."""
    report = gathered.report
    if gathered.pdf is not None:
        yield _planned(gathered, place, ObjectKind.PAPER, _paper(gathered, place, sources))
    if report.is_opinion:
        yield _planned(gathered, place, ObjectKind.MEASURED, _measured(gathered, place, sources))
    if report.is_opinion and place.key_images:
        yield _planned(gathered, place, ObjectKind.SELECTED, _selected(gathered, place, sources))
    if not report.is_opinion and place.earlier:
        yield _planned(gathered, place, ObjectKind.SELECTED, _taken_back(gathered, place, sources))


def head_of(
    gathered: Gathered, place: Place, sources: Sources, *, kind: ObjectKind, number: int = 0
) -> Head:
    """Identity and origin of one object."""
    uids = uids_of(gathered.report, place.study_uid, kind, number)
    at = gathered.report.signed_at.astimezone(ZoneInfo(gathered.zone))
    return Head(
        picture=sources.headers[place.pictures[0].image_id],
        sop_instance_uid=uids.sop_instance_uid,
        series_instance_uid=uids.series_instance_uid,
        series_number=kind.series_number,
        instance_number=gathered.report.version,
        description=both(sources.say(WORDS, _word_of(gathered, kind))),
        signed_at=_moment(at),
        author=gathered.author,
        institution=str(gathered.content["invited"]["name"]),
    )


def _word_of(gathered: Gathered, kind: ObjectKind) -> str:
    """A selection of what is taken back is no selection of key images."""
    if kind is ObjectKind.SELECTED and not gathered.report.is_opinion:
        return "taken_back"
    return kind.value


def _moment(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def _planned(gathered: Gathered, place: Place, kind: ObjectKind, plan: Plan) -> Planned:
    return Planned(kind, uids_of(gathered.report, place.study_uid, kind), plan)


def _paper(gathered: Gathered, place: Place, sources: Sources) -> Papered:
    return Papered(
        head=head_of(gathered, place, sources, kind=ObjectKind.PAPER),
        title=str(gathered.content["title"]["zh"]),
        concept=_CONSULTATION,
        sources=_all(place.pictures),
        predecessors=_predecessors(place, ObjectKind.PAPER),
    )


def _measured(gathered: Gathered, place: Place, sources: Sources) -> Measured:
    is_eye = any(each.is_retinal for each in place.pictures)
    return Measured(
        head=head_of(gathered, place, sources, kind=ObjectKind.MEASURED),
        procedure=_EYE_PROCEDURE if is_eye else _PROCEDURE,
        regions=tuple(_regions(gathered, place, sources)),
        evaluations=evaluations_of(gathered.content, sources.say),
        evidence=_all(place.pictures),
        predecessors=_predecessors(place, ObjectKind.MEASURED),
    )


def _selected(gathered: Gathered, place: Place, sources: Sources) -> Selected:
    return Selected(
        head=head_of(gathered, place, sources, kind=ObjectKind.SELECTED),
        title=concepts.OF_INTEREST,
        note=both(sources.say(WORDS, ObjectKind.SELECTED)),
        images=_all(place.key_images),
        others=(),
    )


def _taken_back(gathered: Gathered, place: Place, sources: Sources) -> Selected:
    """Everything that earlier versions left in this study is rejected, with the reason."""
    said = gathered.content["retraction"]
    cause = both(sources.say("retraction_cause", said["cause"]))
    others = tuple(reference_to(each.instance) for each in place.earlier)
    return Selected(
        head=head_of(gathered, place, sources, kind=ObjectKind.SELECTED),
        title=concepts.TAKEN_BACK,
        note=f"{cause}: {said['reason']}",
        images=(),
        others=others,
    )


def _all(pictures: Iterable[Pictured]) -> tuple[ObjectRef, ...]:
    return tuple(each.ref() for each in pictures)


def _predecessors(place: Place, kind: ObjectKind) -> tuple[ObjectRef, ...]:
    """The newest earlier object of this kind; an older one is named by that."""
    found = [each for each in place.earlier if each.kind is kind]
    newest = max(found, key=lambda each: each.version, default=None)
    return () if newest is None else (reference_to(newest.instance),)


def _regions(gathered: Gathered, place: Place, sources: Sources) -> Iterator[Region]:
    pictures = {each.image_id: each for each in place.pictures}
    for number, mark in enumerate(place.marks, 1):
        graphic_type, points = told_shape(mark)
        picture = pictures[mark.image_id]
        measurements = numbers_of(
            mark,
            place.marks,
            spacing=spacing_told(sources.headers[mark.image_id], index=mark.frame - 1),
            counted=sources.counted.get(mark.id),
        )
        yield Region(
            tracking_uid=tracking_uid(gathered.report, mark.id),
            tracking_id=tracking_id(mark, number),
            on=picture.ref(mark.frame),
            graphic_type=graphic_type,
            points=points,
            finding=_finding(mark, sources),
            site=_site(picture, mark),
            laterality=None if mark.eye is None else mark.eye.laterality,
            comment=mark.label,
            measurements=measurements,
            is_measured=mark.tool in _MEASURED_BY,
        )


def _finding(mark: Mark, sources: Sources) -> Code | None:
    if mark.lesion is not None:
        return lesion_code(sources.lesions, mark.lesion)
    if mark.tool is not Tool.DISC:
        return None
    return own_code("part", _DISC, sources.say("report_anatomy", _DISC))


def _site(picture: Pictured, mark: Mark) -> Code | None:
    if mark.eye is None:
        return None
    return RETINA if picture.is_retinal else EYE
