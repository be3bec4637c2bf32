"""Recall: when a patient is due for the next exam, and how it came about (PAT-06)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from consult.cases.model import ServiceType
from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId, ReportId
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words
from consult.reports.result_notice.model import months_after

BY_GRADE: Final = ""
"""The track of a recall that follows the interval of its report alone."""


class RecallState(enum.StrEnum):
    """Whether the patient is still waited for; `replaced`: a later version says otherwise."""

    OPEN = "open"
    CAME = "came"
    OPTED_OUT = "opted_out"
    REPLACED = "replaced"


class RecallView(enum.StrEnum):
    """One tab of the list: past the day, due soon, later, and ended."""

    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Track:
    """Closer watching than the grade asks for, such as in pregnancy."""

    months: int
    words: Words


@dataclass(frozen=True, slots=True)
class RecallRules:
    """Which services recall, how early one is due, and the tracks (config/recalls.toml)."""

    name: str
    version: str
    source: str
    on_for: frozenset[ServiceType]
    soon_days: int
    tracks: Mapping[str, Track]

    def due_on(self, signed_on: date, *, months: int, track: str) -> date:
        """The day of the next exam: the sooner of what the report and the track say."""
        if track == BY_GRADE:
            return months_after(signed_on, months)
        return months_after(signed_on, min(months, self.tracks[track].months))


@dataclass(frozen=True, slots=True)
class Recall:
    """One patient who is waited for; `basis` names the rules that bound the report's interval."""

    id: str
    case_id: CaseId
    number: str
    patient_id: PatientId
    report_id: ReportId
    institution_id: InstitutionId
    service_type: ServiceType
    made_at: datetime
    signed_on: date
    months: int
    track: str
    due_on: date
    basis: str
    rules: str
    state: RecallState
    reason: str = field(repr=False)
    ended_at: datetime | None
    ended_by_id: PractitionerId | None
    revision: int

    @property
    def is_open(self) -> bool:
        """Whether the patient is still waited for."""
        return self.state is RecallState.OPEN

    @property
    def live_key(self) -> str:
        """Unique while it is open: one a patient, service and institution."""
        return f"{self.patient_id}:{self.institution_id}:{self.service_type}"


def parse_recall_rules(mapping: Mapping[str, object]) -> RecallRules:
    """The rules of config/recalls.toml; a track has its code, months and words."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "on_for", "soon_days", "track")
    return RecallRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        on_for=frozenset(table.codes("on_for", ServiceType)),
        soon_days=table.whole("soon_days", lowest=1),
        tracks=MappingProxyType({code: _parse_track(row) for code, row in table.children("track")}),
    )


def _parse_track(table: RuleTable) -> Track:
    table.only("months", "zh", "en")
    words = Words(zh=table.text("zh"), en=table.text("en"))
    return Track(table.whole("months", lowest=1), words)
