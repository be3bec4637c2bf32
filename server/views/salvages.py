"""Missed visits (追访) as the inviting side follows them up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals import service_calls, service_salvage
from consult.referrals.records import Appointment, Referral
from consult.referrals.rules import BookingRules
from consult.referrals.salvage import Salvage, SalvageView
from consult.referrals.service_salvage import Tries
from server.views.call_log import CallLog, make_log


@dataclass(frozen=True, slots=True)
class SalvageRow:
    """One follow-up of the list."""

    salvage: Salvage
    referral: Referral
    patient: Patient
    missed: Appointment
    owner: PersonName | None
    calls: int
    is_over: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class SalvagesPage:
    """One tab of the list."""

    view: SalvageView
    counts: Mapping[SalvageView, int]
    rows: Sequence[SalvageRow]


@dataclass(frozen=True, slots=True)
class SalvagePage:
    """One follow-up: whom to call, what was tried, what may be done."""

    salvage: Salvage
    referral: Referral
    patient: Patient
    age: int
    namesake: bool
    missed: Appointment
    coming: Appointment | None
    clinic: Clinic | None
    host: Institution
    owner: PersonName | None
    closed_by: PersonName | None
    is_mine: bool
    is_over: bool
    may_ask: bool
    tries: Tries
    calls: CallLog


def make_list(work: Work, *, view: SalvageView) -> SalvagesPage:
    """The list, one tab of it, with how many are open."""
    found = {
        each: service_salvage.list_salvages(work, view=each)
        for each in SalvageView
        if each is view or each is SalvageView.OPEN
    }
    shown = found[view]
    calls = service_calls.count_calls(work, [salvage.referral_id for salvage in shown])
    people = patients.patients_by_id(work, {salvage.patient_id for salvage in shown})
    names = practitioners.names_of(work, {salvage.owner_id for salvage in shown})
    today = organisations.today_at(work, work.actor.institution)
    return SalvagesPage(
        view=view,
        counts={each: len(rows) for each, rows in found.items()},
        rows=[
            SalvageRow(
                salvage=salvage,
                referral=line.referral,
                patient=people[salvage.patient_id],
                missed=line.missed,
                owner=names.get(salvage.owner_id),
                calls=calls.get(salvage.referral_id, 0),
                is_over=salvage.is_open and salvage.due_on < today,
                is_mine=salvage.owner_id == work.actor.person,
            )
            for line in service_salvage.lines_of(work, shown)
            for salvage in [line.salvage]
        ],
    )


def make_page(work: Work, *, referral_id: str, rules: BookingRules) -> SalvagePage:
    """One follow-up; that the referral was opened is written down."""
    referral, salvage = service_salvage.get_salvage(work, referral_id)
    referrals.view_referral(work, referral_id)
    patient = patients.get_patient(work, referral.patient_id)
    newest = referrals.find_appointment(work, referral)
    clinic = calendar.clinics_by_id(work, [str(referral.clinic_id)]).get(str(referral.clinic_id))
    names = practitioners.names_of(work, {salvage.owner_id, salvage.closed_by_id or ""})
    today = organisations.today_at(work, referral.institution_id)
    by_request = clinic is not None and clinic.is_by_request
    return SalvagePage(
        salvage=salvage,
        referral=referral,
        patient=patient,
        age=patient.age_on(today),
        namesake=patients.is_namesake(work, patient),
        missed=referrals.get_appointment(work, salvage.appointment_id),
        coming=newest if newest is not None and newest.is_coming else None,
        clinic=clinic,
        host=organisations.get_institution(work, referral.host_id),
        owner=names.get(salvage.owner_id),
        closed_by=names.get(salvage.closed_by_id or ""),
        is_mine=salvage.owner_id == work.actor.person,
        is_over=salvage.is_open and salvage.due_on < today,
        may_ask=salvage.is_open and by_request and referral.answer_by is None,
        tries=service_salvage.count_tries(work, salvage, rules=rules),
        calls=make_log(work, referral),
    )
