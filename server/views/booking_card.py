"""The card of a case's page that tells of its referral: status, appointment, outcome, next step."""

from dataclasses import dataclass

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals.proposal import is_for_referral
from consult.referrals.records import Appointment, Referral
from server.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class BookingCard:
    """What the card shows; `may_book`, `may_cancel` and `may_close` are the reader's next steps."""

    case: Case
    referral: Referral | None
    appointment: Appointment | None
    clinic: Clinic | None
    place: Institution | None
    desk: PersonName | None
    may_book: bool
    may_act: bool
    may_close: bool


def make_card(work: Work, case: Case, _rules: Rulebook) -> BookingCard | None:
    """The card, or None before anything points to a referral."""
    known = referrals.list_referrals(work, case.id)
    is_own = case.institution_id == work.actor.institution_id
    may_act = is_own and Role.REQUESTING_PHYSICIAN in work.actor.roles
    wanted = is_own and is_for_referral(work, case)
    may_close = may_act and case.status is CaseStatus.FOLLOW_UP
    if not known and not wanted and not may_close:
        return None
    referral = known[0] if known else None
    appointment = None if referral is None else referrals.find_appointment(work, referral)
    is_coming = appointment is not None and appointment.is_coming
    waits = wanted if referral is None else referral.is_live and not is_coming
    return BookingCard(
        case=case,
        referral=referral,
        appointment=appointment,
        clinic=_clinic(work, referral, appointment),
        place=None
        if referral is None or referral.to_institution_id is None
        else organisations.get_institution(work, referral.to_institution_id),
        desk=_desk(work, case, referral),
        may_book=may_act and waits,
        may_act=may_act,
        may_close=may_close,
    )


def _clinic(
    work: Work, referral: Referral | None, appointment: Appointment | None
) -> Clinic | None:
    if referral is None:
        return None
    clinic_id = str(referral.clinic_id if appointment is None else appointment.clinic_id)
    return calendar.clinics_by_id(work, [clinic_id]).get(clinic_id)


def _desk(work: Work, case: Case, referral: Referral | None) -> PersonName | None:
    if referral is None or not referral.is_live or case.owner_id is None:
        return None
    return practitioners.names_of(work, [case.owner_id]).get(case.owner_id)
