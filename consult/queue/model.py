"""Taking a case: a claim with a lease, and how it ends."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.cases.model import Case, CaseStatus
from consult.kernel.ids import CaseId, PractitionerId

WAITING = frozenset({CaseStatus.ASSIGNED})
TAKEN = frozenset({CaseStatus.ACCEPTED, CaseStatus.READING})
ON_THE_LIST = WAITING | TAKEN | {CaseStatus.DECLINED}


class ClaimEnd(enum.StrEnum):
    """How a claim ended."""

    RELEASED = "released"
    DECLINED = "declined"
    LEASE_EXPIRED = "lease_expired"
    REPORTED = "reported"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How long a lease lasts (config/limits.toml)."""

    lease: timedelta


@dataclass(frozen=True, slots=True)
class Claim:
    """One expert's hold on one case; `ended_at` is None while it lives."""

    id: str
    case_id: CaseId
    practitioner_id: PractitionerId
    claimed_at: datetime
    lease_until: datetime
    ended_at: datetime | None
    ended_how: ClaimEnd | None


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A case on the experts' list, with its live claim if it is taken."""

    case: Case
    claim: Claim | None
