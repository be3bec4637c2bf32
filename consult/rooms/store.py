"""The only SQL of rooms, knocks and samples; of stays it is `stay_store`."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.rooms.model import (
    MOST_KNOCKS,
    MOST_ROOMS_SHOWN,
    MOST_SAMPLES,
    Knock,
    KnockState,
    Measured,
    Room,
    RoomEnd,
)
from consult.rooms.tables import KnockRow, RoomRow, SampleRow


def save_room(session: Session, row: RoomRow) -> bool:
    """Write a room; False where the case has an open one already."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def find_open(session: Session, case_id: str, *, locked: bool = False) -> RoomRow | None:
    """The open room of a case; `locked`: nobody else moves it before the unit ends."""
    statement = select(RoomRow).where(RoomRow.open_case_id == case_id)
    if locked:
        statement = statement.with_for_update()
    return session.scalar(statement.execution_options(populate_existing=True))


def find_room(session: Session, room_id: str, *, locked: bool = False) -> RoomRow | None:
    """One room; `locked`: nobody else moves it before the unit ends."""
    statement = select(RoomRow).where(RoomRow.id == room_id)
    if locked:
        statement = statement.with_for_update()
    return session.scalar(statement.execution_options(populate_existing=True))


def change_host(session: Session, room: Room, *, host_id: str, institution_id: str) -> bool:
    """Write who is the host from now on; False where the room has ended or has another one."""
    changed = session.scalar(
        update(RoomRow)
        .where(RoomRow.id == room.id, RoomRow.host_id == room.host_id, RoomRow.ended_at.is_(None))
        .values(host_id=host_id, institution_id=institution_id)
        .returning(RoomRow.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def list_open(session: Session, *, limit: int) -> list[Room]:
    """Every room that is open, the oldest first."""
    statement = select(RoomRow).where(RoomRow.open_case_id.is_not(None))
    return [room_of(row) for row in session.scalars(statement.order_by(RoomRow.id).limit(limit))]


def list_rooms(session: Session, case_id: str) -> list[Room]:
    """The rooms of a case, the newest first."""
    statement = select(RoomRow).where(RoomRow.case_id == case_id).order_by(RoomRow.id.desc())
    return [room_of(row) for row in session.scalars(statement.limit(MOST_ROOMS_SHOWN))]


def list_of_sessions(session: Session, session_ids: Collection[str]) -> list[Room]:
    """The rooms that were opened in the time of these sessions, the oldest first."""
    statement = select(RoomRow).where(RoomRow.session_id.in_(sorted(session_ids)))
    ordered = statement.order_by(RoomRow.id).limit(MOST_ROOMS_SHOWN)
    return [room_of(row) for row in session.scalars(ordered)]


def end_room(session: Session, room_id: str, *, how: RoomEnd, at: datetime) -> bool:
    """Write its end and forget its key; False where it had ended before."""
    ended = session.scalar(
        update(RoomRow)
        .where(RoomRow.id == room_id, RoomRow.ended_at.is_(None))
        .values(ended_at=at, how=how, open_case_id=None, key=None)
        .returning(RoomRow.id)
        .execution_options(synchronize_session=False)
    )
    return ended is not None


def move_room(session: Session, room_id: str, *, before: int, process: int) -> int:
    """Write which media process carries it, unless somebody was first; the one that does now."""
    session.execute(
        update(RoomRow)
        .where(RoomRow.id == room_id, RoomRow.process == before)
        .values(process=process)
        .execution_options(synchronize_session=False)
    )
    found = select(RoomRow.process).where(RoomRow.id == room_id)
    return session.scalar(found) or process


def find_knock(session: Session, room_id: str, person_id: str) -> Knock | None:
    """What came of this person's knock."""
    row = session.get(KnockRow, (room_id, person_id), populate_existing=True)
    return None if row is None else _knock(row)


def is_turned_away(session: Session, room_id: str, person_id: str) -> bool:
    """Whether the host has refused this person or put her out, and not let her in since."""
    known = find_knock(session, room_id, person_id)
    return known is not None and known.state is KnockState.TURNED_AWAY


def list_knocks(session: Session, room_id: str) -> list[Knock]:
    """Who knocked, in the order of coming."""
    statement = select(KnockRow).where(KnockRow.room_id == room_id)
    ordered = statement.order_by(KnockRow.knocked_at, KnockRow.person_id).limit(MOST_KNOCKS)
    return [_knock(row) for row in session.scalars(ordered)]


def save_knock(session: Session, room_id: str, knock: Knock) -> None:
    """Write that somebody stands at the door, anew where she was turned away."""
    row = KnockRow(
        room_id=room_id,
        person_id=knock.person_id,
        institution_id=knock.institution_id,
        state=knock.state,
        knocked_at=knock.knocked_at,
    )
    session.merge(row)


def answer_knock(
    session: Session, room_id: str, person_id: str, *, state: KnockState, at: datetime
) -> bool:
    """Write the answer to a knock; False where nobody of this name waits or stands inside."""
    answered = session.scalar(
        update(KnockRow)
        .where(
            KnockRow.room_id == room_id, KnockRow.person_id == person_id, KnockRow.state != state
        )
        .values(state=state, answered_at=at)
        .returning(KnockRow.person_id)
        .execution_options(synchronize_session=False)
    )
    return answered is not None


def save_sample(session: Session, row: SampleRow) -> bool:
    """Write what was measured; False where the room has as many as are kept."""
    count = select(func.count()).select_from(SampleRow).where(SampleRow.room_id == row.room_id)
    if (session.scalar(count) or 0) >= MOST_SAMPLES:
        return False
    session.add(row)
    return True


def last_sample(session: Session, room_id: str, person_id: str) -> datetime | None:
    """When this person's browser last told what it measured."""
    statement = select(SampleRow.taken_at).where(
        SampleRow.room_id == room_id, SampleRow.person_id == person_id
    )
    return session.scalar(statement.order_by(SampleRow.taken_at.desc()).limit(1))


def list_samples(session: Session, room_id: str) -> list[Measured]:
    """Everything that was measured in a room."""
    statement = select(SampleRow).where(SampleRow.room_id == room_id).order_by(SampleRow.id)
    return [
        Measured(row.lost_per_mille, row.round_trip_ms, row.width, row.height)
        for row in session.scalars(statement.limit(MOST_SAMPLES))
    ]


def list_samples_of_people(session: Session, room_id: str) -> dict[PractitionerId, list[Measured]]:
    """Everything that was measured in a room, by person."""
    statement = select(SampleRow).where(SampleRow.room_id == room_id).order_by(SampleRow.id)
    found: dict[PractitionerId, list[Measured]] = {}
    for row in session.scalars(statement.limit(MOST_SAMPLES)):
        measured = Measured(row.lost_per_mille, row.round_trip_ms, row.width, row.height)
        found.setdefault(PractitionerId(row.person_id), []).append(measured)
    return found


def room_of(row: RoomRow) -> Room:
    """The room without its key."""
    return Room(
        id=row.id,
        case_id=CaseId(row.case_id),
        host_id=PractitionerId(row.host_id),
        institution_id=InstitutionId(row.institution_id),
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        how=row.how,
        process=row.process,
        session_id=row.session_id,
    )


def _knock(row: KnockRow) -> Knock:
    return Knock(
        person_id=PractitionerId(row.person_id),
        institution_id=InstitutionId(row.institution_id),
        state=row.state,
        knocked_at=row.knocked_at,
    )
