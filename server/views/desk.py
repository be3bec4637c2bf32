"""What the referral office (双向转诊办公室) shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import BaseModel

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic, Slot
from consult.calendar.timetable import day_bounds, half_of_day
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import offers, service_desk, service_salvage
from consult.referrals import service as referrals
from consult.referrals.desk import DeskLine, DeskView, is_red, is_unanswered
from consult.referrals.records import Appointment, Referral
from consult.referrals.rules import BookingRules
from consult.reports import rereads
from consult.reports import service as reports
from consult.reports.versions import Report
from server.views.booking_answers import ReferralAnswer
from server.views.call_log import CallLog, make_log


class DeskAnswer(BaseModel):
    """The office's list."""

    referrals: list[ReferralAnswer]
    next_page: int | None


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
    is_late: bool
    by_request: bool
    offer: Slot | None


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One tab of the list."""

    view: DeskView
    counts: Mapping[DeskView, int]
    rows: Sequence[DeskRow]
    number: int
    now: datetime
    tomorrow: datetime
    soon_minutes: int
    next_page: int | None


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
    asked_clinic: Clinic | None
    physician: PersonName | None
    requested_by: PersonName | None
    owner: PersonName | None
    follows_up: PersonName | None
    reports: Sequence[Report]
    needs_rereading: bool
    due_at: datetime
    is_red: bool
    is_late: bool
    may_arrive: bool
    may_miss: bool
    may_change: bool
    soon_minutes: int
    today: date
    offers: Sequence[tuple[Slot, date]]
    calls: CallLog

    @property
    def may_write_back(self) -> bool:
        """Whether what was booked in the hospital's own system is recorded here."""
        arrived = self.appointment is not None and self.appointment.arrived_at is not None
        by_request = self.asked_clinic is not None and self.asked_clinic.is_by_request
        return by_request and self.referral.is_live and not arrived

    @property
    def coming(self) -> Appointment | None:
        """The appointment for which the patient is expected, or at which she is."""
        found = self.appointment
        return found if found is not None and found.is_coming else None


def make_list(work: Work, *, view: DeskView, rules: BookingRules, page: int = 1) -> DeskPage:
    """The list, one tab of it, with how many stand in the others."""
    counts = service_desk.count_desk(work, rules=rules)
    first = (page - 1) * service_desk.LONGEST_LIST
    shown = service_desk.list_desk(work, view=view, rules=rules, offset=first)
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
            clinic=(clinic := clinics.get(_clinic_id(line))),
            physician=_physician(names, line.appointment),
            due_at=_due_at(line.referral, zone=here.zone),
            is_red=_is_red(work, line.referral, today=today, rules=rules),
            is_late=is_unanswered(line.referral, now=work.now),
            by_request=clinic is not None and clinic.is_by_request,
            offer=line.offers[0] if line.offers else None,
        )
        for line in shown
    ]
    return DeskPage(
        view=view,
        counts=counts,
        rows=rows,
        number=page,
        now=work.now,
        tomorrow=day_bounds(today, days=1, zone=here.zone)[1],
        soon_minutes=_soon_minutes(rules),
        next_page=page + 1 if shown and counts[view] > first + len(shown) else None,
    )


def make_referral(work: Work, *, referral_id: str, rules: BookingRules) -> ReferralPage:
    """One referral; that it was opened is written down."""
    referral = referrals.view_referral(work, referral_id)
    appointment = referrals.find_appointment(work, referral)
    patient = patients.patients_by_id(work, [referral.patient_id]).get(referral.patient_id)
    here = organisations.get_institution(work, referral.host_id)
    today = here.local_day(work.now)
    case = None if patient is None else cases.find_seen(work, referral.case_id)
    owner_id = "" if case is None or case.owner_id is None else case.owner_id
    salvage = service_salvage.find_salvage(work, referral)
    follower_id = salvage.owner_id if salvage is not None and salvage.is_open else ""
    people = {referral.requested_by_id, owner_id, follower_id, _physician_id(appointment)}
    names = practitioners.names_of(work, people)
    asked_id = str(referral.clinic_id)
    clinic_id = asked_id if appointment is None else appointment.clinic_id
    clinics = calendar.clinics_by_id(work, {asked_id, clinic_id})
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
        clinic=clinics.get(clinic_id),
        asked_clinic=clinics.get(asked_id),
        physician=_physician(names, appointment),
        requested_by=names.get(referral.requested_by_id),
        owner=names.get(owner_id) if referral.is_live else None,
        follows_up=names.get(follower_id),
        reports=versions,
        needs_rereading=bool(versions) and bool(rereads.pending_of(work, versions[0], versions)),
        due_at=_due_at(referral, zone=here.zone),
        is_red=_is_red(work, referral, today=today, rules=rules),
        is_late=is_unanswered(referral, now=work.now),
        may_arrive=appointment is not None and here.local_day(appointment.starts_at) <= today,
        may_miss=appointment is not None and appointment.starts_at <= work.now,
        may_change=appointment is not None and appointment.can_be_moved(now=work.now),
        soon_minutes=_soon_minutes(rules),
        today=today,
        offers=_offers(work, referral, zone=here.zone) if patient is not None else [],
        calls=make_log(work, referral),
    )


def _offers(work: Work, referral: Referral, *, zone: str) -> list[tuple[Slot, date]]:
    """Times to offer a patient who lost hers, with their days."""
    if referral.requeued_at is None or not referral.is_live:
        return []
    found = offers.list_offers(work, [referral]).get(referral.id, ())
    return [(slot, half_of_day(slot.starts_at, zone=zone)[0]) for slot in found]


def _is_red(work: Work, referral: Referral, *, today: date, rules: BookingRules) -> bool:
    return is_red(referral, today=today, soon_days=rules.periods.soon_days, now=work.now)


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
