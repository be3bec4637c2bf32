"""The only SQL of sessions; who gets a time is settled by the statement."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from consult.calendar.timetable import Span
from consult.calendar.video.model import SessionStatus, VideoSession
from consult.calendar.video.tables import SessionRow, TickRow
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

_BOOKED = SessionRow.status == SessionStatus.BOOKED


def save_session(session: Session, row: SessionRow) -> bool:
    """Write a new session; False where the case has one ahead of it."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def save_ticks(
    session: Session, session_id: str, *, people: Collection[str], ticks: Sequence[datetime]
) -> bool:
    """Give these cells of these people to a session, and no other; False where one is given.

    New cells are taken before old ones are given up, and always in the same order, so that two who
    move into each other's times do not wait for each other.
    """
    wanted = {(person, at) for person in people for at in ticks}
    statement = select(TickRow.person_id, TickRow.at).where(TickRow.session_id == session_id)
    mine = {(person, at) for person, at in session.execute(statement)}
    rows = [
        {"person_id": person, "at": at, "session_id": session_id}
        for person, at in sorted(wanted - mine)
    ]
    try:
        with session.begin_nested():
            for row in rows:
                session.execute(insert(TickRow), row)
    except IntegrityError:
        return False
    for person, at in sorted(mine - wanted):
        gone = (TickRow.person_id == person, TickRow.at == at)
        session.execute(delete(TickRow).where(*gone))
    return True


def drop_ticks(session: Session, session_id: str) -> None:
    """Nobody's time is given to this session any more."""
    session.execute(delete(TickRow).where(TickRow.session_id == session_id))


def save_change(session: Session, before: VideoSession, values: Mapping[str, Any]) -> bool:
    """Write a session that is as it was read; False where it is not."""
    statement = (
        update(SessionRow)
        .where(SessionRow.id == before.id, SessionRow.revision == before.revision)
        .values(**values, revision=before.revision + 1)
        .returning(SessionRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def find_session(session: Session, session_id: str) -> VideoSession | None:
    """One session."""
    row = session.get(SessionRow, session_id, populate_existing=True)
    return None if row is None else _session(row)


def list_of_case(session: Session, case_id: str, *, limit: int) -> list[VideoSession]:
    """The sessions of a case, the newest booking first."""
    where = SessionRow.case_id == case_id
    return _list(session, where, newest=True, limit=limit)


def list_between(
    session: Session,
    *,
    people: Collection[str],
    at_institution: str | None,
    since: datetime,
    until: datetime,
    limit: int,
) -> list[VideoSession]:
    """Sessions of these people, or invited to this institution, in order."""
    of_people = or_(SessionRow.expert_id.in_(sorted(people)), SessionRow.doctor_id.in_(people))
    of_place = SessionRow.invited_institution_id == at_institution
    whose = of_people if at_institution is None else or_(of_people, of_place)
    times = and_(SessionRow.starts_at >= since, SessionRow.starts_at < until)
    return _list(session, and_(whose, times), limit=limit)


def list_ahead(
    session: Session, *, expert_id: str, now: datetime, limit: int
) -> list[VideoSession]:
    """The booked sessions of an expert that are not over."""
    where = and_(SessionRow.expert_id == expert_id, _BOOKED, SessionRow.ends_at > now)
    return _list(session, where, limit=limit)


def list_booked(session: Session, *, after: str, limit: int) -> list[VideoSession]:
    """Booked sessions by their ids, past this one: a whole walk in parts."""
    statement = select(SessionRow).where(_BOOKED, SessionRow.id > after).order_by(SessionRow.id)
    rows = session.scalars(statement.limit(limit).execution_options(populate_existing=True))
    return [_session(row) for row in rows]


def count_ahead(session: Session, *, doctor_id: str, now: datetime) -> int:
    """How many booked sessions an inviting doctor has ahead of her."""
    where = (SessionRow.doctor_id == doctor_id, _BOOKED, SessionRow.ends_at > now)
    return session.scalar(select(func.count()).select_from(SessionRow).where(*where)) or 0


def busy_times(
    session: Session,
    *,
    people: Collection[str],
    since: datetime,
    until: datetime,
    without: str | None = None,
) -> Mapping[str, list[Span]]:
    """When each of these people has a session, but for one that is to be moved."""
    statement = select(
        SessionRow.id,
        SessionRow.expert_id,
        SessionRow.doctor_id,
        SessionRow.starts_at,
        SessionRow.ends_at,
    ).where(
        or_(SessionRow.expert_id.in_(sorted(people)), SessionRow.doctor_id.in_(sorted(people))),
        _BOOKED,
        SessionRow.ends_at > since,
        SessionRow.starts_at < until,
    )
    found: dict[str, list[Span]] = defaultdict(list)
    for session_id, expert_id, doctor_id, starts_at, ends_at in session.execute(statement):
        if session_id != without:
            for person in {expert_id, doctor_id} & set(people):
                found[person].append((starts_at, ends_at))
    return found


def _list(
    session: Session, where: ColumnElement[bool], *, limit: int, newest: bool = False
) -> list[VideoSession]:
    order = (SessionRow.booked_at.desc(), SessionRow.id.desc())
    statement = (
        select(SessionRow)
        .where(where)
        .order_by(*(order if newest else (SessionRow.starts_at, SessionRow.id)))
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_session(row) for row in session.scalars(statement)]


def _session(row: SessionRow) -> VideoSession:
    return VideoSession(
        id=row.id,
        case_id=CaseId(row.case_id),
        case_number=row.case_number,
        expert_id=PractitionerId(row.expert_id),
        doctor_id=PractitionerId(row.doctor_id),
        institution_id=InstitutionId(row.institution_id),
        invited_institution_id=InstitutionId(row.invited_institution_id),
        window_id=row.window_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        status=row.status,
        sequence=row.sequence,
        reason=row.reason,
        act=row.act,
        acted_by=None if row.acted_by is None else PractitionerId(row.acted_by),
        changed_at=row.changed_at,
        reminded=row.reminded,
        revision=row.revision,
    )
