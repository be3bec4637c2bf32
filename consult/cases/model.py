"""The case: its statuses, who is accountable in each, and which step may follow which."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import ConflictError
from consult.kernel.ids import (
    AgreementId,
    CaseId,
    ConsortiumId,
    InstitutionId,
    PanelId,
    PatientId,
    PractitionerId,
)


class CaseStatus(enum.StrEnum):
    """Where a case stands (docs/glossary.md has the words)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ASSIGNED = "assigned"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    IN_CONSULT = "in_consult"
    READING = "reading"
    SECOND_READ = "second_read"
    ARBITRATION = "arbitration"
    REPORT_REVIEW = "report_review"
    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    REFERRING = "referring"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    MISSED = "missed"


class ServiceType(enum.StrEnum):
    """The services; each has its own form, report and liability sentence."""

    REMOTE_CONSULTATION = "remote_consultation"
    REMOTE_DIAGNOSIS = "remote_diagnosis"
    SCREENING_READ = "screening_read"


class Priority(enum.StrEnum):
    """How soon a case must be answered, the most pressing first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ROUTINE = "routine"
    SCREENING = "screening"


class Accountable(enum.StrEnum):
    """In which part the one accountable person stands."""

    REQUESTING_PHYSICIAN = "requesting_physician"
    COORDINATOR = "coordinator"
    PANEL_LEADER = "panel_leader"
    EXPERT = "expert"
    SECOND_READER = "second_reader"
    ARBITER = "arbiter"
    REVIEWER = "reviewer"
    REFERRAL_DESK = "referral_desk"
    INSTITUTION = "institution"


class CaseEvent(enum.StrEnum):
    """What happens to a case without being a status of its own."""

    AMENDED = "amended"
    REOPENED = "reopened"
    DECIDED = "decided"
    TOLD = "told"


_S = CaseStatus

NEXT_STATUS: Final[Mapping[CaseStatus, frozenset[CaseStatus]]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.SUBMITTED, _S.CANCELLED}),
        _S.SUBMITTED: frozenset({_S.RETURNED, _S.ASSIGNED, _S.REJECTED, _S.WITHDRAWN}),
        _S.RETURNED: frozenset({_S.SUBMITTED, _S.WITHDRAWN, _S.EXPIRED}),
        _S.ASSIGNED: frozenset({_S.ACCEPTED, _S.DECLINED, _S.ASSIGNED, _S.RETURNED, _S.WITHDRAWN}),
        _S.DECLINED: frozenset({_S.ASSIGNED, _S.REJECTED}),
        _S.ACCEPTED: frozenset(
            {_S.SCHEDULED, _S.IN_CONSULT, _S.READING, _S.RETURNED, _S.ASSIGNED, _S.WITHDRAWN}
        ),
        _S.SCHEDULED: frozenset({_S.IN_CONSULT, _S.MISSED, _S.CANCELLED}),
        _S.IN_CONSULT: frozenset({_S.READING}),
        _S.READING: frozenset(
            {
                _S.SECOND_READ,
                _S.REPORT_REVIEW,
                _S.REPORTED,
                _S.RETURNED,
                _S.ASSIGNED,
                _S.WITHDRAWN,
            }
        ),
        _S.SECOND_READ: frozenset({_S.ARBITRATION, _S.REPORT_REVIEW, _S.REPORTED}),
        _S.ARBITRATION: frozenset({_S.REPORT_REVIEW, _S.REPORTED}),
        _S.REPORT_REVIEW: frozenset({_S.READING, _S.REPORTED}),
        _S.REPORTED: frozenset({_S.ACKNOWLEDGED}),
        # An amended or retracted report is received and decided on anew.
        _S.ACKNOWLEDGED: frozenset({_S.REFERRING, _S.FOLLOW_UP, _S.CLOSED, _S.REPORTED}),
        # A referral that came back with advice is decided on anew.
        _S.REFERRING: frozenset({_S.ACKNOWLEDGED, _S.FOLLOW_UP, _S.CLOSED}),
        _S.FOLLOW_UP: frozenset({_S.CLOSED, _S.REPORTED}),
        _S.CLOSED: frozenset({_S.ARCHIVED, _S.REPORTED}),
        _S.ARCHIVED: frozenset(),
        _S.REJECTED: frozenset(),
        _S.WITHDRAWN: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.EXPIRED: frozenset(),
        _S.MISSED: frozenset({_S.SCHEDULED}),
    }
)

TERMINAL: Final = frozenset(
    {_S.ARCHIVED, _S.REJECTED, _S.WITHDRAWN, _S.CANCELLED, _S.EXPIRED, _S.MISSED}
)

_BY_PART: Final[Mapping[Accountable, frozenset[CaseStatus]]] = MappingProxyType(
    {
        Accountable.REQUESTING_PHYSICIAN: frozenset(
            {_S.DRAFT, _S.RETURNED, _S.REPORTED, _S.ACKNOWLEDGED, _S.FOLLOW_UP}
        ),
        Accountable.COORDINATOR: frozenset({_S.SUBMITTED}),
        Accountable.PANEL_LEADER: frozenset({_S.ASSIGNED, _S.DECLINED}),
        Accountable.EXPERT: frozenset({_S.ACCEPTED, _S.SCHEDULED, _S.IN_CONSULT, _S.READING}),
        Accountable.SECOND_READER: frozenset({_S.SECOND_READ}),
        Accountable.ARBITER: frozenset({_S.ARBITRATION}),
        Accountable.REVIEWER: frozenset({_S.REPORT_REVIEW}),
        Accountable.REFERRAL_DESK: frozenset({_S.REFERRING}),
        Accountable.INSTITUTION: TERMINAL | {_S.CLOSED},
    }
)
ACCOUNTABLE: Final[Mapping[CaseStatus, Accountable]] = MappingProxyType(
    {status: part for part, statuses in _BY_PART.items() for status in statuses}
)

_ANSWERED = frozenset({_S.REPORTED, _S.ACKNOWLEDGED, _S.REFERRING, _S.FOLLOW_UP, _S.CLOSED})

EVENT_FROM: Final[Mapping[CaseEvent, frozenset[CaseStatus]]] = MappingProxyType(
    {
        CaseEvent.AMENDED: _ANSWERED,
        CaseEvent.REOPENED: frozenset({_S.CLOSED}),
        CaseEvent.DECIDED: _ANSWERED - {_S.REPORTED, _S.CLOSED},
        CaseEvent.TOLD: _ANSWERED,
    }
)
REOPENED_STATUS: Final = _S.SUBMITTED


class CaseStepNotAllowedError(ConflictError):
    """The case has moved on since the page was drawn."""

    def __init__(self, case_id: CaseId, have: CaseStatus, want: CaseStatus) -> None:
        super().__init__("case-step-not-allowed", case_id=case_id, have=have, want=want)
        self.case_id, self.have, self.want = case_id, have, want


class CaseEventNotAllowedError(ConflictError):
    """In its status this cannot happen to the case."""

    def __init__(self, case_id: CaseId, have: CaseStatus, event: CaseEvent) -> None:
        super().__init__("case-event-not-allowed", case_id=case_id, have=have, event=event)
        self.case_id, self.have, self.event = case_id, have, event


class CaseUndecidedError(ConflictError):
    """The inviting physician's decision is not recorded yet, so the case goes nowhere."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-undecided", case_id=case_id)
        self.case_id = case_id


