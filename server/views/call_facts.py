"""What was shown in a call and who had the word, as the page of the case tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.practitioners.model import PersonName
from consult.rooms.records import CallRecord


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture that everybody looked at; `kind` is its SOP Class UID, empty where it is gone."""

    eye: str
    field: str
    kind: str
    by: PersonName | None
    begun_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldWord:
    """Who had the word, from when to when."""

    who: PersonName | None
    given_at: datetime
    ended_at: datetime | None


def pictures_of(work: Work, case: Case, calls: Sequence[CallRecord]) -> Mapping[str, CaseImage]:
    """The pictures of the case by which calls tell what they showed; none is asked for else."""
    if not any(call.shown for call in calls):
        return {}
    return {each.id: each for each in images.list_every_image(work, case.id)}


def shown_in(
    call: CallRecord, pictures: Mapping[str, CaseImage], names: Mapping[str, PersonName]
) -> list[ShownPicture]:
    """What a call looked at, in its order."""
    return [
        ShownPicture(
            *_named(pictures.get(each.image_id)),
            by=names.get(each.presenter_id),
            begun_at=each.begun_at,
            ended_at=each.ended_at,
        )
        for each in call.shown
    ]


def words_held_in(call: CallRecord, names: Mapping[str, PersonName]) -> list[HeldWord]:
    """Who had the word, in the order in which it was given."""
    held = [
        HeldWord(names.get(each.person_id), each.given_at, each.ended_at)
        for each in call.turns
        if each.given_at is not None
    ]
    return sorted(held, key=lambda each: each.given_at)


def _named(image: CaseImage | None) -> tuple[str, str, str]:
    if image is None:
        return "", "", ""
    eye = "" if image.eye is None else image.eye.value
    field = "" if image.field is None else image.field.value
    return eye, field, image.instance.description.sop_class_uid
