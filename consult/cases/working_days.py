"""Working days of a place, with holidays and exchanged days (调休), and time counted by them."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from consult.kernel.rules import RuleTable

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked where one of these zones holds.

    `years` says of each year that is known whether its exchanged days are announced.
    """

    name: str
    version: str
    source: str
    zones: frozenset[str]
    years: Mapping[int, bool]
    rest: frozenset[date]
    worked: frozenset[date]

    def is_worked(self, day: date) -> bool:
        """Whether the day counts; of a year that is not known every day does."""
        if day in self.worked or day.year not in self.years:
            return True
        return day not in self.rest and day.weekday() < _SATURDAY


class PromiseBasis(enum.StrEnum):
    """By what a promised time was counted, as it is told beside it."""

    CLOCK = "clock"
    WORKING = "working"
    UNANNOUNCED = "unannounced"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How time runs at a place: by its working days, or by every hour where it has no calendar."""

    zone: str
    calendar: WorkingCalendar | None
    is_by_clock: bool = False

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The instant when so much counted time has passed since `start`."""
        if self.calendar is None or span <= timedelta():
            return start + span
        day = self._day(start)
        at, left = start, span
        while True:
            ends = self._begins(day + _DAY)
            if self.calendar.is_worked(day):
                if left <= ends - at:
                    return at + left
                left -= ends - at
            at, day = ends, day + _DAY

    def before(self, end: datetime, span: timedelta) -> datetime:
        """The instant from which so much counted time leads to `end`."""
        if self.calendar is None or span <= timedelta():
            return end - span
        day = self._day(end)
        at, left = end, span
        while True:
            begins = self._begins(day)
            if self.calendar.is_worked(day):
                if left <= at - begins:
                    return at - left
                left -= at - begins
            at, day = begins, day - _DAY

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much counted time lies between two instants; `start` is not the later one."""
        if self.calendar is None:
            return end - start
        day, at, counted = self._day(start), start, timedelta()
        while at < end:
            ends = min(self._begins(day + _DAY), end)
            if self.calendar.is_worked(day):
                counted += ends - at
            at, day = ends, day + _DAY
        return counted

    def basis(self, start: datetime, end: datetime) -> PromiseBasis:
        """How the time between two instants was counted."""
        if self.is_by_clock:
            return PromiseBasis.CLOCK
        if self.calendar is None:
            return PromiseBasis.PLAIN
        years = range(self._day(start).year, self._day(end).year + 1)
        known = [self.calendar.years.get(year) for year in years]
        if None in known:
            return PromiseBasis.PLAIN
        return PromiseBasis.WORKING if all(known) else PromiseBasis.UNANNOUNCED

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _begins(self, day: date) -> datetime:
        """When the day begins at the place, as an instant: a day of a changed clock is longer."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
        return midnight.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendars of config/working_days by zone."""

    by_zone: Mapping[str, WorkingCalendar]

    def reckoning(self, zone: str) -> Reckoning:
        """How working time runs in a zone; by plain days where no calendar names it."""
        return Reckoning(zone, self.by_zone.get(zone))


def parse_working_calendar(mapping: Mapping[str, object]) -> WorkingCalendar:
    """One file of config/working_days."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "zones", "year")
    years: dict[int, bool] = {}
    rest: set[date] = set()
    worked: set[date] = set()
    for row in table.tables("year"):
        row.only("year", "arranged", "rest", "worked")
        year = row.whole("year", lowest=2000)
        if year in years:
            raise row.wrong("year", "stands twice")
        years[year] = row.flag("arranged")
        rest |= _rest_of(row, year)
        worked |= {_day(row, "worked", each, year) for each in row.texts("worked")}
    if rest & worked:
        raise table.wrong("year", "a day is both worked and of rest")
    if not table.texts("zones"):
        raise table.wrong("zones", "must name a zone")
    return WorkingCalendar(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        zones=frozenset(table.texts("zones")),
        years=MappingProxyType(years),
        rest=frozenset(rest),
        worked=frozenset(worked),
    )


def join_calendars(calendars: Iterable[WorkingCalendar]) -> WorkingDays:
    """The calendars together; a zone that two of them name is refused."""
    by_zone: dict[str, WorkingCalendar] = {}
    for calendar in calendars:
        for zone in calendar.zones:
            if zone in by_zone:
                raise RuleTable({}, calendar.name).wrong("zones", f"{zone} has a calendar already")
            by_zone[zone] = calendar
    return WorkingDays(MappingProxyType(by_zone))


def _rest_of(row: RuleTable, year: int) -> set[date]:
    """Every day of the spans of rest."""
    found = row.values.get("rest")
    if not isinstance(found, list):
        raise row.wrong("rest", "must be a list of first and last days")
    days: set[date] = set()
    for span in found:
        first, last = _ends_of(row, span, year)
        days |= {first + number * _DAY for number in range((last - first).days + 1)}
    return days


def _ends_of(row: RuleTable, span: object, year: int) -> tuple[date, date]:
    told = list(span) if isinstance(span, Sequence) and not isinstance(span, str) else []
    if len(told) == len(("first", "last")) and all(isinstance(each, str) for each in told):
        first, last = (_day(row, "rest", each, year) for each in told)
        if first <= last:
            return first, last
    raise row.wrong("rest", "must be a list of first and last days")


def _day(row: RuleTable, key: str, told: str, year: int) -> date:
    try:
        day = date.fromisoformat(told)
    except ValueError:
        raise row.wrong(key, f"'{told}' is no day") from None
    if day.year != year:
        raise row.wrong(key, f"{told} is not of {year}")
    return day
