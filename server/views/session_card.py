"""The card of a case's page that tells of its video session: booked, free times, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from aiohttp import web

from consult.access.model import Action
from consult.calendar.video import free, service
from consult.calendar.video.door import is_door_open
from consult.calendar.video.model import Offer, VideoSession
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.rooms import service as rooms
from consult.rooms.model import Room
from server.keys import MEDIA
from server.rules.rulebook import Rulebook

_SOON = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Choice:
    """One free session: the value that the form sends, its times, and with whom."""

    value: str
    clock: str
    who: PersonName


@dataclass(frozen=True, slots=True)
class SessionCard:
    """What the card shows; `session` is the newest one, whether it is booked or has ended."""

    case: Case
    session: VideoSession | None
    clock: str
    expert: PersonName | None
    doctor: PersonName | None
    days: Sequence[tuple[date, Sequence[Choice]]]
    busy: Sequence[tuple[PersonName, datetime]]
    may_book: bool
    may_change: bool
    may_enter: bool = False
    may_invite: bool = False
    call: Room | None = None

    def said_to(self, request: web.Request) -> object:
        """The same; without the way into the room where video is off."""
        return self if MEDIA in request.app else replace(self, may_enter=False, may_invite=False)


def make_part(work: Work, case: Case, rules: Rulebook) -> SessionCard | None:
    """The card, or None where there is neither a session nor anybody who could book one."""
    if not rules.roles.permits(work.actor, Action.SEE_SCHEDULE):
        return None
    if not service.is_of_a_side(work, case):
        return None
    session = next(iter(service.list_of_case(work, case)), None)
    is_coming = session is not None and session.is_booked and session.ends_at > work.now
    may_book = _may_book(work, case, rules) and not is_coming
    if session is None and not may_book:
        return None
    may_change = session is not None and is_coming and session.starts_at > work.now
    moving = session if may_change else None
    found: list[Offer] = []
    if may_book or may_change:
        found = free.list_free(work, case, rules=rules.booking.video, moving=moving)
    card = _card(work, case, session, found, may_book=may_book, may_change=may_change)
    if session is None:
        return card
    is_now = is_door_open(session, now=work.now) and session.is_for(work.actor.person)
    call = rooms.calls_of_sessions(work, [session.id]).get(session.id)
    may_enter = is_now and rules.roles.permits(work.actor, Action.ENTER_ROOM)
    is_mine = is_coming and session.is_for(work.actor.person)
    may_invite = is_mine and rules.roles.permits(work.actor, Action.CALL_ON_CASE)
    return replace(card, may_enter=may_enter, may_invite=may_invite, call=call)


def clock_of(starts_at: datetime, ends_at: datetime, *, zone: str) -> str:
    """From when until when, by the clock of this zone."""
    times = (at.astimezone(ZoneInfo(zone)).strftime("%H:%M") for at in (starts_at, ends_at))
    return "–".join(times)


def _may_book(work: Work, case: Case, rules: Rulebook) -> bool:
    is_own = case.institution_id == work.actor.institution_id
    return (
        is_own and rules.roles.permits(work.actor, Action.BOOK_SESSION) and service.can_have(case)
    )


def _card(
    work: Work,
    case: Case,
    session: VideoSession | None,
    found: Sequence[Offer],
    *,
    may_book: bool,
    may_change: bool,
) -> SessionCard:
    busy = service.busy_now(work, case, within=_SOON) if may_book else {}
    people = {each.expert_id for each in found} | set(busy)
    people |= set() if session is None else {session.expert_id, session.doctor_id}
    names = practitioners.names_of(work, people)
    zone = organisations.get_institution(work, work.actor.institution).zone
    clock = "" if session is None else clock_of(session.starts_at, session.ends_at, zone=zone)
    return SessionCard(
        case=case,
        session=session,
        clock=clock,
        expert=None if session is None else names.get(session.expert_id),
        doctor=None if session is None else names.get(session.doctor_id),
        days=_days(found, names, zone=zone),
        busy=[(names[person], until) for person, until in sorted(busy.items()) if person in names],
        may_book=may_book,
        may_change=may_change,
    )


def _days(
    found: Sequence[Offer], names: Mapping[str, PersonName], *, zone: str
) -> list[tuple[date, list[Choice]]]:
    def day_of(offer: Offer) -> date:
        return offer.starts_at.astimezone(ZoneInfo(zone)).date()

    return [
        (day, [_choice(each, names[each.expert_id], zone=zone) for each in offers])
        for day, offers in groupby(found, key=day_of)
    ]


def _choice(offer: Offer, who: PersonName, *, zone: str) -> Choice:
    at = offer.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Choice(
        f"{offer.expert_id}@{at}", clock_of(offer.starts_at, offer.ends_at, zone=zone), who
    )
