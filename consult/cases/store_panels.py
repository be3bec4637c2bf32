"""The SQL of cases that stand before panels."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Subquery, func, literal, select, true, union_all
from sqlalchemy import case as one_if

from consult.cases.model import Case, CaseStatus
from consult.cases.store import CASES, list_cases
from consult.cases.tables import CaseRow
from consult.cases.views import PanelView, Waiting
from consult.kernel.work import Work

_PRESSED, _ORDINARY = 0, 1


def list_of(work: Work, view: PanelView, *, seen: ColumnElement[bool]) -> list[Case]:
    """The cases before these panels, the pressed ones first, then in the order of promise.

    Each status is asked by itself, so that an index gives its first ones in order.
    """
    parts = [
        _first_of(view, _ORDINARY, CaseRow.status == status, _not_pressed(view, status), seen)
        for status in sorted(view.statuses)
    ]
    if view.pressed_from is not None:
        statuses = sorted(set(view.statuses) & set(view.pressed_in))
        is_pressed = CaseRow.declines >= view.pressed_from
        parts.append(_first_of(view, _PRESSED, CaseRow.status.in_(statuses), is_pressed, seen))
    first = union_all(*(select(part) for part in parts)).subquery()
    statement = (
        CASES.join(first, first.c.id == CaseRow.id)
        .order_by(first.c.rank, CaseRow.report_by, CaseRow.id)
        .limit(view.limit)
        .offset(view.offset)
    )
    return list_cases(work, statement)


def _first_of(view: PanelView, rank: int, *which: ColumnElement[bool]) -> Subquery:
    """As many cases as can stand on the page, by their order."""
    statement = select(CaseRow.id, literal(rank).label("rank")).where(
        CaseRow.panel_id.in_(sorted(view.panel_ids)),
        CaseRow.service_type.in_(sorted(view.service_types)),
        *which,
    )
    if view.among is not None:
        statement = statement.where(CaseRow.id.in_(sorted(view.among)))
    last = view.offset + view.limit
    return statement.order_by(CaseRow.report_by, CaseRow.id).limit(last).subquery()


def _not_pressed(view: PanelView, status: CaseStatus) -> ColumnElement[bool]:
    if view.pressed_from is None or status not in view.pressed_in:
        return true()
    return CaseRow.declines < view.pressed_from


def count(
    work: Work,
    *,
    panel_ids: Collection[str],
    statuses: Collection[CaseStatus],
    seen: ColumnElement[bool],
) -> list[Waiting]:
    """How many cases stand before these panels by status and service, and how many are late."""
    late = func.sum(one_if((CaseRow.report_by < work.now, 1), else_=0))
    statement = (
        select(CaseRow.status, CaseRow.service_type, func.count(), late)
        .where(
            CaseRow.panel_id.in_(sorted(panel_ids)),
            CaseRow.status.in_(sorted(statuses)),
            seen,
        )
        .group_by(CaseRow.status, CaseRow.service_type)
    )
    return [Waiting(*row) for row in work.session.execute(statement)]


def list_waiting(
    work: Work,
    *,
    panel_id: str,
    statuses: Collection[CaseStatus],
    not_owned_by: str,
    limit: int,
) -> list[Case]:
    """The cases before a panel that somebody else than this person answers for."""
    statement = (
        CASES.where(
            CaseRow.panel_id == panel_id,
            CaseRow.status.in_(sorted(statuses)),
            CaseRow.owner_id != not_owned_by,
        )
        .order_by(CaseRow.id)
        .limit(limit)
    )
    return list_cases(work, statement)


def list_before(
    work: Work, *, panel_id: str, statuses: Collection[CaseStatus], limit: int
) -> list[Case]:
    """The cases before a panel in these statuses."""
    return _in_order(work, statuses, CaseRow.panel_id == panel_id, limit=limit)


def list_owned(
    work: Work, *, owner_id: str, statuses: Collection[CaseStatus], limit: int
) -> list[Case]:
    """The cases in these statuses for which this person answers."""
    return _in_order(work, statuses, CaseRow.owner_id == owner_id, limit=limit)


def _in_order(
    work: Work, statuses: Collection[CaseStatus], which: ColumnElement[bool], *, limit: int
) -> list[Case]:
    statement = CASES.where(which, CaseRow.status.in_(sorted(statuses)))
    return list_cases(work, statement.order_by(CaseRow.id).limit(limit))
