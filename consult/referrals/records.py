"""Referrals and appointments as they are kept."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import NotFoundError
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
from consult.people.organisations.model import Institution
from consult.people.practitioners.model import PersonName
from consult.referrals.criteria import Assessment, Meets
from consult.referrals.model import (
    AppointmentStatus,
    ReferralStatus,
    RequeueCause,
    Triage,
    is_live,
)
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
    """One request that the patient be seen; hospital and clinic are None where none was asked.

    `requeued_at`: since when it asks again, its appointment having been lost. `answer_by`: until
    when the office promised a time; empty where it promised none. `triage`: what the office said
    last of it, and `accepted_at` since when it takes the patient without having a time for her.
    """

    id: ReferralId
    number: str
    case_id: CaseId
    patient_id: PatientId
    report_id: ReportId
    institution_id: InstitutionId
    to_institution_id: InstitutionId | None
    clinic_id: ClinicId | None
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
    requeued_at: datetime | None
    requeued_because: RequeueCause | None
    was_booked_at: datetime | None
    answer_by: datetime | None
    escalated_at: datetime | None
    accepted_at: datetime | None
    triage: Triage | None
    triage_note: str = field(repr=False)
    triaged_at: datetime | None
    revision: int

    @property
    def waits(self) -> bool:
        """Whether the office still has to find an answer or a time for it."""
        return self.status is ReferralStatus.REQUESTED

    @property
    def is_live(self) -> bool:
        """Whether somebody still has to bring it to its end."""
        return is_live(self.status)

    @property
    def host_id(self) -> InstitutionId:
        """The hospital that was asked; raises NotFoundError where none ever was."""
        if self.to_institution_id is None:
            raise NotFoundError
        return self.to_institution_id


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment; `number` is what the patient says at the counter.

    Booked in the hospital's own system it has no slot of ours; `place` and `ticket` (号序) are what
    that system says, else empty.
    """

    id: AppointmentId
    number: str
    referral_id: ReferralId
    case_id: CaseId
    patient_id: PatientId
    clinic_id: ClinicId
    slot_id: SlotId | None
    physician_id: PractitionerId | None
    physician_name: str
    starts_at: datetime
    ends_at: datetime
    turn: int
    place: str
    ticket: str
    status: AppointmentStatus
    booked_by_id: PractitionerId
    booked_at: datetime
    arrived_at: datetime | None
    ended_reason: str = field(repr=False)

    @property
    def is_coming(self) -> bool:
        """Whether the patient is still expected, or is there."""
        return self.status in COMING

    def can_be_moved(self, *, now: datetime) -> bool:
        """Whether another time may still take its place: nobody has come, and it lies ahead."""
        return self.status is AppointmentStatus.BOOKED and now < self.starts_at


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a member of the consortium is told of a person's live referral: who, where to, when.

    `case_id` is None for whoever may not see it; reason, report and slip are never told here.
    """

    referral_id: ReferralId
    number: str
    specialty: str
    specialty_en: str
    status: ReferralStatus
    requested_at: datetime
    requested_by: PersonName
    inviting: Institution
    host: Institution
    starts_at: datetime | None
    case_id: CaseId | None

    @property
    def requested_on(self) -> date:
        """The day at the institution that asked."""
        return self.inviting.local_day(self.requested_at)

    @property
    def booked_on(self) -> date | None:
        """The day of the appointment at the hospital."""
        return None if self.starts_at is None else self.host.local_day(self.starts_at)


COMING: Final = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED})


class Side(enum.StrEnum):
    """A side of a referral: who asked, and who was asked."""

    INVITING = "inviting"
    DESK = "desk"


# Who may say which end: the hospital declines, the inviting side takes back, both may lose sight.
ENDS_OF: Final[Mapping[Side, frozenset[ReferralStatus]]] = MappingProxyType(
    {
        Side.INVITING: frozenset(
            {
                ReferralStatus.PATIENT_DECLINED,
                ReferralStatus.LOST,
                ReferralStatus.OUTSIDE,
                ReferralStatus.CANCELLED,
            }
        ),
        Side.DESK: frozenset(
            {
                ReferralStatus.PATIENT_DECLINED,
                ReferralStatus.LOST,
                ReferralStatus.DECLINED,
                ReferralStatus.RETURNED,
            }
        ),
    }
)


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
