"""The tabs of a clinic's list: every status stands in exactly one."""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.cases.model import CaseStatus

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
