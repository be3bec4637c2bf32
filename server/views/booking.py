"""The page on which a decided case becomes an appointment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Clinic, Slot
from consult.calendar.timetable import day_bounds, half_of_day
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.words import Words
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals.criteria import Meets
from consult.referrals.proposal import Proposal, is_for_referral, propose
from consult.referrals.records import Appointment, Referral, StoredAssessment, store_assessment
from server.booking_rulebook import BookingBook
from server.views.slot_grid import Grid, find_first_day, make_grid, week_of


@dataclass(frozen=True, slots=True)
class Held:
    """The slot that is kept for the patient, where it is, and the other times of that half-day."""

    slot: Slot
    clinic: Clinic
    institution: Institution
    physician: PersonName | None
    others: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class BookingPage:
    """What the page shows; `grid` is None where nothing can be booked."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    referral: Referral | None
    appointment: Appointment | None
    assessment: StoredAssessment | None
    proposal: Proposal | None
    due_on: date | None
    grid: Grid | None
    institutions: Sequence[Institution]
    chosen_id: str
    first_clinic_id: str
    place: Institution | None
    held: Held | None

    @property
    def meets(self) -> Meets | None:
        """What the criteria say of the report."""
        return None if self.assessment is None else self.assessment.meets


def make_page(
    work: Work, *, case_id: str, book: BookingBook, week: date | None, at: str | None
) -> BookingPage:
    """Read the whole page; `at` is the hospital whose clinics are shown."""
    case = cases.get_own_case(work, case_id)
    patient = patients.get_patient(work, case.patient_id)
    known = referrals.list_referrals(work, case.id)
    referral = known[0] if known else None
    appointment = None if referral is None else referrals.find_appointment(work, referral)
    live = referral is not None and referral.is_live
    proposal = None
    if referral is None and is_for_referral(work, case):
        proposal = propose(work, case_id=case.id, rules=book.referrals)
    bookable = proposal is not None or (live and not (appointment and appointment.is_coming))
    clinics = calendar.list_clinics(work) if bookable else []
    if live and referral is not None:
        clinics = [one for one in clinics if one.institution_id == referral.to_institution_id]
    chosen_id = _chosen(case, clinics, at)
    shown = [clinic for clinic in clinics if clinic.institution_id == chosen_id]
    return BookingPage(
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        namesake=patients.is_namesake(work, patient),
        referral=referral,
        appointment=appointment,
        assessment=_assessment(referral, proposal, words=book.referrals.criteria.words),
        proposal=proposal,
        due_on=referral.due_on if referral else (proposal.due_on if proposal else None),
        grid=_grid(work, shown, book=book, week=week, case=case) if bookable else None,
        institutions=_institutions(work, clinics),
        chosen_id=chosen_id,
        first_clinic_id=shown[0].id if shown else "",
        place=None
        if referral is None
        else organisations.get_institution(work, referral.to_institution_id),
        held=_held(work, case) if bookable else None,
    )


def _assessment(
    referral: Referral | None, proposal: Proposal | None, *, words: Words
) -> StoredAssessment | None:
    if referral is not None:
        return referral.assessment
    return None if proposal is None else store_assessment(proposal.assessment, words=words)


def _chosen(case: Case, clinics: Sequence[Clinic], at: str | None) -> str:
    """The hospital asked for, else the one that answered, else the first."""
    offered = [clinic.institution_id for clinic in clinics]
    for wish in (at, case.invited_institution_id):
        if wish in offered:
            return str(wish)
    return offered[0] if offered else ""


def _grid(
    work: Work, clinics: Sequence[Clinic], *, book: BookingBook, week: date | None, case: Case
) -> Grid:
    furthest = book.slots.furthest
    today = organisations.today_at(work, work.actor.institution)
    day = week or find_first_day(work, clinics, furthest=furthest) or today
    monday = min(max(week_of(day), week_of(today)), week_of(today + furthest))
    return make_grid(work, clinics, week=monday, furthest=furthest, case_id=case.id)


def _institutions(work: Work, clinics: Sequence[Clinic]) -> list[Institution]:
    found = organisations.institutions_by_id(work, {clinic.institution_id for clinic in clinics})
    return sorted(found.values(), key=lambda place: (place.name, place.id))


def _held(work: Work, case: Case) -> Held | None:
    slot = service_hold.find_hold(work, case.id)
    if slot is None:
        return None
    clinic = calendar.get_clinic(work, slot.clinic_id)
    place = organisations.get_institution(work, clinic.institution_id)
    half = half_of_day(slot.starts_at, zone=place.zone)
    since, until = day_bounds(half[0], days=1, zone=place.zone)
    others = calendar.list_slots(work, clinics=[clinic], since=since, until=until)
    names = practitioners.names_of(work, [slot.physician_id] if slot.physician_id else [])
    return Held(
        slot=slot,
        clinic=clinic,
        institution=place,
        physician=names.get(slot.physician_id or "")
        or (PersonName(slot.physician_name, "", "") if slot.physician_name else None),
        others=tuple(
            other
            for other in others
            if other.physician_name == slot.physician_name
            and half_of_day(other.starts_at, zone=place.zone) == half
            and other.can_be_had(now=work.now)
        ),
    )
