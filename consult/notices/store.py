"""The only SQL of notices and their ways."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import PractitionerId
from consult.notices.model import (
    LONGEST_DELAY,
    LONGEST_REST,
    Line,
    Notice,
    NoticeEvent,
    NoticeState,
    Way,
)
from consult.notices.tables import NoticeCursorRow, NoticeRow, NoticeWayRow

_CURSOR = 1


def find_cursor(session: Session) -> int | None:
    """How far the journal was read; None before the first time."""
    return session.scalar(select(NoticeCursorRow.position).where(NoticeCursorRow.id == _CURSOR))


def save_cursor(session: Session, position: int) -> None:
    """Write how far it was read."""
    session.merge(NoticeCursorRow(id=_CURSOR, position=position))
    session.flush()


def save_way(session: Session, row: NoticeWayRow) -> None:
    """Write a new way."""
    session.add(row)
    session.flush()


def list_rows(session: Session, people: Collection[str], *, limit: int) -> list[NoticeWayRow]:
    """The ways of these people that were not removed, the oldest first."""
    statement = (
        select(NoticeWayRow)
        .where(NoticeWayRow.person_id.in_(sorted(people)), NoticeWayRow.removed_at.is_(None))
        .order_by(NoticeWayRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def find_row(session: Session, way_id: str) -> NoticeWayRow | None:
    """One way that was not removed."""
    statement = select(NoticeWayRow).where(
        NoticeWayRow.id == way_id, NoticeWayRow.removed_at.is_(None)
    )
    return session.scalar(statement)


def list_failing(session: Session, *, limit: int) -> list[NoticeWayRow]:
    """The ways that do not work now, the longest first."""
    statement = (
        select(NoticeWayRow)
        .where(NoticeWayRow.removed_at.is_(None), NoticeWayRow.failing_since.is_not(None))
        .order_by(NoticeWayRow.failing_since, NoticeWayRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def save_values(session: Session, way_id: str, values: Mapping[str, Any]) -> None:
    """Change a way."""
    session.execute(update(NoticeWayRow).where(NoticeWayRow.id == way_id).values(**values))


def wake(session: Session, way_id: str, *, at: datetime) -> None:
    """Let a way rest no longer than until then."""
    session.execute(
        update(NoticeWayRow)
        .where(NoticeWayRow.id == way_id, NoticeWayRow.rests_until > at)
        .values(rests_until=at)
    )


def has_urgent(session: Session, way_id: str) -> bool:
    """Whether something urgent waits there."""
    statement = select(NoticeRow.id).where(
        NoticeRow.way_id == way_id, NoticeRow.state == NoticeState.WAITING, NoticeRow.is_urgent
    )
    return session.scalar(statement.limit(1)) is not None


def save_notice(session: Session, row: NoticeRow) -> None:
    """Write a notice; it is one of a unit that reads a line of the journal once."""
    session.add(row)


def drop_waiting(session: Session, way_id: str, *, at: datetime) -> int:
    """Send nothing of what waits there; says how many notices that were."""
    statement = (
        update(NoticeRow)
        .where(NoticeRow.way_id == way_id, NoticeRow.state == NoticeState.WAITING)
        .values(state=NoticeState.DROPPED, settled_at=at)
        .returning(NoticeRow.id)
    )
    return len(session.scalars(statement).all())


def list_due_ways(
    session: Session, *, now: datetime, without: Collection[str], limit: int
) -> list[str]:
    """The ways for which a notice is due and that do not rest, the longest waiting first."""
    statement = (
        select(NoticeRow.way_id)
        .join(NoticeWayRow, NoticeWayRow.id == NoticeRow.way_id)
        .where(
            NoticeRow.state == NoticeState.WAITING,
            _is_due(now),
            NoticeWayRow.removed_at.is_(None),
            _rests_not(now),
            NoticeRow.way_id.not_in(sorted(without)),
        )
        .group_by(NoticeRow.way_id)
        .order_by(func.min(NoticeRow.send_at), NoticeRow.way_id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def list_due(session: Session, way_id: str, *, now: datetime, limit: int) -> list[Notice]:
    """What is due by one way, the urgent first."""
    statement = (
        select(NoticeRow)
        .where(
            NoticeRow.way_id == way_id,
            NoticeRow.state == NoticeState.WAITING,
            _is_due(now),
        )
        .order_by(NoticeRow.is_urgent.desc(), NoticeRow.position)
        .limit(limit)
    )
    return [_notice(row) for row in session.scalars(statement)]


def save_settled(
    session: Session, ids: Collection[str], *, state: NoticeState, at: datetime
) -> None:
    """Write what became of these notices."""
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id.in_(sorted(ids)), NoticeRow.state == NoticeState.WAITING)
        .values(state=state, settled_at=at)
    )


def give_up(session: Session, way_id: str, *, older_than: datetime, at: datetime) -> list[str]:
    """No longer try what has been due since then; says which notices those are."""
    statement = (
        update(NoticeRow)
        .where(
            NoticeRow.way_id == way_id,
            NoticeRow.state == NoticeState.WAITING,
            NoticeRow.send_at <= older_than,
        )
        .values(state=NoticeState.GIVEN_UP, settled_at=at)
        .returning(NoticeRow.id)
    )
    return list(session.scalars(statement))


def count_states(session: Session, way_ids: Collection[str]) -> dict[tuple[str, NoticeState], int]:
    """How many notices of these ways are in each state."""
    statement = (
        select(NoticeRow.way_id, NoticeRow.state, func.count())
        .where(NoticeRow.way_id.in_(sorted(way_ids)))
        .group_by(NoticeRow.way_id, NoticeRow.state)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(statement)}


def way_of(row: NoticeWayRow, *, address: str) -> Way:
    """The row as a way."""
    return Way(
        id=row.id,
        person_id=PractitionerId(row.person_id),
        kind=row.kind,
        address=address,
        events=frozenset(NoticeEvent(each) for each in row.events.split()),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        digests=tuple(row.digest_at.split()),
        zone=row.zone,
        language=row.language,
        line=Line(row.tries, row.rests_until, row.failing_since, row.failure, row.sent_at),
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its time has come, or lies where only a clock that ran ahead and was set back puts it."""
    return or_(
        NoticeRow.send_at <= now, NoticeRow.is_urgent, NoticeRow.send_at > now + LONGEST_DELAY
    )


def _rests_not(now: datetime) -> ColumnElement[bool]:
    until = NoticeWayRow.rests_until
    return or_(until.is_(None), until <= now, until > now + LONGEST_REST)


def _notice(row: NoticeRow) -> Notice:
    return Notice(
        id=row.id,
        way_id=row.way_id,
        event=row.event,
        case_number=row.case_number,
        case_id=row.case_id,
        is_urgent=row.is_urgent,
        made_at=row.made_at,
    )
