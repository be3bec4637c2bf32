"""Who has the word in a call and who is next, as JSON: names are the register's, or of links."""

from typing import Any, Final

from pydantic import BaseModel

from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.rooms.errors import CALL_IS_OVER
from consult.rooms.links import service as links
from consult.rooms.links import service_guest
from consult.rooms.rights import Talks
from consult.rooms.turns import service as turns
from consult.rooms.turns.service import SpeakerList, Waiting
from server.terms import Terms
from server.views.rooms import RoomPersonAnswer, named_guest


class TurnAnswer(BaseModel):
    """Somebody who has the word, or waits for it; `is_here` is False while her line is cut."""

    person_id: str
    name: str
    name_en: str
    institution: str
    institution_en: str
    is_speaking: bool
    is_here: bool
    is_mine: bool


class TurnsAnswer(BaseModel):
    """The speaker list in its order; `may_lead` says whether the reader gives the word."""

    turns: list[TurnAnswer]
    may_lead: bool


_NOBODY: Final = TurnsAnswer(turns=[], may_lead=False)


def turns_as_json(work: Work, *, case_id: str, talks: Talks, terms: Terms) -> dict[str, Any]:
    """The speaker list of a case's room; empty where the call ends while a page asks."""
    try:
        found = turns.list_speakers(work, case_id=case_id, talks=talks)
    except CALL_IS_OVER:
        return _NOBODY.model_dump()
    return _told(work, found, work.actor.person, terms)


def guest_turns_as_json(work: Work, *, session_hash: str, terms: Terms) -> dict[str, Any]:
    """The same for a guest who is let in."""
    known = service_guest.find_guest(work, session_hash=session_hash)
    if known is not None and known.is_over:
        return _NOBODY.model_dump()
    found = turns.list_speakers_as_guest(work, session_hash=session_hash)
    me = service_guest.get_link(work, session_hash=session_hash).person_id
    return _told(work, found, me, terms)


def _told(work: Work, found: SpeakerList, me: str, terms: Terms) -> dict[str, Any]:
    people = _people(work, found, terms)
    told = [_turn(each, people[each.turn.person_id], me) for each in found.turns]
    return TurnsAnswer(turns=told, may_lead=found.room.host_id == me).model_dump()


def _turn(each: Waiting, who: RoomPersonAnswer, me: str) -> TurnAnswer:
    turn = each.turn
    return TurnAnswer(
        person_id=turn.person_id,
        name=who.name,
        name_en=who.name_en,
        institution=who.institution,
        institution_en=who.institution_en,
        is_speaking=turn.is_speaking,
        is_here=each.is_here,
        is_mine=turn.person_id == me,
    )


def _people(work: Work, found: SpeakerList, terms: Terms) -> dict[str, RoomPersonAnswer]:
    guests = links.guests_in(work, [found.room.id])
    places = {each.turn.person_id: each.turn.institution_id for each in found.turns}
    people = {
        each: named_guest(guests[each], terms, tells_identity=False)
        for each in guests.keys() & places.keys()
    }
    members = [PractitionerId(each) for each in sorted(places.keys() - guests.keys())]
    for person_id, name in practitioners.names_of(work, members).items():
        place = organisations.get_institution(work, places[person_id])
        people[person_id] = RoomPersonAnswer(
            name=name.name,
            name_en=name.name_en,
            institution=place.name,
            institution_en=place.name_en,
        )
    return people
