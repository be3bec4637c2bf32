"""A stopped clinic (停诊): whoever was booked waits for another time, the most urgent first."""

from dataclasses import dataclass
from typing import Final

from consult.calendar import service as calendar
from consult.calendar import service_stop
from consult.calendar.clinics import Clinic, Slot, Stop
from consult.calendar.model import SlotStatus
from consult.kernel.work import Work
from consult.referrals import appointment_store, store
from consult.referrals.appointments import step_appointment
from consult.referrals.model import AppointmentStatus, RequeueCause
from consult.referrals.reasons import require_reason
from consult.referrals.records import Appointment, Referral
from consult.referrals.requeue import promised_by, requeue
from consult.referrals.rules import BookingRules
from consult.reports.model import ReferralUrgency

_RANK: Final = {urgency: rank for rank, urgency in enumerate(ReferralUrgency)}


@dataclass(frozen=True, slots=True)
class Stopped:
    """How many slots were stopped, whose patients wait anew in order, and how many slots stay."""

    stopped: int
    requeued: tuple[Referral, ...]
    kept: int


def stop_clinic(work: Work, *, clinic_id: str, stop: Stop, rules: BookingRules) -> Stopped:
    """Stop slots, or a day or half-day of one's own clinic, with the reason; twice changes nothing.

    In one unit every slot is stopped, every hold given up, and every booked referral asks again. A
    patient who has come is not sent away: her slot stays, as do those whose visit is over.
    """
    clinic = calendar.get_own_clinic(work, clinic_id)
    reason = require_reason(stop.reason)
    slots = service_stop.lock_slots(work, clinic, stop)
    booked = _booked(work, clinic, stop, slots)
    going = {appointment.slot_id for appointment in booked}
    stopping = [
        slot
        for slot in slots
        if slot.status in {SlotStatus.FREE, SlotStatus.HELD} or slot.id in going
    ]
    waiting = _requeue(work, booked, reason=reason, rules=rules)
    if stopping or waiting:
        ids = [appointment.id for appointment in booked]
        service_stop.stop_slots(work, clinic, stopping, requeued=ids, reason=reason)
    kept = sum(slot.status is SlotStatus.BOOKED and slot.id not in going for slot in slots)
    return Stopped(len(stopping), waiting, kept)


def _booked(work: Work, clinic: Clinic, stop: Stop, slots: list[Slot]) -> list[Appointment]:
    """Who is expected there: in these slots, and where the hospital's own system booked."""
    span = None if stop.day is None else service_stop.span_of(work, clinic, stop)
    return appointment_store.lock_booked(
        work.session, clinic_id=clinic.id, slot_ids=[slot.id for slot in slots], span=span
    )


def _requeue(
    work: Work, booked: list[Appointment], *, reason: str, rules: BookingRules
) -> tuple[Referral, ...]:
    known = store.referrals_by_id(work.session, {each.referral_id for each in booked})
    pairs = [(known[each.referral_id], each) for each in booked]
    pairs.sort(key=lambda pair: _turn(*pair))
    waiting = []
    for referral, appointment in pairs:
        step_appointment(work, appointment, AppointmentStatus.CANCELLED, reason=reason)
        waiting.append(
            requeue(
                work,
                referral,
                appointment,
                because=RequeueCause.STOPPED,
                answer_by=promised_by(work, referral, rules=rules),
                reason=reason,
            )
        )
    return tuple(waiting)


def _turn(referral: Referral, appointment: Appointment) -> tuple[object, ...]:
    """By urgency, then the day by which she should be seen, then who was booked first."""
    return _RANK[referral.urgency], referral.due_on, appointment.booked_at, appointment.id
