"""The slip of an appointment: who printed it is written down."""

from typing import Final

from consult.access.model import ObjectType
from consult.kernel.work import Entry, Work
from consult.referrals import appointment_store
from consult.referrals import service as referrals
from consult.referrals.errors import AppointmentMissingError
from consult.referrals.model import AppointmentStatus
from consult.referrals.records import Appointment, Referral

MOST_SLIPS: Final = 50


def open_slip(work: Work, appointment_id: str) -> tuple[Appointment, Referral]:
    """An appointment that still holds, with its referral; the journal says who opened it.

    Raises AppointmentMissingError for one that was cancelled or missed: its slip would mislead.
    """
    appointment = referrals.get_appointment(work, appointment_id)
    referral = referrals.get_referral(work, appointment.referral_id)
    if not appointment.is_coming:
        raise AppointmentMissingError(referral.id)
    work.journal(
        Entry(
            "appointment.slip_opened",
            ObjectType.APPOINTMENT,
            appointment.id,
            codes={"number": appointment.number},
            case_id=appointment.case_id,
            patient_id=appointment.patient_id,
        )
    )
    return appointment, referral


def list_ahead(work: Work) -> list[str]:
    """The booked appointments of the acting institution's patients, for printing their slips."""
    return appointment_store.list_ahead(
        work.session, institution_id=work.actor.institution, now=work.now, limit=MOST_SLIPS
    )


def find_replaced(work: Work, appointment: Appointment) -> str:
    """The number of the appointment whose place this one took; empty where it is the first."""
    before = appointment_store.find_before(work.session, appointment)
    if before is None or before.status is not AppointmentStatus.RESCHEDULED:
        return ""
    return before.number
