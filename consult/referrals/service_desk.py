"""The referral office (双向转诊办公室): who is due, who arrived, what the visit showed."""

from datetime import timedelta

from consult.access import policy
from consult.access.model import ObjectType
from consult.calendar.timetable import day_bounds
from consult.cases import service as cases
from consult.cases.model import CaseStatus
from consult.cases.service import Said
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals import appointment_store, follow_ups, store
from consult.referrals import service as referrals
from consult.referrals.appointments import step_appointment
from consult.referrals.desk import DeskDay, DeskLine, DeskView
from consult.referrals.errors import AppointmentNotYetError
from consult.referrals.model import (
    REFERRAL_AFTER,
    AppointmentStatus,
    ReferralStatus,
    RequeueCause,
)
from consult.referrals.offers import list_offers
from consult.referrals.reasons import require_outcome
from consult.referrals.records import Appointment, Referral, Side, VisitOutcome
from consult.referrals.requeue import requeue
from consult.referrals.rules import BookingRules
from consult.referrals.service_book import require_coming
from consult.referrals.tables import ReferralRow
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings.model import TellingState, TellingWay
from consult.reports.tellings.service_end import Outcome

LONGEST_LIST = 200


def list_desk(
    work: Work, *, view: DeskView, rules: BookingRules, offset: int = 0
) -> list[DeskLine]:
    """A page of the referrals to the acting institution, the soonest due first."""
    desk = _desk(work, rules)
    found = store.list_of_desk(work.session, desk, view=view, limit=LONGEST_LIST, offset=offset)
    newest = appointment_store.newest_of(work.session, [referral.id for referral in found])
    offers = list_offers(work, found) if view is DeskView.REBOOK else {}
    return [
        DeskLine(referral, newest.get(referral.id), offers.get(referral.id, ()))
        for referral in found
    ]


def count_desk(work: Work, *, rules: BookingRules) -> dict[DeskView, int]:
    """How many stand in each tab."""
    desk = _desk(work, rules)
    return {view: store.count_of_desk(work.session, desk, view=view) for view in DeskView}


def _desk(work: Work, rules: BookingRules) -> store.Desk:
    zone = organisations.get_institution(work, work.actor.institution).zone
    today = organisations.today_at(work, work.actor.institution)
    begins_at, over_at = day_bounds(today, days=1, zone=zone)
    return store.Desk(
        institution_id=work.actor.institution,
        today=DeskDay(
            now=work.now,
            red_until=today + timedelta(days=rules.periods.soon_days),
            begins_at=begins_at,
            over_at=over_at,
        ),
        seen=policy.seen_clause(work, ObjectType.REFERRAL, ReferralRow.id),
    )


def mark_arrived(work: Work, *, referral_id: str, revision: int) -> Appointment:
    """The patient is there; not before the day of the appointment."""
    referral, appointment = _at_desk(work, referral_id, revision)
    _require_day(work, appointment)
    step_appointment(work, appointment, AppointmentStatus.ARRIVED)
    after = REFERRAL_AFTER[AppointmentStatus.ARRIVED]
    referrals.move(work, referral, after, kind="referral.arrived")
    return referrals.get_appointment(work, appointment.id)


def record_outcome(
    work: Work, *, referral_id: str, revision: int, outcome: VisitOutcome
) -> Referral:
    """Tell the inviting side what the visit showed; the case is followed up there from now on."""
    told = require_outcome(outcome)
    referral, appointment = _at_desk(work, referral_id, revision)
    step_appointment(work, appointment, AppointmentStatus.FULFILLED)
    seen = referrals.move(
        work,
        referral,
        ReferralStatus.SEEN,
        kind="referral.seen",
        said=Said(
            codes={"appointment": appointment.id},
            words={
                "diagnosis": told.diagnosis,
                "findings": told.findings,
                "advice": told.advice,
            },
        ),
        ended_at=work.now,
        outcome=told,
    )
    case = referrals.case_of(work, referral)
    said = Said(codes={"referral": referral.id})
    after = cases.step(work, case, CaseStatus.FOLLOW_UP, kind="case.follow_up", said=said)
    telling_ends.end_with_referral(
        work, after, said=Outcome(TellingState.TOLD, TellingWay.IN_PERSON)
    )
    return seen


def mark_noshow(work: Work, *, referral_id: str, revision: int, rules: BookingRules) -> Referral:
    """The patient did not come: the referral asks again, and the inviting side follows up."""
    referral, appointment = _at_desk(work, referral_id, revision)
    if work.now < appointment.starts_at:
        raise _not_yet(work, appointment)
    step_appointment(work, appointment, AppointmentStatus.NOSHOW)
    waiting = requeue(work, referral, appointment, because=RequeueCause.NOSHOW)
    case = referrals.case_of(work, referral)
    follow_ups.open_after(work, waiting, appointment, case=case, rules=rules)
    return waiting


def _at_desk(work: Work, referral_id: str, revision: int) -> tuple[Referral, Appointment]:
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral, Side.DESK)
    referrals.require_revision(referral, revision)
    return referral, require_coming(work, referral)


def _require_day(work: Work, appointment: Appointment) -> None:
    place = organisations.get_institution(work, work.actor.institution)
    if place.local_day(work.now) < place.local_day(appointment.starts_at):
        raise _not_yet(work, appointment)


def _not_yet(work: Work, appointment: Appointment) -> AppointmentNotYetError:
    place = organisations.get_institution(work, work.actor.institution)
    day = place.local_day(appointment.starts_at).isoformat()
    return AppointmentNotYetError(appointment.id, day)
