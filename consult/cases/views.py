"""What lists of cases show: a clinic's tabs, every status in exactly one, and a panel's pages."""

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from consult.cases.model import CaseStatus, ServiceType

_S = CaseStatus


class CaseView(enum.StrEnum):
    """One tab of 我的病例."""

    DRAFTS = "drafts"
    RUNNING = "running"
    ARRIVED = "arrived"
    DONE = "done"


VIEWS: Final[Mapping[CaseView, frozenset[CaseStatus]]] = MappingProxyType(
    {
        CaseView.DRAFTS: frozenset({_S.DRAFT, _S.RETURNED}),
        CaseView.RUNNING: frozenset(
            {
                *(_S.SUBMITTED, _S.ASSIGNED, _S.DECLINED, _S.ACCEPTED, _S.SCHEDULED),
                *(_S.IN_CONSULT, _S.READING, _S.SECOND_READ, _S.ARBITRATION, _S.REPORT_REVIEW),
                _S.MISSED,
            }
        ),
        CaseView.ARRIVED: frozenset({_S.REPORTED, _S.ACKNOWLEDGED, _S.REFERRING, _S.FOLLOW_UP}),
        CaseView.DONE: frozenset(
            {_S.CLOSED, _S.ARCHIVED, _S.REJECTED, _S.WITHDRAWN, _S.CANCELLED, _S.EXPIRED}
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases of a kind stand before some panels, and how many are past their promise."""

    status: CaseStatus
    service_type: ServiceType
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class PanelView:
    """Which of the cases before these panels a list shows; `among` these ids where given.

    Where given, `pressed_from` declines put a case that still waits in `pressed_in` on top.
    """

    panel_ids: Collection[str]
    statuses: Collection[CaseStatus]
    service_types: Collection[ServiceType] = frozenset(ServiceType)
    among: Collection[str] | None = None
    pressed_from: int | None = None
    pressed_in: Collection[CaseStatus] = ()
    offset: int = 0
    limit: int = 50
