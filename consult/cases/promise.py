"""By when a case is to be accepted and reported, and how long something is kept for somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from consult.cases.model import Priority
from consult.kernel.rules import RuleTable


@dataclass(frozen=True, slots=True)
class PromiseSpan:
    """The time from submission to acceptance and to the report."""

    accept: timedelta
    report: timedelta


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """The spans of every priority."""

    name: str
    version: str
    source: str
    spans: Mapping[Priority, PromiseSpan]


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised for one case, and by which version of the rules."""

    accept_by: datetime
    report_by: datetime
    rule_name: str
    rule_version: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a case is leased to its reader and a slot held for a patient."""

    name: str
    version: str
    source: str
    lease: timedelta
    slot_hold: timedelta


def parse_promise_rules(mapping: Mapping[str, object]) -> PromiseRules:
    """The rules of config/promises.toml; every priority must be there."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "priority")
    below = table.table("priority")
    below.only(*Priority)
    return PromiseRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        spans=MappingProxyType(
            {priority: _parse_span(below.table(priority)) for priority in Priority}
        ),
    )


def parse_limits(mapping: Mapping[str, object]) -> Limits:
    """The limits of config/limits.toml."""
    table = RuleTable(mapping)
    table.only(
        "name", "version", "source", "lease_min", "slot_hold_min", "declines_to_escalate", "row"
    )
    return Limits(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        lease=timedelta(minutes=table.whole("lease_min", lowest=1)),
        slot_hold=timedelta(minutes=table.whole("slot_hold_min", lowest=1)),
    )


def make_promise(rules: PromiseRules, *, priority: Priority, submitted_at: datetime) -> Promise:
    """The instants promised for a case submitted at this instant."""
    span = rules.spans[priority]
    return Promise(
        accept_by=submitted_at + span.accept,
        report_by=submitted_at + span.report,
        rule_name=rules.name,
        rule_version=rules.version,
    )


def resume_promise(
    fresh: Promise,
    *,
    accept_by: datetime,
    report_by: datetime,
    paused_at: datetime,
    resumed_at: datetime,
) -> Promise:
    """What was left of a promise when it paused, counted again from now (U6).

    Where the case became more pressing meanwhile, the promise of its new urgency holds if sooner.
    """
    pause = resumed_at - paused_at
    return Promise(
        accept_by=min(accept_by + pause, fresh.accept_by),
        report_by=min(report_by + pause, fresh.report_by),
        rule_name=fresh.rule_name,
        rule_version=fresh.rule_version,
    )


def _parse_span(table: RuleTable) -> PromiseSpan:
    table.only("accept_min", "report_min")
    accept_min = table.whole("accept_min", lowest=1)
    return PromiseSpan(
        accept=timedelta(minutes=accept_min),
        report=timedelta(minutes=table.whole("report_min", lowest=accept_min)),
    )
