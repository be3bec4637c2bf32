"""The SQL of cases that stand before panels."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy import case as one_if

from consult.cases.model import Case, CaseStatus
from consult.cases.store import CASES, list_cases
from consult.cases.tables import CaseRow
from consult.cases.views import PanelView, Waiting
from consult.kernel.work import Work


def list_of(work: Work, view: PanelView, *, visible: Select[str]) -> list[Case]:
    """The cases before these panels, the pressed ones first, then in the order of promise."""
    statement = (
        CASES.where(
            CaseRow.panel_id.in_(sorted(view.panel_ids)),
            CaseRow.status.in_(sorted(view.statuses)),
            CaseRow.service_type.in_(sorted(view.service_types)),
            CaseRow.id.in_(visible),
        )
        .order_by(*_on_top(view), CaseRow.report_by, CaseRow.id)
        .limit(view.limit)
        .offset(view.offset)
    )
    if view.among is not None:
        statement = statement.where(CaseRow.id.in_(sorted(view.among)))
    return list_cases(work, statement)


def _on_top(view: PanelView) -> list[ColumnElement[int]]:
    if view.pressed_from is None:
        return []
    pressed = and_(
        CaseRow.declines >= view.pressed_from, CaseRow.status.in_(sorted(view.pressed_in))
    )
    return [one_if((pressed, 0), else_=1)]


def count(
    work: Work,
    *,
    panel_ids: Collection[str],
    statuses: Collection[CaseStatus],
    visible: Select[str],
) -> list[Waiting]:
    """How many cases stand before these panels by status and service, and how many are late."""
    late = func.sum(one_if((CaseRow.report_by < work.now, 1), else_=0))
    statement = (
        select(CaseRow.status, CaseRow.service_type, func.count(), late)
        .where(
            CaseRow.panel_id.in_(sorted(panel_ids)),
            CaseRow.status.in_(sorted(statuses)),
            CaseRow.id.in_(visible),
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
