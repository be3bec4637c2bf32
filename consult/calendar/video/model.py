"""A booked session of a video consultation, what an expert offers, and the rules of both."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from consult.calendar.clinics import Publication, SlotRules
from consult.calendar.timetable import Span
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.kernel.rules import RuleTable

TICK: Final = timedelta(minutes=5)
"""Sessions begin and end on this grid; a person has each of its cells once."""


class SessionStatus(enum.StrEnum):
    """Whether a session takes place."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    OVER = "over"


NEXT_SESSION_STATUS: Final[Mapping[SessionStatus, frozenset[SessionStatus]]] = MappingProxyType(
    {
        # A moved session stays booked; one whose expert is away, or whose case ended, lapses.
        SessionStatus.BOOKED: frozenset(SessionStatus),
        SessionStatus.CANCELLED: frozenset(),
        SessionStatus.LAPSED: frozenset(),
        SessionStatus.OVER: frozenset(),
    }
)


class SessionAct(enum.StrEnum):
    """What was done to a session last, and both sides are told."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    REMINDED = "reminded"


class Lapse(enum.StrEnum):
    """Why a session lapsed."""

    LEAVE = "leave"
    WINDOW = "window"
    EXPERT = "expert"
    DOCTOR = "doctor"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class VideoRules:
    """What may be offered and booked (config/video_sessions.toml); `remind` are times before."""

    slots: SlotRules
    most_windows: int
    most_leaves: int
    lead: timedelta
    horizon: timedelta
    most_offered: int
    most_booked: int
    remind: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """An expert's weekly times for sessions, by the clock of her institution."""

    id: str
    expert_id: PractitionerId
    institution_id: InstitutionId
    day_from: date
    day_until: date
    weekdays: frozenset[int]
    start: time
    end: time
    minutes: int

    def between(self, first: date, last: date) -> Publication:
        """What of it lies on these days."""
        return Publication(
            day_from=max(self.day_from, first),
            day_until=min(self.day_until, last),
            weekdays=self.weekdays,
            start=self.start,
            end=self.end,
            minutes=self.minutes,
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """A session that can be booked."""

    expert_id: PractitionerId
    window_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """Which session is wanted, and why where it takes another one's place."""

    expert_id: str
    starts_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VideoSession:
    """A session of a case between its inviting doctor and an expert.

    `sequence` counts how often it was moved or ended (RFC 5545 section 3.8.7.4); `reminded` are the
    reminders that were given, as `sequence:minutes`.
    """

    id: str
    case_id: CaseId
    case_number: str
    expert_id: PractitionerId
    doctor_id: PractitionerId
    institution_id: InstitutionId
    invited_institution_id: InstitutionId
    window_id: str
    starts_at: datetime
    ends_at: datetime
    status: SessionStatus
    sequence: int
    reason: str
    act: SessionAct
    acted_by: PractitionerId | None
    changed_at: datetime
    reminded: str
    revision: int

    @property
    def is_booked(self) -> bool:
        """Whether it is to take place, or takes place now."""
        return self.status is SessionStatus.BOOKED

    def is_for(self, person_id: str) -> bool:
        """Whether the person takes part in it."""
        return person_id in {self.expert_id, self.doctor_id}


def ticks_of(starts_at: datetime, ends_at: datetime) -> Sequence[datetime]:
    """The cells of the grid that a session fills."""
    return [starts_at + TICK * number for number in range((ends_at - starts_at) // TICK)]


def overlaps(spans: Sequence[Span], starts_at: datetime, ends_at: datetime) -> bool:
    """Whether any of these times lies upon this one."""
    return any(begins < ends_at and starts_at < ends for begins, ends in spans)


def parse_video_rules(mapping: Mapping[str, object]) -> VideoRules:
    """The rules of config/video_sessions.toml."""
    table = RuleTable(mapping)
    minutes = ("shortest_min", "longest_min", "lead_min")
    counts = ("most_windows", "most_leaves", "most_sessions", "most_offered", "most_booked")
    days = ("furthest_days", "horizon_days")
    table.only("name", "version", "source", "remind_min", *minutes, *counts, *days)
    shortest_min = table.whole("shortest_min", lowest=TICK // timedelta(minutes=1))
    return VideoRules(
        slots=SlotRules(
            version=table.text("version"),
            most_slots=table.whole("most_sessions", lowest=1),
            furthest=timedelta(days=table.whole("furthest_days", lowest=1)),
            shortest_min=shortest_min,
            longest_min=table.whole("longest_min", lowest=shortest_min),
        ),
        most_windows=table.whole("most_windows", lowest=1),
        most_leaves=table.whole("most_leaves", lowest=1),
        lead=timedelta(minutes=table.whole("lead_min", lowest=0)),
        horizon=timedelta(days=table.whole("horizon_days", lowest=1)),
        most_offered=table.whole("most_offered", lowest=1),
        most_booked=table.whole("most_booked", lowest=1),
        remind=_reminders(table),
    )


def _reminders(table: RuleTable) -> tuple[timedelta, ...]:
    value = table.values.get("remind_min")
    if not isinstance(value, list) or not all(type(each) is int and each > 0 for each in value):
        raise table.wrong("remind_min", "must be a list of minutes")
    return tuple(timedelta(minutes=each) for each in value)
