"""Case statuses in the words of FHIR R4 Task.status; a mapping for others, never stored."""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.cases.model import CaseStatus, Priority


class TaskStatus(enum.StrEnum):
    """FHIR R4 value set task-status."""

    DRAFT = "draft"
    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    READY = "ready"
    CANCELLED = "cancelled"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    FAILED = "failed"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"


TASK_STATUS: Final[Mapping[CaseStatus, TaskStatus]] = MappingProxyType(
    {
        CaseStatus.DRAFT: TaskStatus.DRAFT,
        CaseStatus.SUBMITTED: TaskStatus.REQUESTED,
        CaseStatus.RETURNED: TaskStatus.ON_HOLD,
        CaseStatus.ASSIGNED: TaskStatus.RECEIVED,
        CaseStatus.DECLINED: TaskStatus.RECEIVED,
        CaseStatus.ACCEPTED: TaskStatus.ACCEPTED,
        CaseStatus.SCHEDULED: TaskStatus.READY,
        CaseStatus.IN_CONSULT: TaskStatus.IN_PROGRESS,
        CaseStatus.READING: TaskStatus.IN_PROGRESS,
        CaseStatus.SECOND_READ: TaskStatus.IN_PROGRESS,
        CaseStatus.ARBITRATION: TaskStatus.IN_PROGRESS,
        CaseStatus.REPORT_REVIEW: TaskStatus.IN_PROGRESS,
        CaseStatus.REPORTED: TaskStatus.COMPLETED,
        CaseStatus.ACKNOWLEDGED: TaskStatus.COMPLETED,
        CaseStatus.REFERRING: TaskStatus.COMPLETED,
        CaseStatus.FOLLOW_UP: TaskStatus.COMPLETED,
        CaseStatus.CLOSED: TaskStatus.COMPLETED,
        CaseStatus.ARCHIVED: TaskStatus.COMPLETED,
        CaseStatus.REJECTED: TaskStatus.REJECTED,
        CaseStatus.WITHDRAWN: TaskStatus.CANCELLED,
        CaseStatus.CANCELLED: TaskStatus.CANCELLED,
        CaseStatus.EXPIRED: TaskStatus.FAILED,
        CaseStatus.MISSED: TaskStatus.FAILED,
    }
)

# What a search by Task.status finds; a status of FHIR that we never give finds nothing.
CASE_STATUSES: Final[Mapping[TaskStatus, frozenset[CaseStatus]]] = MappingProxyType(
    {
        task: frozenset(status for status, given in TASK_STATUS.items() if given is task)
        for task in TaskStatus
    }
)

# FHIR R4 value set request-priority, which has no word for screening.
REQUEST_PRIORITY: Final[Mapping[Priority, str]] = MappingProxyType(
    {
        Priority.EMERGENCY: "stat",
        Priority.URGENT: "urgent",
        Priority.ROUTINE: "routine",
        Priority.SCREENING: "routine",
    }
)
