"""The only SQL of what must be read again."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from consult.cases.corrections.tables import ImageCorrectionRow
from consult.cases.tables import CaseRow
from consult.reports.tables import ReportRow

_MOST_CORRECTED: Final = 5000
_CLOCKS: Final = timedelta(hours=1)
"""A version that was signed at the moment of a correction may bear a later time than it."""


def list_candidates(
    session: Session, *, panel_ids: Collection[str], seen: ColumnElement[bool], limit: int
) -> list[str]:
    """Cases before these panels whose newest version is no newer than the newest correction."""
    corrected = (
        select(ImageCorrectionRow.case_id, func.max(ImageCorrectionRow.at).label("at"))
        .group_by(ImageCorrectionRow.case_id)
        .subquery()
    )
    signed_at = (
        select(func.max(ReportRow.signed_at))
        .where(ReportRow.case_id == corrected.c.case_id)
        .scalar_subquery()
    )
    statement = (
        select(CaseRow.id, corrected.c.at, signed_at)
        .join(corrected, corrected.c.case_id == CaseRow.id)
        .where(CaseRow.panel_id.in_(sorted(panel_ids)), seen)
        .order_by(corrected.c.at.desc(), CaseRow.id)
        .limit(_MOST_CORRECTED)
    )
    found = []
    for case_id, at, last in session.execute(statement):
        if last is not None and last < at + _CLOCKS:
            found.append(case_id)
        if len(found) == limit:
            break
    return found
