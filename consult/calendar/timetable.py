"""From a publication's wall-clock times to instants, at the zone of the institution."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TypeAlias
from zoneinfo import ZoneInfo

from consult.calendar.clinics import Publication, SlotRules
from consult.calendar.model import Half
from consult.kernel.errors import FieldProblem, FormRefusedError

Span: TypeAlias = tuple[datetime, datetime]
_WEEK = frozenset(range(1, 8))
NOON = time(12)


def make_timetable(
    publication: Publication, *, zone: str, now: datetime, rules: SlotRules
) -> list[Span]:
    """Beginning and end of every slot, in order; raises FormRefusedError with every problem."""
    today = now.astimezone(ZoneInfo(zone)).date()
    problems = list(check_publication(publication, today=today, rules=rules))
    if problems:
        raise FormRefusedError(problems)
    found = list(islice(spans_of(publication, zone=zone, now=now), rules.most_slots + 1))
    if len(found) > rules.most_slots:
        limit = {"limit": rules.most_slots}
        raise FormRefusedError([FieldProblem("day_until", "too-many-slots", limit)])
    if not found:
        raise FormRefusedError([FieldProblem("day_until", "no-slots-in-this-time")])
    return found


def check_publication(
    publication: Publication, *, today: date, rules: SlotRules
) -> Iterator[FieldProblem]:
    """What is wrong with the form."""
    if publication.day_from < today:
        yield FieldProblem("day_from", "day-is-past")
    if publication.day_until < publication.day_from:
        yield FieldProblem("day_until", "dates-reversed")
    elif publication.day_until - today > rules.furthest:
        yield FieldProblem("day_until", "day-too-far", {"limit": rules.furthest.days})
    if not publication.weekdays:
        yield FieldProblem("weekdays", "field-missing")
    elif not publication.weekdays <= _WEEK:
        yield FieldProblem("weekdays", "field-not-a-choice")
    yield from _check_times(publication, rules=rules)


def half_of_day(at: datetime, *, zone: str) -> tuple[date, bool]:
    """The local date, and whether it is after noon."""
    local = at.astimezone(ZoneInfo(zone))
    return local.date(), local.time() >= NOON


def day_bounds(day: date, *, days: int, zone: str) -> Span:
    """The instants at which these days begin and are over, where the institution is."""
    return instant(day, time(0), zone=zone), instant(day + timedelta(days=days), time(0), zone=zone)


def half_bounds(day: date, half: Half | None, *, zone: str) -> Span:
    """The instants between which the day, or this half of it, lies where the institution is."""
    begins_at, over_at = day_bounds(day, days=1, zone=zone)
    noon = instant(day, NOON, zone=zone)
    match half:
        case Half.MORNING:
            return begins_at, noon
        case Half.AFTERNOON:
            return noon, over_at
        case None:
            return begins_at, over_at


def instant(day: date, clock: time, *, zone: str) -> datetime:
    """The moment at which a clock at the institution shows this time."""
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def _check_times(publication: Publication, *, rules: SlotRules) -> Iterator[FieldProblem]:
    for field, at in (("start", publication.start), ("end", publication.end)):
        if at.tzinfo is not None:
            yield FieldProblem(field, "field-malformed")
            return
    if publication.end <= publication.start:
        yield FieldProblem("end", "times-reversed")
    if not rules.shortest_min <= publication.minutes <= rules.longest_min:
        limits = {"low": rules.shortest_min, "high": rules.longest_min}
        yield FieldProblem("minutes", "out-of-range", limits)


def spans_of(publication: Publication, *, zone: str, now: datetime) -> Iterator[Span]:
    """Beginning and end of each time of a publication that is still to come."""
    length = timedelta(minutes=publication.minutes)
    for number in range((publication.day_until - publication.day_from).days + 1):
        day = publication.day_from + timedelta(days=number)
        if day.isoweekday() not in publication.weekdays:
            continue
        starts_at = instant(day, publication.start, zone=zone)
        over_at = instant(day, publication.end, zone=zone)
        while starts_at + length <= over_at:
            if starts_at > now:
                yield starts_at, starts_at + length
            starts_at += length
