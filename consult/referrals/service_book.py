"""From a held slot to an appointment, and its cancelling."""

import dataclasses
from collections.abc import Sequence

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import HoldLimits, Slot
from consult.cases import service as cases
from consult.cases.service import Said
from consult.kernel.errors import Fact
from consult.kernel.ids import AppointmentId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.referrals import appointment_store, service_open, store
from consult.referrals import service as referrals
from consult.referrals.errors import (
    AppointmentBegunError,
    AppointmentMissingError,
    ClinicElsewhereError,
    ReferralBookedError,
)
from consult.referrals.model import (
    REFERRAL_AFTER,
    AppointmentStatus,
    AppointmentStepNotAllowedError,
    ReferralStatus,
    require_appointment_step,
    require_referral_step,
)
from consult.referrals.reasons import require_reason
from consult.referrals.records import Appointment, Referral, ReferralRequest
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
    return service_hold.hold_any(work, slot_ids=slot_ids, case_id=referral.case_id, limits=limits)


def release_hold(work: Work, *, referral_id: str) -> bool:
    """Give back what is held for a referred patient; False where nothing is."""
    referral = _of_either_side(work, referral_id)
    return service_hold.release_hold(work, case_id=referral.case_id)


def confirm_booking(
    work: Work, *, referral_id: str, slot_id: str, replaces: str = ""
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
    slot = service_hold.book_held(work, slot_id=slot_id, case_id=referral.case_id)
    if coming is not None:
        _give_up(work, coming)
    return _book(work, referral, slot, before=coming)


def _of_either_side(work: Work, referral_id: str) -> Referral:
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral)
    return referral


def _give_up(work: Work, appointment: Appointment) -> None:
    """Another time takes the place of this appointment, which must still lie ahead."""
    require_appointment_step(
        appointment.id, have=appointment.status, want=AppointmentStatus.RESCHEDULED
    )
    if not appointment.can_be_moved(now=work.now):
        raise AppointmentBegunError(appointment.id)
    _end_appointment(work, appointment, AppointmentStatus.RESCHEDULED)


def _book(work: Work, referral: Referral, slot: Slot, *, before: Appointment | None) -> Appointment:
    appointment = _make(work, referral, slot)
    if not appointment_store.save_new(work.session, appointment):
        raise ReferralBookedError(referral.id)
    _open_to_desk(work, referral, appointment)
    _journal(work, appointment, "appointment.booked")
    codes: dict[str, Fact] = {
        "appointment": appointment.id,
        "starts_at": slot.starts_at.isoformat(),
    }
    if before is not None:
        codes |= {"replaces": before.id, "replaces_at": before.starts_at.isoformat()}
    referrals.move(
        work,
        referral,
        ReferralStatus.BOOKED,
        kind="referral.booked" if before is None else "referral.rebooked",
        said=Said(codes=codes),
    )
    return appointment


def cancel_booking(work: Work, *, referral_id: str, revision: int, reason: str) -> Referral:
    """Take the appointment back, with the reason: its slot is free, the referral asks again."""
    referral = _of_either_side(work, referral_id)
    referrals.require_revision(referral, revision)
    appointment = require_coming(work, referral)
    cancel_appointment(work, appointment, reason=require_reason(reason))
    return referrals.move(
        work,
        referral,
        REFERRAL_AFTER[AppointmentStatus.CANCELLED],
        kind="referral.unbooked",
        said=Said(codes={"appointment": appointment.id}),
    )


def require_coming(work: Work, referral: Referral) -> Appointment:
    """The appointment for which the patient is expected; raises AppointmentMissingError."""
    coming = appointment_store.find_coming(work.session, referral.id)
    if coming is None:
        raise AppointmentMissingError(referral.id)
    return coming


def cancel_appointment(work: Work, appointment: Appointment, *, reason: str) -> None:
    """Cancel an appointment and free its slot."""
    _end_appointment(work, appointment, AppointmentStatus.CANCELLED, reason=reason)


def _end_appointment(
    work: Work, appointment: Appointment, want: AppointmentStatus, *, reason: str = ""
) -> None:
    step_appointment(work, appointment, want, reason=reason)
    case = cases.get_case(work, appointment.case_id)
    service_hold.free_booked(work, case, slot_id=appointment.slot_id)


def step_appointment(
    work: Work, appointment: Appointment, want: AppointmentStatus, *, reason: str = ""
) -> None:
    """Move an appointment by its table and journal it; raises where it has moved on already."""
    require_appointment_step(appointment.id, have=appointment.status, want=want)
    arrived_at = work.now if want is AppointmentStatus.ARRIVED else None
    if not appointment_store.save_step(
        work.session, appointment, want=want, reason=reason, arrived_at=arrived_at
    ):
        raise AppointmentStepNotAllowedError(appointment.id, appointment.status, want)
    _journal(
        work,
        appointment,
        f"appointment.{want}",
        words={"reason": reason} if reason else None,
        status=want,
    )


def _make(work: Work, referral: Referral, slot: Slot) -> Appointment:
    today = organisations.today_at(work, referral.host_id)
    number = store.next_number(work.session, f"YY{today:%Y%m%d}")
    return Appointment(
        id=AppointmentId(new_id()),
        number=f"YY{today:%Y%m%d}-{number:04d}",
        referral_id=referral.id,
        case_id=referral.case_id,
        patient_id=referral.patient_id,
        clinic_id=slot.clinic_id,
        slot_id=slot.id,
        physician_id=slot.physician_id,
        physician_name=slot.physician_name,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        turn=slot.turn,
        status=AppointmentStatus.BOOKED,
        booked_by_id=work.actor.person,
        booked_at=work.now,
        arrived_at=None,
        ended_reason="",
    )


def _open_to_desk(work: Work, referral: Referral, appointment: Appointment) -> None:
    ref = Ref(ObjectType.APPOINTMENT, appointment.id)
    access.keep(work, ref, custodian=(Party.INSTITUTION, referral.institution_id))
    if referral.to_institution_id != referral.institution_id:
        to = (Party.INSTITUTION, str(referral.host_id))
        access.grant(work, ref, to=to, why="referral")


def _journal(
    work: Work,
    appointment: Appointment,
    kind: str,
    *,
    words: dict[str, str] | None = None,
    status: AppointmentStatus = AppointmentStatus.BOOKED,
) -> None:
    codes: dict[str, Fact] = {
        "number": appointment.number,
        "referral": appointment.referral_id,
        "slot": appointment.slot_id,
        "clinic": appointment.clinic_id,
        "starts_at": appointment.starts_at.isoformat(),
        "status": status,
    }
    work.journal(
        Entry(
            kind,
            ObjectType.APPOINTMENT,
            appointment.id,
            codes=codes,
            words=words or {},
            case_id=appointment.case_id,
            patient_id=appointment.patient_id,
        )
    )
