"""The only SQL of the marks of promised times."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, not_, or_, select, update
from sqlalchemy.orm import Session

from consult.cases.ladder.model import RESTING, Mark
from consult.cases.ladder.tables import PromiseMarkRow
from consult.cases.tables import CaseRow
from consult.db.base import written
from consult.kernel.ids import CaseId


def save_marks(session: Session, case_id: str, marks: Iterable[Mark], *, now: datetime) -> None:
    """Put these in the place of what is not told yet.

    What was told stays told, unless its time lies ahead again.
    """
    new = {(mark.term, mark.rung): mark for mark in marks}
    told = set()
    found = select(PromiseMarkRow).where(PromiseMarkRow.case_id == case_id)
    for row in session.scalars(found):
        later = new.get((row.term, row.rung))
        if row.told_at is None or (later is not None and later.due_at > now):
            session.delete(row)
        else:
            told.add((row.term, row.rung))
    session.flush()
    session.add_all(_row(mark) for key, mark in new.items() if key not in told)
    session.flush()


def save_again(session: Session, mark: Mark) -> None:
    """Tell of a rung at another time, whether or not it was told."""
    session.merge(_row(mark))
    session.flush()


def list_due(session: Session, *, now: datetime, limit: int) -> list[Mark]:
    """The marks whose time has come and does not rest, the oldest first."""
    rests = [
        (PromiseMarkRow.term == term) & CaseRow.status.in_(sorted(statuses))
        for term, statuses in RESTING.items()
    ]
    statement = (
        select(PromiseMarkRow)
        .join(CaseRow, CaseRow.id == PromiseMarkRow.case_id)
        .where(PromiseMarkRow.told_at.is_(None), PromiseMarkRow.due_at <= now, not_(or_(*rests)))
        .order_by(
            PromiseMarkRow.due_at,
            PromiseMarkRow.case_id,
            PromiseMarkRow.term,
            PromiseMarkRow.rung.desc(),
        )
        .limit(limit)
    )
    return [
        Mark(CaseId(row.case_id), row.term, row.rung, row.due_at)
        for row in session.scalars(statement)
    ]


def save_told(session: Session, mark: Mark, *, at: datetime) -> bool:
    """Write that it is told; False where it was before."""
    statement = update(PromiseMarkRow).where(*_is(mark), PromiseMarkRow.told_at.is_(None))
    return written(session.execute(statement.values(told_at=at))).rowcount == 1


def delete_mark(session: Session, mark: Mark) -> None:
    """Forget what need not be told."""
    session.execute(delete(PromiseMarkRow).where(*_is(mark), PromiseMarkRow.told_at.is_(None)))


def _row(mark: Mark) -> PromiseMarkRow:
    return PromiseMarkRow(
        case_id=mark.case_id, term=mark.term, rung=mark.rung, due_at=mark.due_at, told_at=None
    )


def _is(mark: Mark) -> tuple[ColumnElement[bool], ...]:
    return (
        PromiseMarkRow.case_id == mark.case_id,
        PromiseMarkRow.term == mark.term,
        PromiseMarkRow.rung == mark.rung,
    )
