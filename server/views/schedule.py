"""我的日程: a week of a person's video sessions; and an expert's windows and leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from consult.calendar.timetable import day_bounds
from consult.calendar.video import feeds, service, service_offer
from consult.calendar.video.door import is_door_open
from consult.calendar.video.model import VideoRules, VideoSession
from consult.calendar.video.service_offer import Offering
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from server.views.session_card import clock_of
from server.views.slot_grid import week_of

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session of the week: its times by the reader's clock, and the other side."""

    session: VideoSession
    clock: str
    who: Sequence[PersonName]
    place: Institution
    may_enter: bool


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """One week, day by day; `previous` is None before this week."""

    days: Sequence[tuple[date, Sequence[SessionLine]]]
    first: date
    last: date
    today: date
    previous: date | None
    next: date | None
    feed_since: datetime | None


@dataclass(frozen=True, slots=True)
class WindowsPage:
    """What one expert offers; `experts` are those for whom the reader may offer."""

    expert: PersonName | None
    expert_id: str
    experts: Sequence[tuple[str, PersonName]]
    offering: Offering | None
    is_own: bool
    today: date
    substitutes: Sequence[tuple[str, PersonName]]


class WindowAnswer(BaseModel):
    """A new window or leave; how many booked sessions lapsed by it, and taken cases went back."""

    lapsed: int
    returned: int = 0
    location: str


class AddressAnswer(BaseModel):
    """The address of a calendar; it is said once."""

    address: str


def make_page(work: Work, *, week: date | None, rules: VideoRules) -> SchedulePage:
    """Read one week; without a choice the present one."""
    place = organisations.get_institution(work, work.actor.institution)
    today = place.local_day(work.now)
    furthest = week_of(today + rules.horizon)
    monday = min(max(week_of(week or today), week_of(today) - 8 * _WEEK), furthest)
    since, until = day_bounds(monday, days=7, zone=place.zone)
    found = service.list_schedule(work, since=since, until=until)
    lines = [(_day(each, place.zone), line) for each, line in _lines(work, found, place.zone)]
    days = sorted({day for day, _line in lines})
    return SchedulePage(
        days=[(day, [line for on, line in lines if on == day]) for day in days],
        first=monday,
        last=monday + timedelta(days=6),
        today=today,
        previous=monday - _WEEK if monday > week_of(today) - 8 * _WEEK else None,
        next=monday + _WEEK if monday < furthest else None,
        feed_since=feeds.find_feed(work),
    )


def make_windows(work: Work, *, expert_id: str | None) -> WindowsPage:
    """Read one expert's windows; a coordinator's page begins with the first expert."""
    experts = service_offer.list_experts(work)
    here = service_offer.list_colleagues(work)
    names = practitioners.names_of(work, {*experts, *here})
    mine = work.actor.person
    first = mine if Role.EXPERT in work.actor.roles else next(iter(experts), None)
    wanted = expert_id or first
    offering = None if wanted is None else service_offer.offering_of(work, wanted)
    return WindowsPage(
        expert=None if wanted is None else names.get(wanted),
        expert_id=wanted or "",
        experts=[(each, names[each]) for each in experts if each in names],
        offering=offering,
        is_own=wanted == mine,
        today=organisations.today_at(work, work.actor.institution),
        substitutes=[(each, names[each]) for each in here if each in names and each != wanted],
    )


def _lines(
    work: Work, found: Sequence[VideoSession], zone: str
) -> list[tuple[VideoSession, SessionLine]]:
    people = {person for each in found for person in (each.expert_id, each.doctor_id)}
    names = practitioners.names_of(work, people)
    mine, here = work.actor.person, work.actor.institution
    lines = []
    for each in found:
        others = [person for person in (each.doctor_id, each.expert_id) if person != mine]
        far = each.institution_id if each.institution_id != here else each.invited_institution_id
        line = SessionLine(
            session=each,
            clock=clock_of(each.starts_at, each.ends_at, zone=zone),
            who=[names[person] for person in others if person in names],
            place=organisations.get_institution(work, far),
            may_enter=is_door_open(each, now=work.now) and each.is_for(mine),
        )
        lines.append((each, line))
    return lines


def _day(session: VideoSession, zone: str) -> date:
    return session.starts_at.astimezone(ZoneInfo(zone)).date()
