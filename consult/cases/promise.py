"""By when a case is to be accepted and reported, and how long something is kept for somebody."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from consult.cases.model import Priority
from consult.cases.working_days import Reckoning, WorkingDays
from consult.kernel.rules import RuleTable


class Counted(enum.StrEnum):
    """By what a promised time runs: every hour, or the working days of whoever is asked."""

    CLOCK = "clock"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class PromiseSpan:
    """The counted time from submission to acceptance and to the report."""

    accept: timedelta
    report: timedelta
    counted: Counted


@dataclass(frozen=True, slots=True)
class Ladder:
    """After how many percent of a promised time who is told of it (Q-04)."""

    remind_percent: int
    leader_percent: int
    backup_percent: int


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """The spans of every priority, and who is told when one runs out."""

    name: str
    version: str
    source: str
    ladder: Ladder
    spans: Mapping[Priority, PromiseSpan]

    def reckoning(self, days: WorkingDays, *, priority: Priority, zone: str) -> Reckoning:
        """How the time of a case of this priority runs where it is answered."""
        if self.spans[priority].counted is Counted.CLOCK:
            return Reckoning(zone, None, is_by_clock=True)
        return days.reckoning(zone)


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
    table.only("name", "version", "source", "ladder", "priority")
    below = table.table("priority")
    below.only(*Priority)
    return PromiseRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        ladder=_parse_ladder(table.table("ladder")),
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


def make_promise(
    rules: PromiseRules, *, priority: Priority, submitted_at: datetime, reckoning: Reckoning
) -> Promise:
    """The instants promised for a case submitted at this instant, as time runs where it goes."""
    span = rules.spans[priority]
    return Promise(
        accept_by=reckoning.after(submitted_at, span.accept),
        report_by=reckoning.after(submitted_at, span.report),
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
    reckoning: Reckoning,
) -> Promise:
    """What was left of a promise when it paused, counted again from now (U6).

    Where the case became more pressing meanwhile, the promise of its new urgency holds if sooner.
    """

    def resumed(due: datetime) -> datetime:
        if due <= paused_at:  # it was late when it paused, and is as late now
            return due + (resumed_at - paused_at)
        return reckoning.after(resumed_at, reckoning.between(paused_at, due))

    return Promise(
        accept_by=min(resumed(accept_by), fresh.accept_by),
        report_by=min(resumed(report_by), fresh.report_by),
        rule_name=fresh.rule_name,
        rule_version=fresh.rule_version,
    )


def _parse_ladder(table: RuleTable) -> Ladder:
    table.only("remind_percent", "leader_percent", "backup_percent")
    remind = table.whole("remind_percent", lowest=1)
    leader = table.whole("leader_percent", lowest=remind)
    return Ladder(remind, leader, table.whole("backup_percent", lowest=leader))


def _parse_span(table: RuleTable) -> PromiseSpan:
    table.only("counted", "accept_min", "report_min")
    accept_min = table.whole("accept_min", lowest=1)
    return PromiseSpan(
        accept=timedelta(minutes=accept_min),
        report=timedelta(minutes=table.whole("report_min", lowest=accept_min)),
        counted=table.code("counted", Counted),
    )
