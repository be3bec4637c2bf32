"""The SQL of the page of a month: one pass over its cases, and the list behind each number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, String, case, or_, select, type_coerce
from sqlalchemy.orm import Session

from consult.access import oversight, policy
from consult.access.model import ObjectType
from consult.cases.model import CaseStatus, ServiceType
from consult.cases.tables import CaseRow
from consult.dossiers.month_rules import Figure, clauses
from consult.kernel.work import Role, Work
from consult.reports.figures.tables import CaseFigureRow
from consult.reports.own.tables import WaitRow

NOBODY: Final = "nobody"
"""Who took the pictures of a case that nobody prepared, as a filter names it."""
_AT_ONCE: Final = 2_000
BITS: Final[Mapping[Figure, int]] = MappingProxyType(
    {figure: 1 << place for place, figure in enumerate(Figure)}
)
"""Where each figure stands among the bits of a case."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which cases: submitted from one moment until another, and what else; None leaves it open.

    `institution_id` is the inviting one; the answer took at least `took_from_s` seconds and less
    than `took_until_s`.
    """

    submitted_from: datetime
    submitted_until: datetime
    institution_id: str | None = None
    photographer_id: str | None = None
    reader_id: str | None = None
    service_type: ServiceType | None = None
    took_from_s: int | None = None
    took_until_s: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a list: nothing of its patient."""

    id: str
    number: str
    institution_id: str
    photographer_id: str | None
    reader_id: str | None
    service_type: ServiceType
    status: CaseStatus
    submitted_at: datetime
    report_by: datetime | None
    answered_at: datetime | None
    took_s: int | None


Fact = tuple[str, str | None, str | None, str, str, int | None, int]
"""Clinic, photographer, reader, service, submission (UTC, as text), seconds, figures as bits."""


def facts_of(work: Work, where: Where) -> Iterator[Sequence[Fact]]:
    """Every case of the month, some at a time."""
    statement = facts_statement(work, where).execution_options(yield_per=_AT_ONCE)
    found: Any = work.session.execute(statement).partitions(_AT_ONCE)
    return iter(found)


def facts_statement(work: Work, where: Where) -> Select[*tuple[Any, ...]]:
    """The one question that a page of numbers asks."""
    told = clauses(now=work.now)
    bits: ColumnElement[int] = type_coerce(0, Integer)
    for figure, bit in BITS.items():
        bits = bits + case((told[figure], bit), else_=0)
    return _over(
        work,
        where,
        CaseRow.institution_id,
        CaseRow.prepared_by_id,
        CaseFigureRow.reader_id,
        type_coerce(CaseRow.service_type, String),
        type_coerce(CaseRow.submitted_at, String),
        CaseFigureRow.took_s,
        bits,
    )


def list_lines(
    work: Work, where: Where, figure: Figure, *, before: str | None, limit: int
) -> list[Line]:
    """The cases of one figure, the newest first."""
    statement = _over(
        work,
        where,
        *(CaseRow.id, CaseRow.number, CaseRow.institution_id, CaseRow.prepared_by_id),
        *(CaseFigureRow.reader_id, CaseRow.service_type, CaseRow.status, CaseRow.submitted_at),
        *(CaseRow.report_by, CaseFigureRow.answered_at, CaseFigureRow.took_s),
    ).where(clauses(now=work.now)[figure])
    if before is not None:
        statement = statement.where(CaseRow.id < before)
    statement = statement.order_by(CaseRow.id.desc()).limit(limit)
    return [Line(*row) for row in _rows(work.session, statement)]


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    return session.execute(statement).all()


def _over(work: Work, where: Where, *columns: Any) -> Select[*tuple[Any, ...]]:
    """These columns of each case that the actor may count, with its figures where it has any."""
    seen, values = policy.countable_by(work, ObjectType.CASE, type_coerce(CaseRow.id, String))
    reach = [seen, CaseRow.consortium_id.in_(oversight.overseen_ids(work))]
    if Role.CONSORTIUM_ADMINISTRATOR in work.actor.roles:
        reach.insert(0, CaseRow.consortium_id.in_(sorted(work.actor.consortium_ids)))
    return (
        select(*columns)
        .outerjoin_from(CaseRow, CaseFigureRow, CaseFigureRow.case_id == CaseRow.id)
        .outerjoin(WaitRow, WaitRow.case_id == CaseRow.id)
        .where(
            CaseRow.submitted_at >= where.submitted_from,
            CaseRow.submitted_at < where.submitted_until,
            or_(*reach),
            *_narrowed(where),
        )
        .params(dict(values))
    )


def _narrowed(where: Where) -> Iterator[ColumnElement[bool]]:
    if where.institution_id is not None:
        yield CaseRow.institution_id == where.institution_id
    if where.photographer_id == NOBODY:
        yield CaseRow.prepared_by_id.is_(None)
    elif where.photographer_id is not None:
        yield CaseRow.prepared_by_id == where.photographer_id
    if where.reader_id is not None:
        yield CaseFigureRow.reader_id == where.reader_id
    if where.service_type is not None:
        yield CaseRow.service_type == where.service_type
    if where.took_from_s is not None:
        yield CaseFigureRow.took_s >= where.took_from_s
    if where.took_until_s is not None:
        yield CaseFigureRow.took_s < where.took_until_s
