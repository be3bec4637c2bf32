"""A physician opens a case that is not hers, because a patient cannot wait (ID-11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId


@dataclass(frozen=True, slots=True)
class Emergency:
    """One such opening: by whom, why, until when, and what the review found."""

    id: str
    case_id: CaseId
    case_number: str
    institution_id: InstitutionId
    practitioner_id: PractitionerId
    acting_institution_id: InstitutionId
    reason: str
    opened_at: datetime
    until: datetime
    reviewed_at: datetime | None
    reviewed_by_id: PractitionerId | None
    verdict: str | None

    def is_overdue(self, *, now: datetime, review_within: timedelta) -> bool:
        """Whether it has waited for its review longer than it may."""
        return self.reviewed_at is None and now - self.opened_at > review_within
