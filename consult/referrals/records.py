"""Referrals and appointments as they are kept."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from consult.kernel.eyes import Eye
from consult.kernel.ids import (
    AppointmentId,
    CaseId,
    ClinicId,
    InstitutionId,
    PatientId,
    PractitionerId,
    ReferralId,
    ReportId,
    SlotId,
)
from consult.kernel.words import Words
from consult.referrals.criteria import Assessment, Meets
from consult.referrals.model import AppointmentStatus, ReferralStatus, is_live
from consult.reports.model import ReferralUrgency


@dataclass(frozen=True, slots=True)
class ReferralRequest:
    """What the inviting physician writes; without the patient's consent it is refused."""

    clinic_id: str
    urgency: ReferralUrgency
    reason: str
    consent: bool


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """What the hospital tells after the visit."""

    diagnosis: str
    findings: str
    advice: str


@dataclass(frozen=True, slots=True)
class AssessedReason:
    """One line of the criteria as it fell on one eye when the referral was opened."""

    eye: Eye
    code: str
    meets: Meets
    why_zh: str
    why_en: str


@dataclass(frozen=True, slots=True)
class StoredAssessment:
    """What the criteria said when the referral was opened; later rules do not rewrite it."""

    meets: Meets
    reasons: tuple[AssessedReason, ...]
    within_days: int | None
    rule_name: str
    rule_version: str
    rule_source: str
    rule_words_zh: str
    rule_words_en: str


@dataclass(frozen=True, slots=True)
class Referral:
    """One request that the patient be seen."""

    id: ReferralId
    number: str
    case_id: CaseId
    patient_id: PatientId
    report_id: ReportId
    institution_id: InstitutionId
    to_institution_id: InstitutionId
    clinic_id: ClinicId
    specialty: str
    urgency: ReferralUrgency
    reason: str = field(repr=False)
    assessment: StoredAssessment
    due_on: date
    status: ReferralStatus
    requested_by_id: PractitionerId
    requested_at: datetime
    ended_at: datetime | None
    end_reason: str = field(repr=False)
    outcome: VisitOutcome | None = field(repr=False)
    revision: int

    @property
    def is_live(self) -> bool:
        """Whether somebody still has to bring it to its end."""
        return is_live(self.status)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment; `number` is what the patient says at the counter."""

    id: AppointmentId
    number: str
    referral_id: ReferralId
    case_id: CaseId
    patient_id: PatientId
    clinic_id: ClinicId
    slot_id: SlotId
    physician_id: PractitionerId | None
    physician_name: str
    starts_at: datetime
    ends_at: datetime
    turn: int
    status: AppointmentStatus
    booked_by_id: PractitionerId
    booked_at: datetime
    arrived_at: datetime | None
    ended_reason: str = field(repr=False)

    @property
    def is_coming(self) -> bool:
        """Whether the patient is still expected, or is there."""
        return self.status in COMING


COMING: Final = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED})


class Side(enum.StrEnum):
    """From which side a referral is ended."""

    INVITING = "inviting"
    DESK = "desk"


# Who may say which end: the hospital declines, the inviting side takes back, both may lose sight.
ENDS_OF: Final[Mapping[Side, frozenset[ReferralStatus]]] = MappingProxyType(
    {
        Side.INVITING: frozenset(
            {ReferralStatus.PATIENT_DECLINED, ReferralStatus.LOST, ReferralStatus.CANCELLED}
        ),
        Side.DESK: frozenset(
            {ReferralStatus.PATIENT_DECLINED, ReferralStatus.LOST, ReferralStatus.DECLINED}
        ),
    }
)


class DeskView(enum.StrEnum):
    """One tab of the referral office: what is due, what comes today, what is done."""

    OPEN = "open"
    RED = "red"
    TODAY = "today"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One referral of the office's list, with its newest appointment."""

    referral: Referral
    appointment: Appointment | None


def store_assessment(assessment: Assessment, *, words: Words) -> StoredAssessment:
    """What is kept of an assessment; `words` is the name of its rules."""
    return StoredAssessment(
        meets=assessment.meets,
        reasons=tuple(
            AssessedReason(
                eye=reason.eye,
                code=reason.criterion.code,
                meets=reason.criterion.meets,
                why_zh=reason.criterion.why.zh,
                why_en=reason.criterion.why.en,
            )
            for reason in assessment.reasons
        ),
        within_days=assessment.referral_within_days,
        rule_name=assessment.rule_name,
        rule_version=assessment.rule_version,
        rule_source=assessment.rule_source,
        rule_words_zh=words.zh,
        rule_words_en=words.en,
    )


def is_red(referral: Referral, *, today: date, soon_days: int) -> bool:
    """Not booked, and due within the days of the rules or overdue (REF-05)."""
    return (
        referral.status is ReferralStatus.REQUESTED and (referral.due_on - today).days <= soon_days
    )
