"""The only SQL of urgent alerts."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from consult.reports.alerts.errors import AlertChangedError
from consult.reports.alerts.model import Alert, AlertCall, AlertState, Escalation
from consult.reports.alerts.tables import AlertCallRow, AlertRow, EscalationRow

_ALERT = tuple(field.name for field in dataclasses.fields(Alert))
_STEP = tuple(field.name for field in dataclasses.fields(Escalation))
_CALL = tuple(field.name for field in dataclasses.fields(AlertCall))
_MOVES = (
    *("owner_id", "step", "next_at", "state", "ended_at", "ended_by_id", "contact", "note"),
    "revision",
)
_MOST_OF_CASE = 100
_MOST_CALLS = 200


def save_new(session: Session, alert: Alert) -> None:
    """Write a new alert; one is open a case."""
    values = {name: getattr(alert, name) for name in _ALERT}
    session.add(AlertRow(**values, live_case_id=alert.case_id))
    session.flush()


def save_move(session: Session, before: Alert, after: Alert) -> None:
    """Write `after` only if the row still looks like `before`; raises AlertChangedError."""
    values: dict[str, Any] = {name: getattr(after, name) for name in _MOVES}
    if not after.is_open:
        values["live_case_id"] = None
    statement = (
        update(AlertRow)
        .where(AlertRow.id == before.id, AlertRow.revision == before.revision)
        .values(**values)
        .returning(AlertRow.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(statement) is None:
        raise AlertChangedError(before.case_id)


def save_step(session: Session, step: Escalation) -> None:
    """Write to whom an alert went on."""
    session.add(EscalationRow(**{name: getattr(step, name) for name in _STEP}))
    session.flush()


def save_call(session: Session, call: AlertCall) -> None:
    """Write a call."""
    session.add(AlertCallRow(**{name: getattr(call, name) for name in _CALL}))
    session.flush()


def find_open(session: Session, case_id: str) -> Alert | None:
    """The alert of a case that waits for a confirmation."""
    found = _alerts(session, select(AlertRow).where(AlertRow.live_case_id == case_id))
    return found[0] if found else None


def list_of_case(session: Session, case_id: str) -> list[Alert]:
    """Every alert of a case, the newest first."""
    statement = select(AlertRow).where(AlertRow.case_id == case_id).order_by(AlertRow.id.desc())
    return _alerts(session, statement.limit(_MOST_OF_CASE))


def list_due(session: Session, *, now: datetime, limit: int) -> list[Alert]:
    """The open alerts whose next step is due, the longest due first."""
    statement = select(AlertRow).where(AlertRow.next_at <= now)
    return _alerts(session, statement.order_by(AlertRow.next_at, AlertRow.id).limit(limit))


def before(
    *, institution_id: str | None, person_id: str | None, seen: ColumnElement[bool]
) -> ColumnElement[bool]:
    """The alerts of an institution that are seen there, and those that went on to a person."""
    reached = select(EscalationRow.alert_id).where(EscalationRow.person_id == person_id)
    return or_((AlertRow.institution_id == institution_id) & seen, AlertRow.id.in_(reached))


def list_open(session: Session, before: ColumnElement[bool], *, limit: int) -> list[Alert]:
    """The open ones among these, the newest first."""
    statement = select(AlertRow).where(AlertRow.state == AlertState.OPEN, before)
    newest = statement.order_by(AlertRow.raised_at.desc(), AlertRow.id.desc())
    return _alerts(session, newest.limit(limit))


def count_open(session: Session, before: ColumnElement[bool]) -> int:
    """How many of these are open."""
    statement = select(func.count(AlertRow.id)).where(AlertRow.state == AlertState.OPEN, before)
    return session.scalar(statement) or 0


def list_steps(session: Session, alert_id: str) -> list[Escalation]:
    """The newest steps that an alert has gone on, in their order."""
    statement = select(EscalationRow).where(EscalationRow.alert_id == alert_id)
    rows = session.scalars(statement.order_by(EscalationRow.step.desc()).limit(_MOST_OF_CASE))
    return [Escalation(**{name: getattr(row, name) for name in _STEP}) for row in rows][::-1]


def list_calls(session: Session, alert_ids: Sequence[str]) -> list[AlertCall]:
    """The calls about these alerts, the newest first."""
    statement = select(AlertCallRow).where(AlertCallRow.alert_id.in_(alert_ids))
    newest = statement.order_by(AlertCallRow.called_at.desc(), AlertCallRow.id.desc())
    rows = session.scalars(newest.limit(_MOST_CALLS))
    return [AlertCall(**{name: getattr(row, name) for name in _CALL}) for row in rows]


def _alerts(session: Session, statement: Select[AlertRow]) -> list[Alert]:
    fresh = statement.execution_options(populate_existing=True)
    return [
        Alert(**{name: getattr(row, name) for name in _ALERT}) for row in session.scalars(fresh)
    ]
