"""The promise pauses exactly: what was left when a case went back is what is left when it comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.model import Priority
from consult.cases.promise import Promise, make_promise, parse_promise_rules, resume_promise
from consult.cases.returns.model import expires_at, parse_return_rules
from consult.cases.working_days import Reckoning
from consult.kernel.rules import MalformedRulesError
from tests.makers.rulebooks import broken, read_config

RULES = parse_promise_rules(read_config("promises.toml"))
BY_CLOCK = Reckoning("Asia/Shanghai", None)
START = datetime(2026, 9, 30, 3, 15, tzinfo=UTC)  # the day before a holiday of a week
SPANS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=30))


@given(
    priority=st.sampled_from(Priority),
    turns=st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=6),
)
def test_however_often_it_goes_back_no_second_is_lost_or_won(
    priority: Priority, turns: list[tuple[timedelta, timedelta]]
) -> None:
    first = promise = make_promise(RULES, priority=priority, submitted_at=START, reckoning=BY_CLOCK)
    now, away = START, timedelta()
    for with_experts, with_clinic in turns:
        paused_at = now + with_experts
        left = promise.report_by - paused_at
        now, away = paused_at + with_clinic, away + with_clinic
        promise = resume(promise, priority, paused_at=paused_at, resumed_at=now)
        assert promise.report_by - now == left
    assert promise.accept_by == first.accept_by + away
    assert promise.report_by == first.report_by + away


@given(before=st.sampled_from(Priority), after=st.sampled_from(Priority), held=SPANS, away=SPANS)
def test_a_case_that_became_more_pressing_is_never_answered_later_for_it(
    before: Priority, after: Priority, held: timedelta, away: timedelta
) -> None:
    paused_at = START + held
    resumed_at = paused_at + away
    old = make_promise(RULES, priority=before, submitted_at=START, reckoning=BY_CLOCK)
    fresh = make_promise(RULES, priority=after, submitted_at=resumed_at, reckoning=BY_CLOCK)
    found = resume(old, after, paused_at=paused_at, resumed_at=resumed_at)
    assert found.report_by == min(old.report_by + away, fresh.report_by)
    assert found.accept_by == min(old.accept_by + away, fresh.accept_by)


@given(days=st.integers(1, 90), since=st.timedeltas(timedelta(), timedelta(days=400)))
def test_the_clinic_has_all_its_days_and_no_more_than_one(days: int, since: timedelta) -> None:
    returned_at = START + since
    found = expires_at(returned_at, wait_days=days, zone="Asia/Shanghai")
    assert timedelta(days=days) < found - returned_at <= timedelta(days=days + 1)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("wait_days", 0),
        ("wait_days", None),
        ("kept_for_expert_min", -1),
        ("image_reason", None),
        ("image_reason.dirt.zh", ""),
        ("other_item.history", {"zh": "病史"}),
        ("unheard_of", 1),
    ],
)
def test_malformed_rules_stop_the_start(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_return_rules(broken(read_config("returns.toml"), place, value))


def resume(
    promise: Promise, priority: Priority, *, paused_at: datetime, resumed_at: datetime
) -> Promise:
    """As a submission after a return does it."""
    return resume_promise(
        make_promise(RULES, priority=priority, submitted_at=resumed_at, reckoning=BY_CLOCK),
        accept_by=promise.accept_by,
        report_by=promise.report_by,
        paused_at=paused_at,
        resumed_at=resumed_at,
        reckoning=BY_CLOCK,
    )
