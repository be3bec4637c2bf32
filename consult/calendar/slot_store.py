"""The only SQL of slots; who gets a slot is settled by the statement."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from consult.calendar.clinics import Slot
from consult.calendar.model import SlotStatus
from consult.calendar.tables import SlotRow
from consult.kernel.ids import CaseId, ClinicId, PractitionerId, SlotId


def save_slots(session: Session, rows: Sequence[SlotRow]) -> None:
    """Write new slots."""
    session.add_all(rows)
    session.flush()


def find_slot(session: Session, slot_id: str) -> Slot | None:
    """One slot."""
    row = session.get(SlotRow, slot_id, populate_existing=True)
    return None if row is None else _slot(row)


def find_held(session: Session, case_id: str) -> Slot | None:
    """The slot that was held for a case and not given back, over or not."""
    found = _list(session, select(SlotRow).where(SlotRow.held_case_id == case_id))
    return found[0] if found else None


def list_between(
    session: Session,
    *,
    clinic_ids: Collection[str],
    since: datetime,
    until: datetime,
    limit: int,
) -> list[Slot]:
    """Every slot of these clinics that begins in this time, in order."""
    statement = (
        select(SlotRow)
        .where(
            SlotRow.clinic_id.in_(sorted(clinic_ids)),
            SlotRow.starts_at >= since,
            SlotRow.starts_at < until,
        )
        .order_by(SlotRow.starts_at, SlotRow.physician_key, SlotRow.id)
        .limit(limit)
    )
    return _list(session, statement)


def list_of_physician(
    session: Session,
    *,
    clinic_ids: Collection[str],
    physician_key: str,
    since: datetime,
    until: datetime,
) -> list[Slot]:
    """The physician's slots at these clinics that lie within this time in part or whole."""
    statement = (
        select(SlotRow)
        .where(
            SlotRow.clinic_id.in_(sorted(clinic_ids)),
            SlotRow.physician_key == physician_key,
            SlotRow.ends_at > since,
            SlotRow.starts_at < until,
        )
        .order_by(SlotRow.starts_at, SlotRow.id)
    )
    return _list(session, statement)


def list_free(
    session: Session,
    *,
    clinic_id: str,
    since: datetime,
    until: datetime,
    now: datetime,
    limit: int,
) -> list[Slot]:
    """What can be had in this time, in order; a hold that is over is free for everybody."""
    statement = (
        select(SlotRow)
        .where(
            SlotRow.clinic_id == clinic_id,
            SlotRow.starts_at >= since,
            SlotRow.starts_at < until,
            _can_be_had(now),
        )
        .order_by(SlotRow.starts_at, SlotRow.physician_key, SlotRow.id)
        .limit(limit)
    )
    return _list(session, statement)


def list_over(session: Session, *, now: datetime, limit: int) -> list[Slot]:
    """Holds whose time has run out."""
    statement = (
        select(SlotRow)
        .where(SlotRow.status == SlotStatus.HELD, SlotRow.held_until <= now)
        .order_by(SlotRow.held_until, SlotRow.id)
        .limit(limit)
    )
    return _list(session, statement)


def lock_slots(session: Session, where: ColumnElement[bool], *, limit: int) -> list[Slot]:
    """These slots, kept as they are for everybody else until the unit ends."""
    statement = select(SlotRow).where(where).order_by(SlotRow.id).limit(limit)
    return _list(session, statement.with_for_update())


def of_clinic(
    clinic_id: str, *, slot_ids: Collection[str] | None, since: datetime, until: datetime
) -> ColumnElement[bool]:
    """Slots of one clinic: by their ids, or those that begin in this time."""
    by_time = and_(SlotRow.starts_at >= since, SlotRow.starts_at < until)
    wanted = by_time if slot_ids is None else SlotRow.id.in_(sorted(slot_ids))
    return and_(SlotRow.clinic_id == clinic_id, wanted)


