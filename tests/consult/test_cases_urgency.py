"""Urgency explained, and the times that it promises."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.forms import parse_form
from consult.cases.model import Priority, ServiceType
from consult.cases.promise import make_promise, parse_limits, parse_promise_rules
from consult.cases.urgency import NO_RED_FLAG, parse_urgency_rules, propose_urgency
from consult.cases.working_days import Reckoning
from consult.kernel.errors import RefusedError
from tests.makers.rulebooks import config_names, read_config

RULES = parse_urgency_rules(read_config("urgency_rules.toml"))
PROMISES = parse_promise_rules(read_config("promises.toml"))
FLAGS = st.frozensets(st.sampled_from(sorted(RULES.red_flags)))


@pytest.mark.parametrize(
    ("service", "flags", "priority", "rule"),
    [
        ("screening_read", [], Priority.SCREENING, "screening-read"),
        ("screening_read", [NO_RED_FLAG], Priority.SCREENING, "screening-read"),
        ("remote_diagnosis", ["none"], Priority.ROUTINE, "no-red-flag"),
        ("remote_consultation", [], Priority.ROUTINE, "no-red-flag"),
        ("screening_read", ["sudden_vision_loss"], Priority.EMERGENCY,
         "red-flag-sudden-vision-loss"),
        ("remote_diagnosis", ["red_painful_headache"], Priority.EMERGENCY,
         "red-flag-red-painful-headache"),
        ("screening_read", ["flashes_floaters"], Priority.URGENT, "red-flag-flashes-floaters"),
        ("screening_read", ["field_obscured"], Priority.URGENT, "red-flag-field-obscured"),
    ],
)  # fmt: skip
def test_the_rule_that_fired_is_named(
    service: str, flags: list[str], priority: Priority, rule: str
) -> None:
    proposal = propose_urgency(RULES, service_type=ServiceType(service), red_flags=flags)
    assert (proposal.priority, proposal.rule_id) == (priority, rule)
    assert proposal.rule_version == RULES.version
    assert proposal.sentence_key == f"urgency.{rule}"
    assert proposal.fired[0] == rule
    assert proposal.why.zh
    assert proposal.why.en


@given(service=st.sampled_from(ServiceType), flags=FLAGS, more=FLAGS)
def test_more_red_flags_never_lower_the_priority(
    service: ServiceType, flags: frozenset[str], more: frozenset[str]
) -> None:
    pressing = list(Priority)
    one = propose_urgency(RULES, service_type=service, red_flags=flags)
    assert one == propose_urgency(RULES, service_type=service, red_flags=sorted(flags))
    both = propose_urgency(RULES, service_type=service, red_flags=flags | more)
    assert pressing.index(both.priority) <= pressing.index(one.priority)
    if flags:
        assert one.priority in {Priority.EMERGENCY, Priority.URGENT}
        assert one.service_type is ServiceType.REMOTE_CONSULTATION


def test_an_unknown_red_flag_is_refused() -> None:
    with pytest.raises(RefusedError):
        propose_urgency(RULES, service_type=ServiceType.SCREENING_READ, red_flags=["hunger"])


@pytest.mark.parametrize("name", config_names("service_types"))
def test_every_red_flag_of_a_form_has_its_rule(name: str) -> None:
    choices = {
        choice.code for choice in parse_form(read_config(name)).question("red_flags").choices
    }
    assert choices == RULES.red_flags | {NO_RED_FLAG}


@pytest.mark.parametrize(
    ("priority", "accept", "report"),
    [
        (Priority.EMERGENCY, timedelta(minutes=10), timedelta(hours=1)),
        (Priority.URGENT, timedelta(hours=4), timedelta(hours=24)),
        (Priority.ROUTINE, timedelta(hours=24), timedelta(hours=72)),
        (Priority.SCREENING, timedelta(days=10), timedelta(days=10)),
    ],
)
def test_the_promise_counts_from_the_submission(
    priority: Priority, accept: timedelta, report: timedelta
) -> None:
    at = datetime(2026, 2, 14, 12, 30, tzinfo=UTC)
    plain = Reckoning("Asia/Shanghai", None)
    promise = make_promise(PROMISES, priority=priority, submitted_at=at, reckoning=plain)
    assert (promise.accept_by - at, promise.report_by - at) == (accept, report)
    assert (promise.rule_name, promise.rule_version) == (PROMISES.name, PROMISES.version)


def test_a_lease_is_an_hour_and_a_hold_a_quarter_of_one() -> None:
    limits = parse_limits(read_config("limits.toml"))
    assert (limits.lease, limits.slot_hold) == (timedelta(minutes=60), timedelta(minutes=15))
