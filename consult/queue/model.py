"""Taking a case: a claim with a lease, and how it ends."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from consult.cases.model import Case, CaseStatus, ServiceType
from consult.cases.returns.model import CaseReturn, Kept
from consult.kernel.ids import CaseId, PractitionerId

WAITING = frozenset({CaseStatus.ASSIGNED})
TAKEN = frozenset({CaseStatus.ACCEPTED, CaseStatus.READING})
FURTHER = frozenset({CaseStatus.SECOND_READ, CaseStatus.ARBITRATION, CaseStatus.REPORT_REVIEW})
"""Read and signed once, and before the panel again: taken by a claim alone, without a step."""
BEFORE_READERS = WAITING | TAKEN | FURTHER
ON_THE_LIST = (BEFORE_READERS, frozenset({CaseStatus.DECLINED}), frozenset({CaseStatus.RETURNED}))
PRESSED_IN = WAITING | {CaseStatus.DECLINED}


SCREENING = frozenset({ServiceType.SCREENING_READ})


class Tab(enum.StrEnum):
    """The tabs of the experts' list."""

    READ = "read"
    CONSULT = "consult"
    MINE = "mine"
    RETURNED = "returned"
    DECLINED = "declined"


class Turn(enum.StrEnum):
    """Which reading of its cases a row is taken for."""

    FIRST = "first"
    SECOND = "second"


FREE_FOR: Mapping[Turn, frozenset[CaseStatus]] = MappingProxyType(
    {Turn.FIRST: WAITING, Turn.SECOND: frozenset({CaseStatus.SECOND_READ})}
)
"""In which status a case waits for a first and for a second reader."""
IN_A_ROW = TAKEN | FREE_FOR[Turn.SECOND]
"""In which status a case stands that its reader reads as one of a row."""


class ClaimEnd(enum.StrEnum):
    """How a claim ended."""

    RELEASED = "released"
    DECLINED = "declined"
    LEASE_EXPIRED = "lease_expired"
    REPORTED = "reported"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class RowRules:
    """Of which kinds an expert takes many at once, how many, and what is one evening (U20)."""

    service_types: frozenset[ServiceType]
    take: tuple[int, int]
    most: int
    gap: timedelta
    pause: timedelta


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How long a lease lasts, and when a case that is declined is pressed (config/limits.toml)."""

    lease: timedelta
    declines_to_escalate: int
    row: RowRules


@dataclass(frozen=True, slots=True)
class Claim:
    """One expert's hold on one case; `ended_at` is None while it lives.

    `opened_at` is when the reading room was last opened on it.
    """

    id: str
    case_id: CaseId
    practitioner_id: PractitionerId
    claimed_at: datetime
    lease_until: datetime
    opened_at: datetime | None
    ended_at: datetime | None
    ended_how: ClaimEnd | None


@dataclass(frozen=True, slots=True)
class TabCounts:
    """How many cases each tab has, however many a page shows, and how many are overdue."""

    tabs: Mapping[Tab, int]
    overdue: int


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A case on the experts' list, with its live claim if it is taken, and what befell it.

    `kept` says for whom a case that came back is kept; `back` is the return for which it is away;
    `declines` is how often it was declined, `is_pressed` whether that was too often, with
    the last one's reason; `has_turn` whether a case that was read once is the actor's to take.
    """

    case: Case
    claim: Claim | None
    kept: Kept | None
    back: CaseReturn | None
    declines: int
    is_pressed: bool
    pressed_why: str
    has_turn: bool
