"""What was written in calls, as JSON: names are the register's, or those of links."""

from typing import Any

from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.rooms.links import service as links
from consult.rooms.links import service_guest
from consult.rooms.rights import Talks
from consult.rooms.words import service as words
from consult.rooms.words.model import Word
from server.terms import Terms
from server.views.rooms import named_guest


class WordAnswer(BaseModel):
    """One message, and by whom."""

    id: str
    name: str
    name_en: str
    said_at: str
    text: str
    is_mine: bool


class WordsAnswer(BaseModel):
    """The messages; `has_guests` says whether somebody without an account reads them."""

    words: list[WordAnswer]
    has_guests: bool


def words_as_json(work: Work, case_id: str, *, talks: Talks, terms: Terms) -> dict[str, Any]:
    """What was written in the calls of a case."""
    found = words.list_words(work, case_id, talks=talks)
    has_guests = links.has_guests(work, case_id)
    return _told(work, found, work.actor.person, terms, has_guests=has_guests)


def guest_words_as_json(work: Work, *, session_hash: str, terms: Terms) -> dict[str, Any]:
    """What was written in this call, for a guest in it."""
    found = words.list_as_guest(work, session_hash=session_hash)
    me = service_guest.get_link(work, session_hash=session_hash).person_id
    return _told(work, found, me, terms, has_guests=True)


def _told(
    work: Work, found: list[Word], me: str, terms: Terms, *, has_guests: bool
) -> dict[str, Any]:
    guests = links.guests_in(work, sorted({each.room_id for each in found}))
    names = practitioners.names_of(work, sorted({each.person_id for each in found} - set(guests)))
    told = []
    for each in found:
        who = (
            named_guest(guests[each.person_id], terms, tells_identity=False)
            if each.person_id in guests
            else names[each.person_id]
        )
        told.append(
            WordAnswer(
                id=each.id,
                name=who.name,
                name_en=who.name_en,
                said_at=each.said_at.isoformat(),
                text=each.text,
                is_mine=each.person_id == me,
            )
        )
    return WordsAnswer(words=told, has_guests=has_guests).model_dump()
