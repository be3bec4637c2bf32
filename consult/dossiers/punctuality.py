"""Whether a case was answered as promised: the one rule, for every page that counts it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_

from consult.cases.model import CaseStatus

UNANSWERED_ENDS: Final = (
    *(CaseStatus.WITHDRAWN, CaseStatus.CANCELLED),
    *(CaseStatus.REJECTED, CaseStatus.EXPIRED),
)
"""How a case ends that nobody has to answer any more."""


def punctual(
    *, signed_at: Any, report_by: Any, status: Any, now: datetime
) -> Mapping[str, ColumnElement[bool]]:
    """The clauses of `in_time`, `late`, `open` and `ended`; exactly one is true of each case.

    What counts is the first signature; a case without one is late once its time has passed, and
    one that was taken back or refused before it had one is neither in time nor late nor open.
    """
    is_signed, is_unsigned = signed_at.is_not(None), signed_at.is_(None)
    goes_on = status.not_in(UNANSWERED_ENDS)
    has_passed = and_(report_by.is_not(None), report_by < now)
    is_kept = or_(report_by.is_(None), signed_at <= report_by)
    return {
        "in_time": and_(is_signed, is_kept),
        "late": or_(
            and_(is_signed, report_by.is_not(None), signed_at > report_by),
            and_(is_unsigned, goes_on, has_passed),
        ),
        "open": and_(is_unsigned, goes_on, or_(report_by.is_(None), report_by >= now)),
        "ended": and_(is_unsigned, status.in_(UNANSWERED_ENDS)),
    }
