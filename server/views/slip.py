"""The appointment slip and the referral letter on one sheet (U22)."""

from dataclasses import dataclass

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals import service_slip
from consult.referrals.records import Appointment, Referral


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything that stands on the sheet."""

    appointment: Appointment
    referral: Referral
    case: Case
    patient: Patient
    age: int
    clinic: Clinic
    place: Institution
    inviting: Institution
    physician: PersonName | None
    requested_by: PersonName | None
    replaces: str
    is_own: bool


def make_slip(work: Work, appointment_id: str) -> Slip:
    """Read the sheet; that it was opened is written down."""
    appointment, referral = service_slip.open_slip(work, appointment_id)
    patient = patients.get_patient(work, referral.patient_id)
    clinic = calendar.clinics_by_id(work, [appointment.clinic_id])[appointment.clinic_id]
    people = {appointment.physician_id or "", referral.requested_by_id}
    names = practitioners.names_of(work, people)
    named = names.get(appointment.physician_id or "")
    typed = appointment.physician_name
    return Slip(
        appointment=appointment,
        referral=referral,
        case=referrals.case_of(work, referral),
        patient=patient,
        age=patient.age_on(organisations.today_at(work, referral.institution_id)),
        clinic=clinic,
        place=organisations.get_institution(work, clinic.institution_id),
        inviting=organisations.get_institution(work, referral.institution_id),
        physician=named or (PersonName(typed, "", "") if typed else None),
        requested_by=names.get(referral.requested_by_id),
        replaces=service_slip.find_replaced(work, appointment),
        is_own=referral.institution_id == work.actor.institution_id,
    )


def make_slips(work: Work) -> list[Slip]:
    """The sheets of every appointment that lies ahead, the soonest first; each is written down."""
    return [make_slip(work, appointment_id) for appointment_id in service_slip.list_ahead(work)]