@dataclass(frozen=True, slots=True)
class Case:
    """One request with its images, answer and referral; `owner_id` is the accountable person."""

    id: CaseId
    number: str
    institution_id: InstitutionId
    consortium_id: ConsortiumId
    invited_institution_id: InstitutionId | None
    agreement_id: AgreementId | None
    panel_id: PanelId | None
    patient_id: PatientId
    service_type: ServiceType
    form_version: str
    answers: Mapping[str, object]
    question: str
    priority: Priority
    priority_rule: str
    priority_version: str
    priority_override_reason: str | None
    status: CaseStatus
    owner_id: PractitionerId | None
    requesting_physician_id: PractitionerId | None
    prepared_by_id: PractitionerId | None
    opened_at: datetime
    submitted_at: datetime | None
    accept_by: datetime | None
    report_by: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    revision: int
    uploading: bool = False
    retake: bool = False
    amended: bool = False
    reopened: bool = False
    told: bool = False
    declines: int = 0


def is_open(status: CaseStatus) -> bool:
    """Whether a case in this status has an accountable person, not just a keeper."""
    return ACCOUNTABLE[status] is not Accountable.INSTITUTION


def require_step(case_id: CaseId, *, have: CaseStatus, want: CaseStatus) -> None:
    """Raise CaseStepNotAllowedError unless the table has this step."""
    if want not in NEXT_STATUS[have]:
        raise CaseStepNotAllowedError(case_id, have, want)


def require_case_step(case: Case, *, want: CaseStatus) -> None:
    """As `require_step`; and a received case goes on only once its decision is recorded."""
    require_step(case.id, have=case.status, want=want)
    goes_on = case.status is CaseStatus.ACKNOWLEDGED and want is not CaseStatus.REPORTED
    if goes_on and case.decided_at is None:
        raise CaseUndecidedError(case.id)


def require_event(case: Case, *, event: CaseEvent) -> None:
    """Raise CaseEventNotAllowedError unless this may happen to the case now."""
    if case.status not in EVENT_FROM[event]:
        raise CaseEventNotAllowedError(case.id, case.status, event)
