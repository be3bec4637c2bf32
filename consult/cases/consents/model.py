"""A consent as it was recorded."""

from dataclasses import dataclass
from datetime import date, datetime

from consult.cases.consent import Consent, is_in_force
from consult.cases.consent_rules import ConsentScope
from consult.kernel.ids import CaseId, PatientId, PractitionerId


@dataclass(frozen=True, slots=True)
class RecordedConsent:
    """What was signed, on which version of the text, and whether it was withdrawn."""

    id: str
    patient_id: PatientId
    case_id: CaseId | None
    consent: Consent
    text_version: str
    recorded_at: datetime
    recorded_by_id: PractitionerId
    withdrawn_at: datetime | None
    withdrawn_reason: str | None

    def covers(self, case_id: str | None, *, on: date) -> bool:
        """Whether it holds on this date: for its own case, or as a programme for all of them."""
        if self.withdrawn_at is not None:
            return False
        if self.consent.scope is ConsentScope.SINGLE and self.case_id != case_id:
            return False
        return is_in_force(self.consent, on=on, withdrawn_on=None)
