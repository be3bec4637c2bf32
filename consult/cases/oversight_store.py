"""The only SQL by which cases are listed for supervision."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select

from consult.cases.model import Case, ServiceType
from consult.cases.store import case_of
from consult.cases.tables import CaseRow
from consult.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are asked for; None leaves a thing open."""

    institution_id: str | None = None
    submitted_from: datetime | None = None
    submitted_until: datetime | None = None
    service_type: ServiceType | None = None
    before: str | None = None


def list_submitted(
    work: Work, wanted: Filter, *, visible: Select[str], overseen: Select[str], limit: int
) -> list[Case]:
    """Submitted cases that are visible or belong to an overseen consortium, newest first."""
    statement = (
        select(CaseRow)
        .where(
            CaseRow.submitted_at.is_not(None),
            or_(CaseRow.id.in_(visible), CaseRow.consortium_id.in_(overseen)),
            *clauses_of(wanted),
        )
        .order_by(CaseRow.id.desc())
        .limit(limit)
    )
    return [case_of(row) for row in work.session.scalars(statement)]


def is_overseen(work: Work, case_id: str, *, overseen: Select[str]) -> bool:
    """Whether a submitted case belongs to one of these consortia."""
    statement = select(CaseRow.id).where(
        CaseRow.id == case_id,
        CaseRow.submitted_at.is_not(None),
        CaseRow.consortium_id.in_(overseen),
    )
    return work.session.scalar(statement) is not None


def clauses_of(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a filter asks of a case."""
    clauses: list[ColumnElement[bool]] = []
    if wanted.institution_id is not None:
        sides = (CaseRow.institution_id, CaseRow.invited_institution_id)
        clauses.append(or_(*(side == wanted.institution_id for side in sides)))
    if wanted.submitted_from is not None:
        clauses.append(CaseRow.submitted_at >= wanted.submitted_from)
    if wanted.submitted_until is not None:
        clauses.append(CaseRow.submitted_at < wanted.submitted_until)
    if wanted.service_type is not None:
        clauses.append(CaseRow.service_type == wanted.service_type)
    if wanted.before is not None:
        clauses.append(CaseRow.id < wanted.before)
    return clauses
