"""The only SQL of recalls."""

import dataclasses
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from consult.reports.recalls.errors import RecallChangedError
from consult.reports.recalls.model import Recall, RecallState, RecallView
from consult.reports.recalls.tables import RecallRow

_RECALL = tuple(field.name for field in dataclasses.fields(Recall))
_MOVES = ("track", "due_on", "rules", "state", "reason", "ended_at", "ended_by_id", "revision")
_MOST_OF_CASE = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """Which recalls a list shows: of which institution, seen by whom, counted from which day."""

    institution_id: str
    view: RecallView
    today: date
    soon_days: int
    seen: ColumnElement[bool]


def save_new(session: Session, recall: Recall) -> None:
    """Write a new recall; one is open a patient, service and institution."""
    values = {name: getattr(recall, name) for name in _RECALL}
    session.add(RecallRow(**values, live_key=recall.live_key))
    session.flush()


def save_move(session: Session, before: Recall, after: Recall) -> None:
    """Write `after` only if the row still looks like `before`; raises RecallChangedError."""
    values: dict[str, Any] = {name: getattr(after, name) for name in _MOVES}
    if not after.is_open:
        values["live_key"] = None
    statement = (
        update(RecallRow)
        .where(RecallRow.id == before.id, RecallRow.revision == before.revision)
        .values(**values)
        .returning(RecallRow.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(statement) is None:
        raise RecallChangedError(before.case_id)


def find_live(session: Session, live_key: str) -> Recall | None:
    """The open recall of a patient, service and institution."""
    found = _recalls(session, select(RecallRow).where(RecallRow.live_key == live_key))
    return found[0] if found else None


def list_of_case(session: Session, case_id: str) -> list[Recall]:
    """Every recall after a case, the newest first."""
    statement = select(RecallRow).where(RecallRow.case_id == case_id)
    return _recalls(session, statement.order_by(RecallRow.id.desc()).limit(_MOST_OF_CASE))


def list_page(session: Session, listed: Listed, *, limit: int) -> list[Recall]:
    """One tab: the soonest due first, what has ended newest first."""
    statement = _listed(listed)
    if listed.view is RecallView.DONE:
        statement = statement.order_by(RecallRow.ended_at.desc(), RecallRow.id.desc())
    else:
        statement = statement.order_by(RecallRow.due_on, RecallRow.id)
    return _recalls(session, statement.limit(limit))


def count(session: Session, listed: Listed) -> int:
    """How many recalls a tab has."""
    return session.scalar(select(func.count()).select_from(_listed(listed).subquery())) or 0


def _listed(listed: Listed) -> Select[RecallRow]:
    soon = listed.today + timedelta(days=listed.soon_days)
    is_open = RecallRow.state == RecallState.OPEN
    which = {
        RecallView.OVERDUE: is_open & (RecallRow.due_on < listed.today),
        RecallView.DUE: is_open & RecallRow.due_on.between(listed.today, soon),
        RecallView.LATER: is_open & (RecallRow.due_on > soon),
        RecallView.DONE: RecallRow.state.in_({RecallState.CAME, RecallState.OPTED_OUT}),
    }[listed.view]
    return select(RecallRow).where(
        RecallRow.institution_id == listed.institution_id, which, listed.seen
    )


def _recalls(session: Session, statement: Select[RecallRow]) -> list[Recall]:
    fresh = statement.execution_options(populate_existing=True)
    return [
        Recall(**{name: getattr(row, name) for name in _RECALL}) for row in session.scalars(fresh)
    ]
