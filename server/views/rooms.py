"""A case's rooms as JSON: who is there comes from here, with names and institutions (T21)."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.rooms import service as rooms
from consult.rooms.model import Knock
from consult.rooms.rights import Talks
from consult.rooms.service import RoomFacts, RoomView
from server.views.rings import RingAnswer, ring_as_json


class CalledAnswer(BaseModel):
    """The room that is open now."""

    room_id: str


class KeptAnswer(BaseModel):
    """Whether anything was written."""

    kept: bool


class KnockAnswer(BaseModel):
    """What came of one's knock so far: waiting, admitted or turned_away."""

    person_id: str
    state: str
    knocked_at: str


class QualityAnswer(BaseModel):
    """The middle and the worst of what the browsers measured."""

    samples: int
    median_lost_per_mille: int
    most_lost_per_mille: int
    median_round_trip_ms: int
    most_round_trip_ms: int
    largest_width: int
    largest_height: int


class AttendanceAnswer(BaseModel):
    """One person in one room, whatever the number of devices and breaks."""

    person_id: str
    institution_id: str
    joined_at: str
    left_at: str | None
    stays: int


class ShownAnswer(BaseModel):
    """A picture of the case that everybody in the room looked at, and who showed it."""

    image_id: str
    presenter_id: str
    begun_at: str
    ended_at: str | None


class RecordAnswer(BaseModel):
    """What is on record of one room."""

    room_id: str
    host_id: str
    opened_at: str
    ended_at: str | None
    how: str | None
    attendances: list[AttendanceAnswer]
    quality: QualityAnswer | None
    shown: list[ShownAnswer]


class RoomPersonAnswer(BaseModel):
    """By what name and of which institution everybody sees a person."""

    name: str
    name_en: str
    institution: str
    institution_en: str


class RoomsAnswer(BaseModel):
    """A case's rooms; `role` is None for whoever is not let in, `knocks` are the host's to see."""

    open_room_id: str | None
    may_call: bool
    role: str | None
    own_knock: KnockAnswer | None
    knocks: list[KnockAnswer]
    rooms: list[RecordAnswer]
    ring: RingAnswer | None
    people: dict[str, RoomPersonAnswer]


def rooms_as_json(work: Work, case_id: str, *, talks: Talks) -> dict[str, Any]:
    """What the actor may know of a case's rooms."""
    view = rooms.show_rooms(work, case_id, talks=talks)
    return RoomsAnswer(
        open_room_id=None if view.open is None else view.open.id,
        may_call=view.may_call,
        role=None if view.role is None else view.role.value,
        own_knock=None if view.own_knock is None else _knock(view.own_knock),
        knocks=[_knock(each) for each in view.knocks],
        rooms=[_record(each) for each in view.rooms],
        ring=None if view.open is None else ring_as_json(view.rings),
        people=_people(work, view),
    ).model_dump()


def knock_as_json(knock: Knock) -> dict[str, Any]:
    """A knock by itself."""
    return _knock(knock).model_dump()


def _knock(knock: Knock) -> KnockAnswer:
    return KnockAnswer(
        person_id=knock.person_id, state=knock.state.value, knocked_at=knock.knocked_at.isoformat()
    )


def _record(facts: RoomFacts) -> RecordAnswer:
    room, quality = facts.room, facts.quality
    measured = None
    if quality is not None:
        measured = QualityAnswer(**{name: getattr(quality, name) for name in quality.__slots__})
    return RecordAnswer(
        room_id=room.id,
        host_id=room.host_id,
        opened_at=room.opened_at.isoformat(),
        ended_at=_at(room.ended_at),
        how=None if room.how is None else room.how.value,
        attendances=[
            AttendanceAnswer(
                person_id=each.person_id,
                institution_id=each.institution_id,
                joined_at=each.joined_at.isoformat(),
                left_at=_at(each.left_at),
                stays=each.stays,
            )
            for each in facts.attendances
        ],
        quality=measured,
        shown=[
            ShownAnswer(
                image_id=each.image_id,
                presenter_id=each.presenter_id,
                begun_at=each.begun_at.isoformat(),
                ended_at=_at(each.ended_at),
            )
            for each in facts.shown
        ],
    )


def _people(work: Work, view: RoomView) -> dict[str, RoomPersonAnswer]:
    """Everybody whom the answer names: names are the register's, never a browser's."""
    places = {each.person_id: each.institution_id for each in view.knocks}
    places |= {each.person_id: each.institution_id for each in view.rings}
    for facts in view.rooms:
        places |= {facts.room.host_id: facts.room.institution_id}
        places |= {each.person_id: each.institution_id for each in facts.attendances}
    names = practitioners.names_of(work, sorted(places))
    found = {}
    for person_id, institution_id in places.items():
        name, place = names[person_id], organisations.get_institution(work, institution_id)
        found[str(person_id)] = RoomPersonAnswer(
            name=name.name,
            name_en=name.name_en,
            institution=place.name,
            institution_en=place.name_en,
        )
    return found


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
