"""The only SQL of rings."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.rooms.ringing.model import OwnRing, Ring, RingState, Round
from consult.rooms.ringing.tables import RingRow
from consult.rooms.tables import RoomRow

_MOST_OWN = 10
_LONGEST_ROUND = 200


def newest_round(session: Session, room_id: str) -> int:
    """Which round of a room is the newest; 0 where nobody was rung."""
    newest = select(func.max(RingRow.round)).where(RingRow.room_id == room_id)
    return session.scalar(newest) or 0


def list_round(session: Session, room_id: str) -> Round:
    """The newest round of a room, in its order."""
    where = RingRow.room_id == room_id, RingRow.round == newest_round(session, room_id)
    statement = select(RingRow).where(*where).order_by(RingRow.number).limit(_LONGEST_ROUND)
    rows = session.scalars(statement.execution_options(populate_existing=True))
    return [_ring(row) for row in rows]


def save_round(session: Session, room_id: str, rings: Round) -> None:
    """Write a new round."""
    session.add_all(
        RingRow(
            id=ring.id,
            room_id=room_id,
            round=ring.round,
            number=ring.number,
            person_id=ring.person_id,
            institution_id=ring.institution_id,
            state=ring.state,
            rung_at=ring.rung_at,
            heard_at=ring.heard_at,
            ended_at=ring.ended_at,
        )
        for ring in rings
    )
    session.flush()


def save_ring(session: Session, ring: Ring) -> None:
    """Write how one person's ring stands now."""
    session.execute(
        update(RingRow)
        .where(RingRow.id == ring.id)
        .values(
            state=ring.state, rung_at=ring.rung_at, heard_at=ring.heard_at, ended_at=ring.ended_at
        )
        .execution_options(synchronize_session=False)
    )


def list_due(session: Session, *, before: datetime, limit: int) -> list[tuple[str, str]]:
    """The rooms, with their cases, in which somebody is rung since before then."""
    statement = (
        select(RingRow.room_id, RoomRow.case_id)
        .join(RoomRow, RoomRow.id == RingRow.room_id)
        .where(RingRow.state == RingState.RINGING, RingRow.rung_at <= before)
        .order_by(RingRow.rung_at, RingRow.id)
        .limit(limit)
    )
    return [(room_id, case_id) for room_id, case_id in session.execute(statement)]


def list_own(session: Session, person_id: str) -> list[OwnRing]:
    """The calls that ring for this person now, the newest first."""
    statement = (
        select(RoomRow, RingRow.rung_at)
        .join(RingRow, RingRow.room_id == RoomRow.id)
        .where(
            RingRow.person_id == person_id,
            RingRow.state == RingState.RINGING,
            RoomRow.ended_at.is_(None),
        )
        .order_by(RingRow.rung_at.desc(), RingRow.id)
        .limit(_MOST_OWN)
    )
    return [
        OwnRing(
            room_id=row.id,
            case_id=CaseId(row.case_id),
            caller_id=PractitionerId(row.host_id),
            institution_id=InstitutionId(row.institution_id),
            rung_at=rung_at,
        )
        for row, rung_at in session.execute(statement)
        if rung_at is not None
    ]


def _ring(row: RingRow) -> Ring:
    return Ring(
        id=row.id,
        round=row.round,
        number=row.number,
        person_id=PractitionerId(row.person_id),
        institution_id=InstitutionId(row.institution_id),
        state=row.state,
        rung_at=row.rung_at,
        heard_at=row.heard_at,
        ended_at=row.ended_at,
    )
