"""A clinic that is asked (申请预约): its desk books in the hospital's system and writes back."""

from dataclasses import dataclass
from datetime import date, time

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Clinic, SlotRules
from consult.calendar.timetable import instant
from consult.cases import service as cases
from consult.cases.service import Said
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals import appointment_store, store
from consult.referrals import service as referrals
from consult.referrals.appointments import Visit
from consult.referrals.errors import (
    ClinicNotByRequestError,
    ReferralBookedError,
    ReferralChangedError,
)
from consult.referrals.model import ReferralStatus, require_referral_step
from consult.referrals.records import Appointment, Referral, Side
from consult.referrals.requeue import promised_by
from consult.referrals.rules import BookingRules
from consult.referrals.service_book import book_visit, give_up

TOLD_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class WrittenBack:
    """What the hospital's own system says: wall-clock time there, place and number in the queue.

    `replaces` names the appointment that it takes the place of, where there is one.
    """

    day: date
    at: time
    place: str = ""
    ticket: str = ""
    physician_name: str = ""
    replaces: str | None = None


def write_back(
    work: Work, *, referral_id: str, revision: int, told: WrittenBack, rules: SlotRules
) -> Appointment:
    """Record what was booked for the patient; pressing twice gives the same appointment."""
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral, Side.DESK)
    clinic = calendar.get_own_clinic(work, str(referral.clinic_id))
    if not clinic.is_by_request:
        raise ClinicNotByRequestError(clinic.id)
    visit = _visit(work, clinic, told, rules=rules)
    coming = appointment_store.find_coming(work.session, referral.id)
    if coming is not None and _is_same(coming, visit):
        return coming
    referrals.require_revision(referral, revision)
    if coming is None:
        require_referral_step(referral.id, have=referral.status, want=ReferralStatus.BOOKED)
    elif coming.id != told.replaces:
        raise ReferralBookedError(referral.id)
    else:
        give_up(work, coming)
    service_hold.drop_hold(work, referrals.case_of(work, referral))
    return book_visit(work, referral, visit, before=coming)


def ask_again(work: Work, *, referral_id: str, revision: int, rules: BookingRules) -> Referral:
    """The patient wants another time, of a clinic that is asked: its desk owes an answer anew."""
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral)
    referrals.require_revision(referral, revision)
    clinic_id = str(referral.clinic_id)
    clinic = calendar.clinics_by_id(work, [clinic_id])[clinic_id]
    if not clinic.is_by_request:
        raise ClinicNotByRequestError(clinic.id)
    if referral.status is not ReferralStatus.REQUESTED or referral.answer_by is not None:
        raise ReferralChangedError(referral.id)
    answer_by = promised_by(work, referral, rules=rules)
    return referrals.move(
        work,
        referral,
        referral.status,
        kind="referral.asked_again",
        said=Said(codes={"answer_by": answer_by.isoformat()}),
        answer_by=answer_by,
        escalated_at=None,
    )


def note_unanswered(work: Work) -> int:
    """Write down, once each, which promised times have passed (a clock's step); says how many."""
    late = store.list_unanswered(work.session, now=work.now, limit=TOLD_AT_ONCE)
    for referral in late:
        owner = cases.get_case(work, referral.case_id).owner_id
        referrals.move(
            work,
            referral,
            referral.status,
            kind="referral.unanswered",
            said=Said(codes={"owner": owner, "answer_by": f"{referral.answer_by:%Y-%m-%dT%H:%MZ}"}),
            escalated_at=work.now,
        )
    return len(late)


def _visit(work: Work, clinic: Clinic, told: WrittenBack, *, rules: SlotRules) -> Visit:
    place = organisations.get_institution(work, clinic.institution_id)
    if told.at.tzinfo is not None:
        raise RefusedError("field-malformed", field="at")
    if told.day < place.local_day(work.now):
        raise RefusedError("day-is-past", field="day")
    if told.day - place.local_day(work.now) > rules.furthest:
        raise RefusedError("day-too-far", field="day", limit=rules.furthest.days)
    starts_at = instant(told.day, told.at, zone=place.zone)
    if starts_at <= work.now:
        raise RefusedError("time-is-past", field="at")
    return Visit(
        clinic_id=clinic.id,
        starts_at=starts_at,
        ends_at=starts_at,
        physician_name=told.physician_name,
        place=told.place,
        ticket=told.ticket,
    )


def _is_same(coming: Appointment, visit: Visit) -> bool:
    """Whether this very visit was written back already."""
    have = (coming.starts_at, coming.place, coming.ticket, coming.physician_name)
    want = (visit.starts_at, visit.place, visit.ticket, visit.physician_name)
    return coming.slot_id is None and have == want
