"""From a held slot to an appointment, and its cancelling."""

import dataclasses
from collections.abc import Sequence

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import HoldLimits, Slot
from consult.cases import service as cases
from consult.cases.service import Said
from consult.kernel.errors import Fact
from consult.kernel.work import Work
from consult.referrals import appointment_store, follow_ups, service_open, store
from consult.referrals import service as referrals
from consult.referrals.appointments import (
    Visit,
    end_appointment,
    make_appointment,
    visit_of,
)
from consult.referrals.errors import (
    AppointmentBegunError,
    AppointmentMissingError,
    ClinicElsewhereError,
    ReferralBookedError,
)
from consult.referrals.model import (
    AppointmentStatus,
    ReferralStatus,
    RequeueCause,
    require_appointment_step,
    require_referral_step,
)
from consult.referrals.reasons import require_reason
from consult.referrals.records import Appointment, Referral, ReferralRequest
from consult.referrals.requeue import promised_by, requeue
from consult.referrals.rules import BookingRules


def refer_and_book(
    work: Work, *, case_id: str, slot_id: str, wish: ReferralRequest, rules: BookingRules
) -> Appointment:
    """The last press of the button: open the referral where there is none, and book the slot.

    The clinic is the slot's. A live referral that lost its appointment keeps what it asked for.
    """
    case = cases.get_own_case(work, case_id)
    live = store.find_live(work.session, case.id)
    if live is None:
        clinic_id = service_hold.get_slot(work, slot_id).clinic_id
        told = dataclasses.replace(wish, clinic_id=clinic_id)
        live = service_open.open_referral(work, case_id=case.id, wish=told, rules=rules)
    return confirm_booking(work, referral_id=live.id, slot_id=slot_id)


def hold_slot(work: Work, *, referral_id: str, slot_ids: Sequence[str], limits: HoldLimits) -> Slot:
    """Keep the first of these slots that can be had for a referred patient, from either side."""
    referral = _of_either_side(work, referral_id)
    return service_hold.hold_for(
        work, referrals.case_of(work, referral), slot_ids=slot_ids, limits=limits
    )


def release_hold(work: Work, *, referral_id: str) -> bool:
    """Give back what is held for a referred patient; False where nothing is."""
    referral = _of_either_side(work, referral_id)
    return service_hold.release_for(work, referrals.case_of(work, referral))


def confirm_booking(
    work: Work, *, referral_id: str, slot_id: str, replaces: str | None = None
) -> Appointment:
    """Book the slot that is held for the patient; asking twice gives the same appointment.

    `replaces` names the appointment that is given up for it: its slot is free in the same unit.
    Raises HoldOverError once the hold has run out, ReferralBookedError beside another appointment.
    """
    referral = _of_either_side(work, referral_id)
    coming = appointment_store.find_coming(work.session, referral.id)
    if coming is None:
        require_referral_step(referral.id, have=referral.status, want=ReferralStatus.BOOKED)
    elif coming.slot_id == slot_id:
        return coming
    elif coming.id != replaces:
        raise ReferralBookedError(referral.id)
    clinic = calendar.get_clinic(work, service_hold.get_slot(work, slot_id).clinic_id)
    if clinic.institution_id != referral.to_institution_id:
        raise ClinicElsewhereError
    slot = service_hold.book_held(work, referrals.case_of(work, referral), slot_id=slot_id)
    if coming is not None:
        give_up(work, coming)
    return book_visit(work, referral, visit_of(slot), before=coming)


def _of_either_side(work: Work, referral_id: str) -> Referral:
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral)
    return referral


def give_up(work: Work, appointment: Appointment) -> None:
    """Another time takes the place of this appointment, which must still lie ahead."""
    require_appointment_step(
        appointment.id, have=appointment.status, want=AppointmentStatus.RESCHEDULED
    )
    if not appointment.can_be_moved(now=work.now):
        raise AppointmentBegunError(appointment.id)
    end_appointment(work, appointment, AppointmentStatus.RESCHEDULED)


def book_visit(
    work: Work, referral: Referral, visit: Visit, *, before: Appointment | None
) -> Appointment:
    """Write the appointment; what the referral waited for is done, its follow-up has its outcome.

    `before` is the appointment whose place it takes.
    """
    appointment = make_appointment(work, referral, visit)
    codes: dict[str, Fact] = {
        "appointment": appointment.id,
        "starts_at": visit.starts_at.isoformat(),
    }
    if before is not None:
        codes |= {"replaces": before.id, "replaces_at": before.starts_at.isoformat()}
    booked = referrals.move(
        work,
        referral,
        ReferralStatus.BOOKED,
        kind="referral.booked" if before is None else "referral.rebooked",
        said=Said(codes=codes),
        requeued_at=None,
        requeued_because=None,
        was_booked_at=None,
        answer_by=None,
        escalated_at=None,
    )
    follow_ups.close_after(work, booked)
    return appointment


def cancel_booking(
    work: Work, *, referral_id: str, revision: int, reason: str, rules: BookingRules
) -> Referral:
    """Take the appointment back, with the reason: its slot is free, the referral asks again."""
    referral = _of_either_side(work, referral_id)
    referrals.require_revision(referral, revision)
    appointment = require_coming(work, referral)
    why = require_reason(reason)
    end_appointment(work, appointment, AppointmentStatus.CANCELLED, reason=why)
    clinic = calendar.clinics_by_id(work, [appointment.clinic_id])[appointment.clinic_id]
    return requeue(
        work,
        referral,
        appointment,
        because=RequeueCause.CANCELLED,
        answer_by=promised_by(work, referral, rules=rules) if clinic.is_by_request else None,
    )


def require_coming(work: Work, referral: Referral) -> Appointment:
    """The appointment for which the patient is expected; raises AppointmentMissingError."""
    coming = appointment_store.find_coming(work.session, referral.id)
    if coming is None:
        raise AppointmentMissingError(referral.id)
    return coming
