"""What the referral office (双向转诊办公室) shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic
from consult.calendar.timetable import day_bounds
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals import service_desk
from consult.referrals.records import Appointment, DeskLine, DeskView, Referral, is_red
from consult.referrals.rules import BookingRules
from consult.reports import rereads
from consult.reports import service as reports
from consult.reports.versions import Report
from server.views.booking_answers import ReferralAnswer


class DeskAnswer(BaseModel):
    """The office's list."""

    referrals: list[ReferralAnswer]


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One referral; the patient is None once the referral ended and opens nothing any more."""

    referral: Referral
    appointment: Appointment | None
    patient: Patient | None
    namesake: bool
    inviting: Institution
    clinic: Clinic | None
    physician: PersonName | None
    due_at: datetime
    is_red: bool


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One tab of the list."""

    view: DeskView
    counts: Mapping[DeskView, int]
    rows: Sequence[DeskRow]
    tomorrow: datetime
    soon_minutes: int


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """One referral at the office."""

    referral: Referral
    appointment: Appointment | None
    case: Case | None
    patient: Patient | None
    age: int
    namesake: bool
    inviting: Institution
    place: Institution
    clinic: Clinic | None
    physician: PersonName | None
    requested_by: PersonName | None
    owner: PersonName | None
    reports: Sequence[Report]
    needs_rereading: bool
    due_at: datetime
    is_red: bool
    may_arrive: bool
    may_miss: bool
    may_change: bool
    soon_minutes: int


def make_list(work: Work, *, view: DeskView, rules: BookingRules) -> DeskPage:
    """The list, one tab of it, with how many stand in the others."""
    lines = {
        each: service_desk.list_desk(work, view=each, rules=rules)
        for each in DeskView
        if each is view or each is not DeskView.DONE
    }
    shown = lines[view]
    people = patients.patients_by_id(work, {line.referral.patient_id for line in shown})
    written = [person.name for person in people.values()]
    places = organisations.institutions_by_id(
        work, {line.referral.institution_id for line in shown}
    )
    clinics = calendar.clinics_by_id(work, {_clinic_id(line) for line in shown})
    names = practitioners.names_of(work, {_physician_id(line.appointment) for line in shown})
    here = organisations.get_institution(work, work.actor.institution)
    today = here.local_day(work.now)
    rows = [
        DeskRow(
            referral=line.referral,
            appointment=line.appointment,
            patient=(patient := people.get(line.referral.patient_id)),
            namesake=patient is not None and written.count(patient.name) > 1,
            inviting=places[line.referral.institution_id],
            clinic=clinics.get(_clinic_id(line)),
            physician=_physician(names, line.appointment),
            due_at=_due_at(line.referral, zone=here.zone),
            is_red=is_red(line.referral, today=today, soon_days=rules.periods.soon_days),
        )
        for line in shown
    ]
    return DeskPage(
        view=view,
        counts={each: len(found) for each, found in lines.items()},
        rows=rows,
        tomorrow=day_bounds(today, days=1, zone=here.zone)[1],
        soon_minutes=_soon_minutes(rules),
    )


def make_referral(work: Work, *, referral_id: str, rules: BookingRules) -> ReferralPage:
    """One referral; that it was opened is written down."""
    referral = referrals.view_referral(work, referral_id)
    appointment = referrals.find_appointment(work, referral)
    patient = patients.patients_by_id(work, [referral.patient_id]).get(referral.patient_id)
    here = organisations.get_institution(work, referral.host_id)
    today = here.local_day(work.now)
    case = None if patient is None else cases.get_case(work, referral.case_id)
    owner_id = "" if case is None or case.owner_id is None else case.owner_id
    people = {referral.requested_by_id, owner_id, _physician_id(appointment)}
    names = practitioners.names_of(work, people)
    clinic_id = str(referral.clinic_id if appointment is None else appointment.clinic_id)
    versions = [] if case is None else reports.list_reports(work, case.id)
    return ReferralPage(
        referral=referral,
        appointment=appointment,
        case=case,
        patient=patient,
        age=0 if patient is None else patient.age_on(today),
        namesake=patient is not None and patients.is_namesake(work, patient),
        inviting=organisations.get_institution(work, referral.institution_id),
        place=here,
        clinic=calendar.clinics_by_id(work, [clinic_id]).get(clinic_id),
        physician=_physician(names, appointment),
        requested_by=names.get(referral.requested_by_id),
        owner=names.get(owner_id) if referral.is_live else None,
        reports=versions,
        needs_rereading=bool(versions) and bool(rereads.pending_of(work, versions[0], versions)),
        due_at=_due_at(referral, zone=here.zone),
        is_red=is_red(referral, today=today, soon_days=rules.periods.soon_days),
        may_arrive=appointment is not None and here.local_day(appointment.starts_at) <= today,
        may_miss=appointment is not None and appointment.starts_at <= work.now,
        may_change=appointment is not None and appointment.can_be_moved(now=work.now),
        soon_minutes=_soon_minutes(rules),
    )


def _clinic_id(line: DeskLine) -> str:
    asked, booked = line.referral, line.appointment
    return str(asked.clinic_id if booked is None else booked.clinic_id)


def _physician_id(appointment: Appointment | None) -> str:
    return "" if appointment is None else appointment.physician_id or ""


def _physician(
    names: Mapping[str, PersonName], appointment: Appointment | None
) -> PersonName | None:
    if appointment is None:
        return None
    typed = appointment.physician_name
    known = names.get(appointment.physician_id or "")
    return known or (PersonName(typed, "", "") if typed else None)


def _due_at(referral: Referral, *, zone: str) -> datetime:
    """The end of the last day."""
    return day_bounds(referral.due_on, days=1, zone=zone)[1]


def _soon_minutes(rules: BookingRules) -> int:
    return (rules.periods.soon_days + 1) * int(timedelta(days=1).total_seconds() // 60)
