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
from consult.referrals import service_salvage
from consult.referrals.desk import is_unanswered
from consult.referrals.model import ReferralStatus
from consult.referrals.proposal import is_for_referral
from consult.referrals.records import Appointment, Referral
from consult.referrals.salvage import Salvage
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class BookingCard:
    """What the card shows; `may_book`, `may_cancel` and `may_close` are the reader's next steps."""

    case: Case
    referral: Referral | None
    appointment: Appointment | None
    clinic: Clinic | None
    place: Institution | None
    desk: PersonName | None
    salvage: Salvage | None
    salvage_owner: PersonName | None
    is_late: bool
    may_ask: bool
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
    clinic = _clinic(work, referral, appointment)
    salvage = None if referral is None else service_salvage.find_salvage(work, referral)
    salvage = salvage if salvage is not None and salvage.is_open else None
    waits = wanted if referral is None else referral.is_live and not is_coming
    return BookingCard(
        case=case,
        referral=referral,
        appointment=appointment,
        clinic=clinic,
        place=None
        if referral is None or referral.to_institution_id is None
        else organisations.get_institution(work, referral.to_institution_id),
        desk=_desk(work, case, referral),
        salvage=salvage,
        salvage_owner=_name(work, salvage.owner_id) if salvage is not None else None,
        is_late=referral is not None and is_unanswered(referral, now=work.now),
        may_ask=may_act and _may_ask(referral, clinic),
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


def _may_ask(referral: Referral | None, clinic: Clinic | None) -> bool:
    """Whether its office, which books for itself, can be asked for a time anew."""
    if referral is None or clinic is None or not clinic.is_by_request:
        return False
    return referral.status is ReferralStatus.REQUESTED and referral.answer_by is None


def _name(work: Work, practitioner_id: str) -> PersonName | None:
    return practitioners.names_of(work, [practitioner_id]).get(practitioner_id)


def _desk(work: Work, case: Case, referral: Referral | None) -> PersonName | None:
    if referral is None or not referral.is_live or case.owner_id is None:
        return None
    return _name(work, case.owner_id)
