"""The page on which a decided case becomes an appointment, and an appointment another one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.words import Words
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.referrals import one_live
from consult.referrals import service as referrals
from consult.referrals.criteria import Meets
from consult.referrals.proposal import Proposal, is_for_referral, propose
from consult.referrals.records import (
    Appointment,
    Referral,
    Side,
    StoredAssessment,
    Tracked,
    store_assessment,
)
from consult.reports.model import ReferralUrgency
from server.rules.booking import BookingBook
from server.views.held_slot import Held, find_held
from server.views.slot_grid import Grid, find_first_day, make_grid, week_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a week, a hospital, another time than the booked one."""

    week: date | None
    at: str | None
    change: bool


@dataclass(frozen=True, slots=True)
class Addresses:
    """The page itself, where it came from, and where its buttons send to."""

    side: Side
    here: str
    back: str
    hold: str
    release: str
    confirm: str


@dataclass(frozen=True, slots=True)
class BookingPage:
    """What the page shows to either side; `grid` is None where nothing can be booked."""

    addresses: Addresses
    case: Case
    patient: Patient
    age: int
    namesake: bool
    referral: Referral | None
    appointment: Appointment | None
    assessment: StoredAssessment | None
    proposal: Proposal | None
    due_on: date | None
    bookable: bool
    grid: Grid | None
    by_request: Sequence[Clinic]
    answer_by: Mapping[ReferralUrgency, datetime]
    may_ask: bool
    institutions: Sequence[Institution]
    chosen_id: str
    place: Institution | None
    held: Held | None
    tracked: Sequence[Tracked]
    may_change: bool
    is_change: bool

    @property
    def meets(self) -> Meets | None:
        """What the criteria say of the report."""
        return None if self.assessment is None else self.assessment.meets

    @property
    def coming(self) -> Appointment | None:
        """The appointment for which the patient is expected, or at which she is."""
        found = self.appointment
        return found if found is not None and found.is_coming else None


def make_case_page(work: Work, *, case_id: str, book: BookingBook, asked: Asked) -> BookingPage:
    """The page of the inviting side, before and after there is a referral."""
    case = cases.get_own_case(work, case_id)
    known = referrals.list_referrals(work, case.id)
    referral = known[0] if known else None
    here = f"/cases/{case.id}"
    addresses = (
        _addresses(referral, Side.INVITING, here=f"{here}/booking", back=here)
        if referral is not None
        else Addresses(
            side=Side.INVITING,
            here=f"{here}/booking",
            back=here,
            hold=f"/api{here}/hold",
            release=f"/api{here}/hold/release",
            confirm=f"/api{here}/booking",
        )
    )
    return _make(work, case, referral, addresses=addresses, book=book, asked=asked)


def make_desk_page(
    work: Work, *, referral_id: str, book: BookingBook, asked: Asked
) -> BookingPage | None:
    """The same page for the referral office; None once the referral has ended."""
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral, Side.DESK)
    if not referral.is_live:
        return None
    case = referrals.case_of(work, referral)
    here = f"/desk/referrals/{referral.id}"
    addresses = _addresses(referral, Side.DESK, here=f"{here}/booking", back=here)
    return _make(work, case, referral, addresses=addresses, book=book, asked=asked)


def _addresses(referral: Referral, side: Side, *, here: str, back: str) -> Addresses:
    doors = f"/api/referrals/{referral.id}"
    return Addresses(side, here, back, f"{doors}/hold", f"{doors}/hold/release", f"{doors}/confirm")


def _make(
    work: Work,
    case: Case,
    referral: Referral | None,
    *,
    addresses: Addresses,
    book: BookingBook,
    asked: Asked,
) -> BookingPage:
    patient = patients.get_patient(work, case.patient_id)
    appointment = None if referral is None else referrals.find_appointment(work, referral)
    proposal = None
    if referral is None and is_for_referral(work, case):
        proposal = propose(work, case_id=case.id, rules=book.referrals)
    may_change = appointment is not None and appointment.can_be_moved(now=work.now)
    is_change = may_change and asked.change
    bookable = proposal is not None or _waits(referral, appointment) or is_change
    clinics, tracked = _offered(work, case, referral) if bookable else ([], [])
    chosen_id = _chosen(case, clinics, asked.at)
    shown = [clinic for clinic in clinics if clinic.institution_id == chosen_id]
    pool = [clinic for clinic in shown if not clinic.is_by_request]
    return BookingPage(
        addresses=addresses,
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        namesake=patients.is_namesake(work, patient),
        referral=referral,
        appointment=appointment,
        assessment=_assessment(referral, proposal, words=book.referrals.criteria.words),
        proposal=proposal,
        due_on=referral.due_on if referral else (proposal.due_on if proposal else None),
        bookable=bookable,
        grid=_grid(work, pool, book=book, week=asked.week, case=case) if pool else None,
        by_request=[clinic for clinic in shown if clinic.is_by_request],
        answer_by={
            urgency: work.now + within
            for urgency, within in book.referrals.periods.answer_within.items()
        },
        may_ask=_may_ask(referral, shown),
        institutions=_institutions(work, clinics),
        chosen_id=chosen_id,
        place=None
        if referral is None or referral.to_institution_id is None
        else organisations.get_institution(work, referral.to_institution_id),
        held=find_held(work, case, limits=book.holds) if bookable else None,
        tracked=tracked,
        may_change=may_change,
        is_change=is_change,
    )


def _may_ask(referral: Referral | None, shown: Sequence[Clinic]) -> bool:
    """Whether the clinic that was asked owes no answer now, and can be asked again."""
    if referral is None or referral.answer_by is not None:
        return False
    return any(clinic.id == referral.clinic_id and clinic.is_by_request for clinic in shown)


def _waits(referral: Referral | None, appointment: Appointment | None) -> bool:
    if referral is None or not referral.is_live:
        return False
    return appointment is None or not appointment.is_coming


def _offered(
    work: Work, case: Case, referral: Referral | None
) -> tuple[list[Clinic], list[Tracked]]:
    """The clinics that may be booked, and the live referrals that stand in the way of others."""
    clinics = calendar.list_clinics(work)
    if referral is not None:
        host = referral.to_institution_id
        return [clinic for clinic in clinics if clinic.institution_id == host], []
    tracked = one_live.track(work, case, {clinic.facts.department for clinic in clinics})
    free = [clinic for clinic in clinics if clinic.facts.department not in tracked]
    return free, list({told.referral_id: told for told in tracked.values()}.values())


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