def save_stop(session: Session, slot_ids: Collection[str]) -> None:
    """Nobody has or gets these slots any more."""
    session.execute(
        update(SlotRow)
        .where(SlotRow.id.in_(sorted(slot_ids)))
        .values(status=SlotStatus.STOPPED, held_case_id=None, held_until=None)
        .execution_options(synchronize_session=False)
    )


def save_hold(
    session: Session, slot_id: str, *, case_id: str, until: datetime, now: datetime
) -> bool:
    """Hold a slot that can be had; False where somebody was first."""
    statement = (
        update(SlotRow)
        .where(SlotRow.id == slot_id, _can_be_had(now))
        .values(status=SlotStatus.HELD, held_case_id=case_id, held_until=until)
        .returning(SlotRow.id)
        .execution_options(synchronize_session=False)
    )
    try:
        with session.begin_nested():
            return session.scalar(statement) is not None
    except IntegrityError:  # the case itself was quicker elsewhere: one hold a case
        return False


def save_release(session: Session, slot_id: str, *, case_id: str) -> bool:
    """Give a held slot back; False where it is not held for this case."""
    return _move(
        session,
        and_(
            SlotRow.id == slot_id,
            SlotRow.status == SlotStatus.HELD,
            SlotRow.held_case_id == case_id,
        ),
        SlotStatus.FREE,
    )


def save_expiry(session: Session, slot_id: str, *, now: datetime) -> bool:
    """Free a slot whose hold is over; False where it was taken meanwhile."""
    return _move(
        session,
        and_(SlotRow.id == slot_id, SlotRow.status == SlotStatus.HELD, SlotRow.held_until <= now),
        SlotStatus.FREE,
    )


def save_booking(session: Session, slot_id: str, *, case_id: str, now: datetime) -> bool:
    """Book a slot that is still held for this case; False where it is not."""
    return _move(
        session,
        and_(
            SlotRow.id == slot_id,
            SlotRow.status == SlotStatus.HELD,
            SlotRow.held_case_id == case_id,
            SlotRow.held_until > now,
        ),
        SlotStatus.BOOKED,
    )


def save_revival(session: Session, slot_id: str, *, ends_at: datetime) -> None:
    """Offer a stopped slot again, perhaps for another length."""
    session.execute(
        update(SlotRow)
        .where(SlotRow.id == slot_id, SlotRow.status == SlotStatus.STOPPED)
        .values(status=SlotStatus.FREE, ends_at=ends_at)
        .execution_options(synchronize_session=False)
    )


def save_status(session: Session, slot_id: str, *, have: SlotStatus, want: SlotStatus) -> bool:
    """Move a slot that nobody holds; False where it is not as it was read."""
    return _move(session, and_(SlotRow.id == slot_id, SlotRow.status == have), want)


def _move(session: Session, where: ColumnElement[bool], want: SlotStatus) -> bool:
    statement = (
        update(SlotRow)
        .where(where)
        .values(status=want, held_case_id=None, held_until=None)
        .returning(SlotRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _list(session: Session, statement: Select[SlotRow]) -> list[Slot]:
    # rows move by statements that the session does not see
    fresh = statement.execution_options(populate_existing=True)
    return [_slot(row) for row in session.scalars(fresh)]


def _can_be_had(now: datetime) -> ColumnElement[bool]:
    free = SlotRow.status == SlotStatus.FREE
    over = and_(SlotRow.status == SlotStatus.HELD, SlotRow.held_until <= now)
    return and_(SlotRow.starts_at > now, or_(free, over))


def _slot(row: SlotRow) -> Slot:
    return Slot(
        id=SlotId(row.id),
        clinic_id=ClinicId(row.clinic_id),
        physician_id=None if row.physician_id is None else PractitionerId(row.physician_id),
        physician_name=row.physician_name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        turn=row.turn,
        status=row.status,
        held_case_id=None if row.held_case_id is None else CaseId(row.held_case_id),
        held_until=row.held_until,
    )
