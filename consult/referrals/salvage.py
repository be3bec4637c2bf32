"""The follow-up of a missed visit (追访): one named person, and an outcome (REF-05, REF-12)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from consult.kernel.ids import (
    AppointmentId,
    CaseId,
    InstitutionId,
    PatientId,
    PractitionerId,
    ReferralId,
    SalvageId,
)
from consult.referrals.model import REFERRAL_ENDS, ReferralStatus


class SalvageOutcome(enum.StrEnum):
    """How it came out; `ended`: the referral was ended for another reason meanwhile."""

    REBOOKED = "rebooked"
    REFUSED = "refused"
    LOST = "lost"
    ELSEWHERE = "elsewhere"
    ENDED = "ended"


class SalvageView(enum.StrEnum):
    """One tab of the list."""

    OPEN = "open"
    DONE = "done"


# What the person says ends the referral; a new appointment says `rebooked` by itself.
END_OF: Final[Mapping[SalvageOutcome, ReferralStatus]] = MappingProxyType(
    {
        SalvageOutcome.REFUSED: ReferralStatus.PATIENT_DECLINED,
        SalvageOutcome.LOST: ReferralStatus.LOST,
        SalvageOutcome.ELSEWHERE: ReferralStatus.OUTSIDE,
    }
)

# These are said through the follow-up while one is open: with the risk told, or after enough calls.
ONLY_BY_SALVAGE: Final = frozenset({ReferralStatus.PATIENT_DECLINED, ReferralStatus.LOST})

OUTCOME_AFTER: Final[Mapping[ReferralStatus, SalvageOutcome]] = MappingProxyType(
    dict.fromkeys(REFERRAL_ENDS, SalvageOutcome.ENDED)
    | {end: outcome for outcome, end in END_OF.items()}
    | {ReferralStatus.BOOKED: SalvageOutcome.REBOOKED}
)


@dataclass(frozen=True, slots=True)
class Salvage:
    """One follow-up; `owner_id` is the one person of the inviting side who has it."""

    id: SalvageId
    referral_id: ReferralId
    appointment_id: AppointmentId
    case_id: CaseId
    patient_id: PatientId
    institution_id: InstitutionId
    owner_id: PractitionerId
    opened_at: datetime
    due_on: date
    outcome: SalvageOutcome | None
    note: str = field(repr=False)
    closed_at: datetime | None
    closed_by_id: PractitionerId | None
    revision: int

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to be found."""
        return self.outcome is None
