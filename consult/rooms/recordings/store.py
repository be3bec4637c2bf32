"""The only SQL of recordings and of who agreed to them; of what is kept it is `kept_store`."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.rooms.recordings.model import (
    MOST_AGREEMENTS,
    MOST_ANSWERS,
    MOST_RECORDINGS,
    Answer,
    Consent,
    Recording,
)
from consult.rooms.recordings.tables import ConsentRow, RecordingRow
from consult.rooms.tables import RoomRow, StayRow


def save_answer(session: Session, row: ConsentRow) -> bool:
    """Write what somebody said; False where she has agreed as often as is taken."""
    count = (
        select(func.count())
        .select_from(ConsentRow)
        .where(
            ConsentRow.room_id == row.room_id,
            ConsentRow.person_id == row.person_id,
            ConsentRow.consent == Consent.AGREED,
        )
    )
    if row.consent is Consent.AGREED and (session.scalar(count) or 0) >= MOST_AGREEMENTS:
        return False
    session.add(row)
    session.flush()
    return True


def list_answers(session: Session, room_id: str) -> list[Answer]:
    """What each person said last, in the order in which they first answered."""
    statement = select(ConsentRow).where(ConsentRow.room_id == room_id).order_by(ConsentRow.id)
    last: dict[str, Answer] = {}
    for row in session.scalars(statement.limit(MOST_ANSWERS)):
        last[row.person_id] = Answer(
            person_id=PractitionerId(row.person_id),
            institution_id=InstitutionId(row.institution_id),
            consent=row.consent,
            answered_at=row.answered_at,
        )
    return list(last.values())


def list_present(session: Session, room_id: str) -> list[str]:
    """Who is in a room now, with whatever device."""
    statement = (
        select(StayRow.person_id)
        .where(StayRow.room_id == room_id, StayRow.left_at.is_(None))
        .distinct()
        .order_by(StayRow.person_id)
    )
    return list(session.scalars(statement.limit(MOST_ANSWERS)))


def is_room_open(session: Session, room_id: str) -> bool:
    """Whether the call goes on."""
    statement = select(RoomRow.id).where(RoomRow.id == room_id, RoomRow.ended_at.is_(None))
    return session.scalar(statement) is not None


def save_recording(session: Session, row: RecordingRow) -> bool:
    """Write a recording; False where its room has a live one already."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def find_live(session: Session, room_id: str, *, locked: bool = False) -> RecordingRow | None:
    """The recording of a room that has not ended; `locked`: nobody else moves it meanwhile."""
    statement = select(RecordingRow).where(RecordingRow.live_room_id == room_id)
    if locked:
        statement = statement.with_for_update()
    return session.scalar(statement.execution_options(populate_existing=True))


def find_last(session: Session, room_id: str) -> Recording | None:
    """The latest recording of a room, ended or not."""
    statement = select(RecordingRow).where(RecordingRow.room_id == room_id)
    row = session.scalar(statement.order_by(RecordingRow.id.desc()).limit(1))
    return None if row is None else recording_of(row)


def find_recording(session: Session, recording_id: str) -> RecordingRow | None:
    """One recording."""
    return session.get(RecordingRow, recording_id, populate_existing=True)


def list_live_rooms(session: Session, *, limit: int) -> list[str]:
    """The rooms that have a recording which has not ended."""
    statement = select(RecordingRow.live_room_id).where(RecordingRow.live_room_id.is_not(None))
    found = session.scalars(statement.order_by(RecordingRow.id).limit(limit))
    return [room_id for room_id in found if room_id is not None]


def list_of_case(session: Session, case_id: str) -> list[Recording]:
    """The recordings of a case that ever began, the newest first."""
    statement = (
        select(RecordingRow)
        .where(RecordingRow.case_id == case_id, RecordingRow.began_at.is_not(None))
        .order_by(RecordingRow.id.desc())
        .limit(MOST_RECORDINGS)
    )
    return [recording_of(row) for row in session.scalars(statement)]


def save_step(session: Session, recording_id: str, **values: object) -> bool:
    """Change a recording that has not ended; False where it has."""
    changed = session.scalar(
        update(RecordingRow)
        .where(RecordingRow.id == recording_id, RecordingRow.ended_at.is_(None))
        .values(**values)
        .returning(RecordingRow.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def note_began(session: Session, recording_id: str, *, at: datetime) -> bool:
    """Write when it first began; False where it had begun before."""
    changed = session.scalar(
        update(RecordingRow)
        .where(RecordingRow.id == recording_id, RecordingRow.began_at.is_(None))
        .values(began_at=at)
        .returning(RecordingRow.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def recording_of(row: RecordingRow) -> Recording:
    """What the row says, without the key."""
    return Recording(
        id=row.id,
        room_id=row.room_id,
        case_id=CaseId(row.case_id),
        asked_by_id=PractitionerId(row.asked_by_id),
        asked_at=row.asked_at,
        began_at=row.began_at,
        is_private=row.is_private,
        why=row.why,
        code=row.code,
        ended_at=row.ended_at,
        deleted_at=row.deleted_at,
    )
