"""The card of a case's page that tells of its calls: when, who was there, how good each line."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.access.model import Action
from consult.cases.model import Case, is_open
from consult.discussion.rights import may_read_discussion
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.opinions.model import LONGEST_OPINION, Opinion
from consult.rooms import records
from consult.rooms.counting import Counted
from consult.rooms.links import service as links
from consult.rooms.links.model import Link
from consult.rooms.minutes import LONGEST_MINUTES, Minutes
from consult.rooms.model import Quality, Room, Stay
from server.rules.rulebook import Rulebook
from server.terms import Terms
from server.views.call_facts import (
    HeldWord,
    ShownPicture,
    pictures_of,
    shown_in,
    words_held_in,
)
from server.views.opinions import SignedOpinion, may_sign, opinions_of, own_of
from server.views.present import PresentLine, lines_of, physicians_of
from server.views.rooms import named_guest


@dataclass(frozen=True, slots=True)
class CallPerson:
    """One person of a call; `line` is good, fair, poor or unknown."""

    who: PersonName | None
    place: Institution
    is_host: bool
    stays: Sequence[Stay]
    quality: Quality | None
    counted: Counted | None
    line: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as the page tells of it."""

    room: Room
    people: Sequence[CallPerson]
    minutes: Minutes | None
    author: PersonName | None
    may_write: bool
    opinions: Sequence[SignedOpinion]
    may_sign: bool
    own_opinion: Opinion | None
    shown: Sequence[ShownPicture]
    held: Sequence[HeldWord]
    present: Sequence[PresentLine]
    physicians: Sequence[PersonName]


@dataclass(frozen=True, slots=True)
class CallsCard:
    """The calls of a case, the newest first."""

    case: Case
    calls: Sequence[Call]
    longest: int = LONGEST_MINUTES
    longest_opinion: int = LONGEST_OPINION


def make_part(work: Work, case: Case, rules: Rulebook) -> CallsCard | None:
    """The card; None where there was no call, and for whoever may not know of it."""
    if not rules.roles.permits(work.actor, Action.ENTER_ROOM) or case.submitted_at is None:
        return None
    if not may_read_discussion(work, case, second=rules.second):
        return None
    calls = list_calls(work, case, rules)
    return CallsCard(case, calls) if calls else None


def list_calls(work: Work, case: Case, rules: Rulebook) -> list[Call]:
    """Every call of a case with names; policy is the caller's to ask."""
    found = records.list_calls(work, case)
    people = {person.person_id for call in found for person in call.people}
    people |= {each.author_id for call in found for each in call.minutes[-1:]}
    people |= {each.presenter_id for call in found for each in call.shown}
    people |= {each.said_by for call in found for each in call.present}
    guests = links.guests_in(work, [call.room.id for call in found])
    names = practitioners.names_of(work, people - guests.keys()) | {
        each: _guest_name(link, rules.terms) for each, link in guests.items()
    }
    physicians = physicians_of(work, case, found, rules.rooms.inviting)
    signed, pictures = opinions_of(work, case), pictures_of(work, case, found)
    may_host = rules.roles.permits(work.actor, Action.CALL_ON_CASE) and is_open(case.status)
    return [
        Call(
            call.room,
            [
                CallPerson(
                    who=names.get(person.person_id),
                    place=organisations.get_institution(work, person.institution_id),
                    is_host=person.person_id == call.room.host_id,
                    stays=person.stays,
                    quality=person.quality,
                    counted=person.counted,
                    line=rules.call_quality.line_of(person.quality),
                )
                for person in call.people
            ],
            minutes=call.minutes[-1] if call.minutes else None,
            author=names.get(call.minutes[-1].author_id) if call.minutes else None,
            may_write=may_host and call.room.host_id == work.actor.practitioner_id,
            opinions=signed.get(call.room.id, ()),
            may_sign=may_sign(work, case, call, rules),
            own_opinion=own_of(work, signed.get(call.room.id, ())),
            shown=shown_in(call, pictures, names),
            held=words_held_in(call, names),
            present=lines_of(work, call.present, names),
            physicians=[names[each] for each in physicians[call.room.id]],
        )
        for call in found
    ]


def _guest_name(link: Link, terms: Terms) -> PersonName:
    """How a person without an account is called beside the others."""
    shown = named_guest(link, terms, tells_identity=False)
    return PersonName(shown.name, shown.name_en, "")
