"""Promised times by working days: holidays and 调休 are data, and no second is lost."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.model import Priority
from consult.cases.promise import Promise, make_promise, parse_promise_rules, resume_promise
from consult.cases.working_days import (
    PromiseBasis,
    Reckoning,
    WorkingDays,
    join_calendars,
    parse_working_calendar,
)
from consult.kernel.rules import MalformedRulesError
from tests.makers.rulebooks import broken, read_config

CHINA = parse_working_calendar(read_config("working_days/china.toml"))
DAYS = join_calendars([CHINA])
RULES = parse_promise_rules(read_config("promises.toml"))
SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE = DAYS.reckoning("Asia/Shanghai")
ELSEWHERE = DAYS.reckoning("Europe/Berlin")
FIRST = datetime(2026, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
INSTANTS = st.timedeltas(timedelta(), timedelta(days=730)).map(lambda since: FIRST + since)
SPANS = st.timedeltas(timedelta(), timedelta(days=20))


def local(text: str) -> datetime:
    """A time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def promised(submitted_at: datetime, priority: Priority = Priority.ROUTINE) -> Promise:
    """As a case submitted then is promised in Shanghai."""
    reckoning = RULES.reckoning(DAYS, priority=priority, zone="Asia/Shanghai")
    return make_promise(RULES, priority=priority, submitted_at=submitted_at, reckoning=reckoning)


@pytest.mark.parametrize(
    ("submitted", "accept", "report"),
    [
        # an ordinary Monday
        ("2026-03-02T10:00", "2026-03-03T10:00", "2026-03-05T10:00"),
        # Friday before an ordinary weekend
        ("2026-03-06T10:00", "2026-03-09T10:00", "2026-03-11T10:00"),
        # Saturday that is worked before the Spring Festival (调休), which lasts nine days
        ("2026-02-14T10:00", "2026-02-24T10:00", "2026-02-26T10:00"),
        # in the middle of the festival: the first working day counts whole
        ("2026-02-18T10:00", "2026-02-25T00:00", "2026-02-27T00:00"),
        # the Saturday after it is worked too
        ("2026-02-26T10:00", "2026-02-27T10:00", "2026-03-02T10:00"),
        # the eve of the National Day's week, with a worked Saturday behind it
        ("2026-09-30T16:00", "2026-10-08T16:00", "2026-10-10T16:00"),
        # over New Year into a year of which the law alone is known
        ("2026-12-31T10:00", "2027-01-04T10:00", "2027-01-06T10:00"),
    ],
)
def test_a_routine_case_has_its_working_days_over_a_holiday(
    submitted: str, accept: str, report: str
) -> None:
    promise = promised(local(submitted))
    assert promise.accept_by == local(accept)
    assert promise.report_by == local(report)


@pytest.mark.parametrize("priority", [Priority.EMERGENCY, Priority.URGENT])
def test_what_is_urgent_knows_no_holiday(priority: Priority) -> None:
    at = local("2026-02-16T03:00")
    span = RULES.spans[priority]
    promise = promised(at, priority)
    assert (promise.accept_by, promise.report_by) == (at + span.accept, at + span.report)


@given(start=INSTANTS, span=SPANS)
def test_what_is_added_is_what_is_counted(start: datetime, span: timedelta) -> None:
    end = HERE.after(start, span)
    assert HERE.between(start, end) == span
    assert HERE.between(HERE.before(end, span), end) == span


@given(start=INSTANTS, first=SPANS, second=SPANS)
def test_two_spans_are_one(start: datetime, first: timedelta, second: timedelta) -> None:
    halfway = HERE.after(start, first)
    assert HERE.after(halfway, second) == HERE.after(start, first + second)


@given(
    start=INSTANTS,
    turns=st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4),
)
def test_a_pause_is_exact_over_a_holiday(
    start: datetime, turns: list[tuple[timedelta, timedelta]]
) -> None:
    """What the experts were given in working time is what was promised, however often it rested."""
    promise, now, used = promised(start), start, timedelta()
    whole = RULES.spans[Priority.ROUTINE].report
    for with_experts, with_clinic in turns:
        paused_at = now + with_experts
        if paused_at >= promise.report_by:
            break
        used += HERE.between(now, paused_at)
        now = paused_at + with_clinic
        promise = resume_promise(
            promised(now),
            accept_by=promise.accept_by,
            report_by=promise.report_by,
            paused_at=paused_at,
            resumed_at=now,
            reckoning=HERE,
        )
    assert used + HERE.between(now, promise.report_by) == whole


@given(start=INSTANTS, late=st.timedeltas(timedelta(), timedelta(days=9)), away=SPANS)
def test_what_was_late_when_it_paused_is_as_late_when_it_comes_back(
    start: datetime, late: timedelta, away: timedelta
) -> None:
    promise = promised(start)
    paused_at = promise.report_by + late
    after = resume_promise(
        promised(paused_at + away),
        accept_by=promise.accept_by,
        report_by=promise.report_by,
        paused_at=paused_at,
        resumed_at=paused_at + away,
        reckoning=HERE,
    )
    assert paused_at + away - after.report_by == late


def test_a_place_without_data_keeps_plain_days_and_says_so() -> None:
    at = local("2026-02-14T10:00")
    assert ELSEWHERE.after(at, timedelta(days=3)) == at + timedelta(days=3)
    assert ELSEWHERE.basis(at, at + timedelta(days=3)) is PromiseBasis.PLAIN


@pytest.mark.parametrize(
    ("start", "end", "basis"),
    [
        ("2026-03-02T10:00", "2026-03-05T10:00", PromiseBasis.WORKING),
        ("2026-12-31T10:00", "2027-01-05T10:00", PromiseBasis.UNANNOUNCED),
        ("2027-12-30T10:00", "2028-01-03T10:00", PromiseBasis.PLAIN),
    ],
)
def test_a_year_whose_days_are_not_known_is_told(start: str, end: str, basis: PromiseBasis) -> None:
    assert HERE.basis(local(start), local(end)) is basis


def test_a_day_on_which_the_clock_is_changed_is_as_long_as_it_is() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    there = Reckoning("Europe/Berlin", CHINA)
    start = datetime(2026, 10, 23, 12, tzinfo=berlin)  # Friday; clocks go back on Sunday
    assert there.after(start, timedelta(days=1)) == datetime(2026, 10, 26, 12, tzinfo=berlin)


def test_2026_has_the_working_days_that_were_arranged() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    # 261 days from Monday to Friday, 19 of them holidays, and six worked at weekends
    assert sum(CHINA.is_worked(day) for day in days) == 248
    assert all(day.weekday() >= 5 for day in CHINA.worked)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("zones", []),
        ("year.0.year", 2025),
        ("year.0.arranged", None),
        ("year.0.rest", [["2026-01-03", "2026-01-01"]]),
        ("year.0.rest", ["2026-01-01"]),
        ("year.0.worked", ["2026-01-01"]),
        ("year.0.worked", ["2026-02-30"]),
        ("unheard_of", 1),
    ],
)
def test_a_malformed_calendar_stops_the_start(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_working_calendar(broken(read_config("working_days/china.toml"), place, value))


def test_no_zone_has_two_calendars() -> None:
    with pytest.raises(MalformedRulesError):
        join_calendars([CHINA, CHINA])
    assert WorkingDays({}).reckoning("Asia/Shanghai").calendar is None
