"""What a guest's pages show: who invites, what is asked, the call; never a case or a patient."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.rooms.links import service as links
from consult.rooms.links import service_guest
from consult.rooms.links.model import Asks, Guest, LinkFor, LinkState
from server.terms import Terms
from server.views.rooms import (
    RecordAnswer,
    RoomPersonAnswer,
    RoomsAnswer,
    knock_answer,
    named_guest,
)


@dataclass(frozen=True, slots=True)
class Invited:
    """Who invites whom, and until when the link opens."""

    state: LinkState
    for_whom: LinkFor
    who: PersonName
    place: Institution
    until: datetime
    starts_at: datetime | None = None
    opens_at: datetime | None = None

    @property
    def zone(self) -> str:
        """The zone of whoever invites."""
        return self.place.zone


@dataclass(frozen=True, slots=True)
class Question:
    """What a guest is asked before she may knock."""

    for_whom: LinkFor
    asks: Asks


@dataclass(frozen=True, slots=True)
class GuestPage:
    """The page of a call as a guest has it: without the case."""

    person_id: str
    for_whom: LinkFor
    url: str = "/api/join/room"
    relay: str = "/api/join/room/relay"
    is_guest: bool = True
    case: None = None


def make_invitation(work: Work, *, token_hash: str) -> Invited | None:
    """Who made this link; None where nobody did."""
    found = service_guest.look(work, token_hash=token_hash)
    if found is None:
        return None
    return Invited(
        found.state,
        found.for_whom,
        practitioners.names_of(work, [found.made_by])[found.made_by],
        organisations.get_institution(work, found.institution_id),
        found.expires_at,
        found.starts_at,
        found.opens_at,
    )


def make_question(work: Work, *, session_hash: str) -> Question:
    """What is asked of the guest with this cookie; raises GuestUnknownError."""
    guest = service_guest.find_guest(work, session_hash=session_hash)
    asks = service_guest.what_is_asked(work, session_hash=session_hash)
    return Question(LinkFor.PATIENT if guest is None else guest.link.for_whom, asks)


def room_as_json(work: Work, *, guest: Guest, session_hash: str, terms: Terms) -> dict[str, Any]:
    """The room as its guest sees it: the host, and once she is in whoever is there."""
    is_out = guest.is_over or guest.link.revoked_at is not None
    role = service_guest.find_role(work, session_hash=session_hash)
    inside = [] if is_out else service_guest.list_inside(work, session_hash=session_hash)
    room = guest.room
    record = RecordAnswer(
        room_id=room.id,
        host_id=room.host_id,
        opened_at=room.opened_at.isoformat(),
        ended_at=None,
        how=None,
        attendances=[],
        quality=None,
        shown=[],
    )
    return RoomsAnswer(
        open_room_id=None if guest.is_over else room.id,
        may_call=False,
        role=None if role is None else role.value,
        own_knock=None if guest.knock is None else knock_answer(guest.knock),
        knocks=[],
        ring=None,
        rooms=[record],
        people=_people(work, guest, [room.host_id, *inside], terms),
    ).model_dump()


def _people(work: Work, guest: Guest, ids: list[str], terms: Terms) -> dict[str, RoomPersonAnswer]:
    """Names and institutions of the people whom the guest sees."""
    guests = links.guests_in(work, [guest.room.id])
    places = service_guest.institutions_of(work, guest.room)
    staff = [each for each in dict.fromkeys(ids) if each not in guests]
    names = practitioners.names_of(work, staff)
    found = {
        each: named_guest(guests[each], terms, tells_identity=False)
        for each in ids
        if each in guests
    }
    for person_id in staff:
        place = organisations.get_institution(work, places[person_id])
        found[person_id] = RoomPersonAnswer(
            name=names[person_id].name,
            name_en=names[person_id].name_en,
            institution=place.name,
            institution_en=place.name_en,
        )
    return found
