"""An urgent alert (危急提醒): raised by a signature, open until a person confirms it (U4)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from consult.cases.model import ServiceType
from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId, ReportId
from consult.kernel.rules import RuleTable
from consult.reports.model import ReferralUrgency


class AlertPart(enum.StrEnum):
    """To whom an alert goes on, beside its owner, while nobody has confirmed it."""

    COORDINATOR = "coordinator"
    PANEL_LEADER = "panel_leader"
    CONSORTIUM_ADMINISTRATOR = "consortium_administrator"


class AlertState(enum.StrEnum):
    """Whether somebody has confirmed it; `replaced`: a later version raised another one."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CALLED = "called"
    REPLACED = "replaced"


class AlertContact(enum.StrEnum):
    """Who was told of the finding, as whoever confirms the alert says; `arranged`: somehow else."""

    PATIENT = "patient"
    FAMILY = "family"
    ARRANGED = "arranged"


class Called(enum.StrEnum):
    """Who was called."""

    OTHER_SIDE = "other_side"
    PATIENT = "patient"
    FAMILY = "family"


class Heard(enum.StrEnum):
    """What came of a call."""

    REACHED = "reached"
    CALL_BACK = "call_back"
    NO_ANSWER = "no_answer"
    SWITCHED_OFF = "switched_off"
    WRONG_NUMBER = "wrong_number"


@dataclass(frozen=True, slots=True)
class AlertStep:
    """After how long without a confirmation an alert goes on, and to whom."""

    after: timedelta
    part: AlertPart


@dataclass(frozen=True, slots=True)
class AlertRules:
    """Which signatures raise an alert, and how it goes on (config/urgent_alerts.toml)."""

    name: str
    version: str
    source: str
    urgencies: Mapping[ServiceType, frozenset[ReferralUrgency]]
    steps: tuple[AlertStep, ...]
    again: timedelta

    def is_raised_by(self, service_type: ServiceType, content: Mapping[str, Any]) -> bool:
        """Whether a signed version says that the patient cannot wait; a retraction never does."""
        body = content.get("body") or {}
        return body.get("referral_urgency") in self.urgencies[service_type]

    def part_of(self, step: int) -> AlertPart:
        """To whom it goes on at this step, the first being 0; after the last, to the last again."""
        return self.steps[min(step, len(self.steps) - 1)].part

    def due_at(self, raised_at: datetime, step: int) -> datetime:
        """When this step is due."""
        beyond = max(0, step - len(self.steps) + 1)
        return raised_at + self.steps[min(step, len(self.steps) - 1)].after + beyond * self.again

    def due_steps(self, alert: "Alert", *, now: datetime) -> tuple[int, ...]:
        """The steps that are to be taken now.

        Every part is told, however late the clock comes; of repetitions that it missed, only the
        newest is made up for.
        """
        fixed = [
            step
            for step in range(alert.step, len(self.steps))
            if self.due_at(alert.raised_at, step) <= now
        ]
        first = max(alert.step, len(self.steps))
        late = now - self.due_at(alert.raised_at, first)
        if late < timedelta(0):
            return tuple(fixed)
        return (*fixed, first + late // self.again)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; `owner_id` is the person of the inviting institution who has it.

    `step` counts the steps that were taken; `next_at` is when the next is due, None once it ended.
    """

    id: str
    case_id: CaseId
    number: str
    patient_id: PatientId
    report_id: ReportId
    institution_id: InstitutionId
    owner_id: PractitionerId
    raised_at: datetime
    rules: str
    step: int
    next_at: datetime | None
    state: AlertState
    ended_at: datetime | None
    ended_by_id: PractitionerId | None
    contact: AlertContact | None
    note: str = field(repr=False)
    revision: int

    @property
    def is_open(self) -> bool:
        """Whether nobody has confirmed it yet."""
        return self.state is AlertState.OPEN


@dataclass(frozen=True, slots=True)
class Escalation:
    """That an alert went on to a person; None where nobody holds that part today."""

    id: str
    alert_id: str
    step: int
    part: AlertPart
    person_id: PractitionerId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertCall:
    """One telephone call about an alert, with whom, and what came of it."""

    id: str
    alert_id: str
    institution_id: InstitutionId
    caller_id: PractitionerId
    called_at: datetime
    whom: Called
    result: Heard
    spoken_to: str = field(repr=False)
    note: str = field(repr=False)


def parse_alert_rules(mapping: Mapping[str, object]) -> AlertRules:
    """The rules of config/urgent_alerts.toml; the steps stand in the order of their times."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "urgencies", "step", "again_min")
    below = table.table("urgencies")
    below.only(*ServiceType)
    steps = tuple(_parse_step(row) for row in table.tables("step"))
    if not steps or any(later.after <= sooner.after for sooner, later in pairwise(steps)):
        raise table.wrong("step", "must be at least one, each later than the one before it")
    return AlertRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        urgencies=MappingProxyType(
            {code: frozenset(below.codes(code, ReferralUrgency)) for code in ServiceType}
        ),
        steps=steps,
        again=timedelta(minutes=table.whole("again_min", lowest=1)),
    )


def _parse_step(table: RuleTable) -> AlertStep:
    table.only("after_min", "to")
    return AlertStep(
        after=timedelta(minutes=table.whole("after_min", lowest=1)),
        part=table.code("to", AlertPart),
    )
