"""The only SQL of appointments."""

import dataclasses
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.referrals.model import AppointmentStatus
from consult.referrals.records import COMING, Appointment
from consult.referrals.tables import AppointmentRow, ReferralRow

_COLUMNS = tuple(field.name for field in dataclasses.fields(Appointment))


def save_new(session: Session, appointment: Appointment) -> bool:
    """Write a new appointment; False where the referral or the slot has one already."""
    values: dict[str, Any] = {name: getattr(appointment, name) for name in _COLUMNS}
    row = AppointmentRow(
        **values,
        live_slot_id=appointment.slot_id,
        live_referral_id=appointment.referral_id,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def save_step(
    session: Session,
    before: Appointment,
    *,
    want: AppointmentStatus,
    reason: str = "",
    arrived_at: datetime | None = None,
) -> bool:
    """Move an appointment that is as it was read; False where it is not."""
    values: dict[str, Any] = {"status": want, "ended_reason": reason}
    if want not in COMING:
        values |= {"live_slot_id": None, "live_referral_id": None}
    if arrived_at is not None:
        values["arrived_at"] = arrived_at
    statement = (
        update(AppointmentRow)
        .where(AppointmentRow.id == before.id, AppointmentRow.status == before.status)
        .values(**values)
        .returning(AppointmentRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def find_appointment(session: Session, appointment_id: str) -> Appointment | None:
    """One appointment."""
    row = session.get(AppointmentRow, appointment_id, populate_existing=True)
    return None if row is None else _appointment(row)


def find_coming(session: Session, referral_id: str) -> Appointment | None:
    """The appointment for which the patient is expected, or at which she is."""
    statement = select(AppointmentRow).where(AppointmentRow.live_referral_id == referral_id)
    row = session.scalar(statement.execution_options(populate_existing=True))
    return None if row is None else _appointment(row)


def find_before(session: Session, appointment: Appointment) -> Appointment | None:
    """The appointment of the same referral that came before this one."""
    statement = (
        select(AppointmentRow)
        .where(
            AppointmentRow.referral_id == appointment.referral_id,
            AppointmentRow.id < appointment.id,
        )
        .order_by(AppointmentRow.id.desc())
        .limit(1)
    )
    row = session.scalar(statement)
    return None if row is None else _appointment(row)


def lock_booked(
    session: Session,
    *,
    clinic_id: str,
    slot_ids: Collection[str],
    span: tuple[datetime, datetime] | None,
) -> list[Appointment]:
    """Who is booked, and has not come, in these slots, or at the clinic without one in this time.

    They stay as they are for everybody else until the unit ends.
    """
    wanted: ColumnElement[bool] = AppointmentRow.live_slot_id.in_(sorted(slot_ids))
    if span is not None:
        elsewhere = and_(
            AppointmentRow.clinic_id == clinic_id,
            AppointmentRow.slot_id.is_(None),
            AppointmentRow.starts_at >= span[0],
            AppointmentRow.starts_at < span[1],
        )
        wanted = or_(wanted, elsewhere)
    statement = (
        select(AppointmentRow)
        .where(wanted, AppointmentRow.status == AppointmentStatus.BOOKED)
        .order_by(AppointmentRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [_appointment(row) for row in session.scalars(statement)]


def newest_of(session: Session, referral_ids: Collection[str]) -> dict[str, Appointment]:
    """The newest appointment of each referral."""
    statement = (
        select(AppointmentRow)
        .where(AppointmentRow.referral_id.in_(sorted(referral_ids)))
        .order_by(AppointmentRow.id)
        .execution_options(populate_existing=True)
    )
    return {row.referral_id: _appointment(row) for row in session.scalars(statement)}


def appointments_by_id(session: Session, ids: Collection[str]) -> dict[str, Appointment]:
    """These appointments."""
    statement = select(AppointmentRow).where(AppointmentRow.id.in_(sorted(ids)))
    fresh = statement.execution_options(populate_existing=True)
    return {row.id: _appointment(row) for row in session.scalars(fresh)}


def list_ahead(session: Session, *, institution_id: str, now: datetime, limit: int) -> list[str]:
    """The ids of the booked appointments of an institution's patients, the soonest first."""
    statement = (
        select(AppointmentRow.id)
        .join(ReferralRow, ReferralRow.id == AppointmentRow.referral_id)
        .where(
            ReferralRow.institution_id == institution_id,
            AppointmentRow.status == AppointmentStatus.BOOKED,
            AppointmentRow.starts_at > now,
        )
        .order_by(AppointmentRow.starts_at, AppointmentRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def _appointment(row: AppointmentRow) -> Appointment:
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    return Appointment(**values)
