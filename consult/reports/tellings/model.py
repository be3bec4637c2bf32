"""Telling the patient (告知患者): due from the decision on, done when somebody says how (U5)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId, ReportId
from consult.kernel.rules import RuleTable
from consult.reports.grading import OutcomeRank
from consult.reports.model import SIGNED
from consult.reports.unremarkable import ReceiptRules, Version, why_singly


class TellingKind(enum.StrEnum):
    """What the patient is to be told, the most pressing first; only `plain` goes by batch."""

    URGENT = "urgent"
    REFER = "refer"
    RETRACTED = "retracted"
    UNGRADABLE = "ungradable"
    CHANGED = "changed"
    FINDING = "finding"
    PLAIN = "plain"


class TellingState(enum.StrEnum):
    """Whether the patient knows; `replaced`: a later version is to be told instead."""

    OPEN = "open"
    TOLD = "told"
    REFUSED = "refused"
    ELSEWHERE = "elsewhere"
    LOST = "lost"
    REPLACED = "replaced"


class TellingWay(enum.StrEnum):
    """How the patient was told."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    MESSAGE = "message"
    PAPER = "paper"
    FAMILY = "family"


class RiskSaid(enum.StrEnum):
    """What is recorded of the risk of a refused visit: told, or told and signed for."""

    TOLD = "told"
    SIGNED = "signed"


class TellingView(enum.StrEnum):
    """One tab of the list."""

    OPEN = "open"
    DONE = "done"


ENDS: Final = (
    TellingState.TOLD,
    TellingState.REFUSED,
    TellingState.ELSEWHERE,
    TellingState.LOST,
)
"""What a person may say came of it."""

KNOWS: Final = frozenset({TellingState.TOLD, TellingState.REFUSED})
"""The ends after which the patient knows the result."""


@dataclass(frozen=True, slots=True)
class TellingRules:
    """How soon a patient is told, and how often called before she is lost (config/tellings.toml).

    `plain` says which answers are unremarkable, so that many are told by one act.
    """

    name: str
    version: str
    source: str
    within: Mapping[TellingKind, timedelta]
    least_calls: int
    least_days: int
    most: int
    plain: ReceiptRules

    def kind_of(self, signed: Version, content: Mapping[str, Any]) -> TellingKind:
        """What is to be told of a signed version."""
        if signed.status not in SIGNED:
            return TellingKind.RETRACTED
        rank = (content.get("outcome") or {}).get("rank")
        if rank in {OutcomeRank.URGENT, OutcomeRank.REFER, OutcomeRank.UNGRADABLE}:
            return TellingKind(rank)
        if signed.number > 1:
            return TellingKind.CHANGED
        singly = why_singly(signed, content, rules=self.plain)
        return TellingKind.PLAIN if singly is None else TellingKind.FINDING


@dataclass(frozen=True, slots=True)
class Telling:
    """One task; `owner_id` is the one person of the inviting side who has it."""

    id: str
    case_id: CaseId
    number: str
    patient_id: PatientId
    report_id: ReportId
    institution_id: InstitutionId
    owner_id: PractitionerId
    kind: TellingKind
    opened_at: datetime
    due_on: date
    rules: str
    state: TellingState
    way: TellingWay | None
    reason: str = field(repr=False)
    risk: RiskSaid | None
    ended_at: datetime | None
    ended_by_id: PractitionerId | None
    revision: int

    @property
    def is_open(self) -> bool:
        """Whether nobody has said yet what came of it."""
        return self.state is TellingState.OPEN

    @property
    def holds_case(self) -> bool:
        """Whether the case stays open for it: for all but an unremarkable answer."""
        return self.is_open and self.kind is not TellingKind.PLAIN


@dataclass(frozen=True, slots=True)
class Tries:
    """How often patient or family was called in vain, on how many days, and what is asked for."""

    calls: int
    days: int
    rules: TellingRules

    @property
    def is_enough(self) -> bool:
        """Whether the patient may count as lost."""
        return self.calls >= self.rules.least_calls and self.days >= self.rules.least_days


def parse_telling_rules(mapping: Mapping[str, object], *, plain: ReceiptRules) -> TellingRules:
    """The rules of config/tellings.toml; every kind has its days."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "within_days", "lost", "most")
    below, lost = table.table("within_days"), table.table("lost")
    below.only(*TellingKind)
    lost.only("least_calls", "least_days")
    least_days = lost.whole("least_days", lowest=1)
    return TellingRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        within=MappingProxyType({kind: timedelta(days=below.whole(kind)) for kind in TellingKind}),
        least_calls=lost.whole("least_calls", lowest=least_days),
        least_days=least_days,
        most=table.whole("most", lowest=1),
        plain=plain,
    )
