"""An appointment as it is made, moved by its table, and ended: always with its journal line."""

from dataclasses import dataclass
from datetime import datetime

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.calendar import service_hold
from consult.calendar.clinics import Slot
from consult.journal.rows import kept
from consult.kernel.errors import Fact
from consult.kernel.ids import AppointmentId, ClinicId, PractitionerId, SlotId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.referrals import appointment_store, store
from consult.referrals.errors import ReferralBookedError
from consult.referrals.model import (
    AppointmentStatus,
    AppointmentStepNotAllowedError,
    require_appointment_step,
)
from consult.referrals.records import Appointment, Referral
from consult.referrals.tables import AppointmentRow


@dataclass(frozen=True, slots=True)
class Visit:
    """Where and when somebody is expected: a slot of ours, or what the hospital's system says."""

    clinic_id: ClinicId
    starts_at: datetime
    ends_at: datetime
    slot_id: SlotId | None = None
    physician_id: PractitionerId | None = None
    physician_name: str = ""
    turn: int = 0
    place: str = ""
    ticket: str = ""


def visit_of(slot: Slot) -> Visit:
    """The visit that a slot of our pool offers."""
    return Visit(
        clinic_id=slot.clinic_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        slot_id=slot.id,
        physician_id=slot.physician_id,
        physician_name=slot.physician_name,
        turn=slot.turn,
    )


def make_appointment(work: Work, referral: Referral, visit: Visit) -> Appointment:
    """Write a new appointment, open to both sides; raises ReferralBookedError beside another."""
    appointment = _make(work, referral, visit)
    if not appointment_store.save_new(work.session, appointment):
        raise ReferralBookedError(referral.id)
    ref = Ref(ObjectType.APPOINTMENT, appointment.id)
    access.keep(work, ref, custodian=(Party.INSTITUTION, referral.institution_id))
    if referral.to_institution_id != referral.institution_id:
        to = (Party.INSTITUTION, str(referral.host_id))
        access.grant(work, ref, to=to, why="referral")
    _journal(work, appointment, "appointment.booked")
    return appointment


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


def end_appointment(
    work: Work, appointment: Appointment, want: AppointmentStatus, *, reason: str = ""
) -> None:
    """End an appointment, and free its slot where it has one of ours."""
    step_appointment(work, appointment, want, reason=reason)
    if appointment.slot_id is not None:
        service_hold.free_booked(work, case_id=appointment.case_id, slot_id=appointment.slot_id)


def _make(work: Work, referral: Referral, visit: Visit) -> Appointment:
    today = organisations.today_at(work, referral.host_id)
    number = store.next_number(work.session, f"YY{today:%Y%m%d}")
    return Appointment(
        id=AppointmentId(new_id()),
        number=f"YY{today:%Y%m%d}-{number:04d}",
        referral_id=referral.id,
        case_id=referral.case_id,
        patient_id=referral.patient_id,
        clinic_id=visit.clinic_id,
        slot_id=visit.slot_id,
        physician_id=visit.physician_id,
        physician_name=visit.physician_name,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        turn=visit.turn,
        place=visit.place,
        ticket=visit.ticket,
        status=AppointmentStatus.BOOKED,
        booked_by_id=work.actor.person,
        booked_at=work.now,
        arrived_at=None,
        ended_reason="",
    )


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
        **kept(work, AppointmentRow, appointment.id),
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
