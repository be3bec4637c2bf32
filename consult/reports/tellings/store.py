"""The only SQL of tellings and of calls to patients."""

import dataclasses
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from consult.reports.tellings.calls import PatientCall
from consult.reports.tellings.errors import TellingChangedError
from consult.reports.tellings.model import Telling, TellingState, TellingView
from consult.reports.tellings.tables import PatientCallRow, TellingRow

_TELLING = tuple(field.name for field in dataclasses.fields(Telling))
_CALL = tuple(field.name for field in dataclasses.fields(PatientCall))
_MOVES = (
    *("owner_id", "state", "way", "reason", "risk", "ended_at", "ended_by_id"),
    "revision",
)
_MOST_OF_CASE = 100
_MOST_CALLS = 500


def save_new(session: Session, telling: Telling) -> None:
    """Write a new task; one is open a case."""
    values = {name: getattr(telling, name) for name in _TELLING}
    session.add(TellingRow(**values, live_case_id=telling.case_id))
    session.flush()


def save_move(session: Session, before: Telling, after: Telling) -> None:
    """Write `after` only if the row still looks like `before`; raises TellingChangedError."""
    values: dict[str, Any] = {name: getattr(after, name) for name in _MOVES}
    if not after.is_open:
        values["live_case_id"] = None
    statement = (
        update(TellingRow)
        .where(TellingRow.id == before.id, TellingRow.revision == before.revision)
        .values(**values)
        .returning(TellingRow.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(statement) is None:
        raise TellingChangedError(before.case_id)


def find_open(session: Session, case_id: str) -> Telling | None:
    """The task of a case of which nobody has said yet what came."""
    found = _tellings(session, select(TellingRow).where(TellingRow.live_case_id == case_id))
    return found[0] if found else None


def list_of_case(session: Session, case_id: str) -> list[Telling]:
    """Every task of a case, the newest first."""
    statement = select(TellingRow).where(TellingRow.case_id == case_id)
    return _tellings(session, statement.order_by(TellingRow.id.desc()).limit(_MOST_OF_CASE))


def list_of_institution(
    session: Session,
    *,
    institution_id: str,
    view: TellingView,
    seen: ColumnElement[bool],
    limit: int,
) -> list[Telling]:
    """The tasks of an institution: the soonest due first, what is done newest first."""
    statement = _of_institution(institution_id, view, seen)
    if view is TellingView.OPEN:
        statement = statement.order_by(TellingRow.due_on, TellingRow.id)
    else:
        statement = statement.order_by(TellingRow.ended_at.desc(), TellingRow.id.desc())
    return _tellings(session, statement.limit(limit))


def count_of_institution(
    session: Session, *, institution_id: str, view: TellingView, seen: ColumnElement[bool]
) -> int:
    """How many tasks of an institution stand in one tab."""
    within = _of_institution(institution_id, view, seen).subquery()
    return session.scalar(select(func.count()).select_from(within)) or 0


def list_owned(
    session: Session, *, owner_id: str, institution_id: str, limit: int
) -> list[Telling]:
    """The open tasks that a person has at an institution."""
    statement = _owned(owner_id, institution_id).order_by(TellingRow.id)
    return _tellings(session, statement.limit(limit))


def count_owned(session: Session, *, owner_id: str, institution_id: str) -> int:
    """How many open tasks a person has at an institution."""
    within = _owned(owner_id, institution_id).subquery()
    return session.scalar(select(func.count()).select_from(within)) or 0


def save_call(session: Session, call: PatientCall) -> None:
    """Write a call."""
    session.add(PatientCallRow(**{name: getattr(call, name) for name in _CALL}))
    session.flush()


def list_calls(session: Session, task_ids: Collection[str]) -> list[PatientCall]:
    """The calls about these tasks, the newest first."""
    statement = select(PatientCallRow).where(PatientCallRow.task_id.in_(sorted(task_ids)))
    newest = statement.order_by(PatientCallRow.called_at.desc(), PatientCallRow.id.desc())
    rows = session.scalars(newest.limit(_MOST_CALLS))
    return [PatientCall(**{name: getattr(row, name) for name in _CALL}) for row in rows]


def _owned(owner_id: str, institution_id: str) -> Select[TellingRow]:
    return select(TellingRow).where(
        TellingRow.owner_id == owner_id,
        TellingRow.institution_id == institution_id,
        TellingRow.state == TellingState.OPEN,
    )


def _of_institution(
    institution_id: str, view: TellingView, seen: ColumnElement[bool]
) -> Select[TellingRow]:
    is_open = TellingRow.state == TellingState.OPEN
    return select(TellingRow).where(
        TellingRow.institution_id == institution_id,
        is_open
        if view is TellingView.OPEN
        else TellingRow.state.not_in({TellingState.OPEN, TellingState.REPLACED}),
        seen,
    )


def _tellings(session: Session, statement: Select[TellingRow]) -> list[Telling]:
    fresh = statement.execution_options(populate_existing=True)
    return [
        Telling(**{name: getattr(row, name) for name in _TELLING}) for row in session.scalars(fresh)
    ]
