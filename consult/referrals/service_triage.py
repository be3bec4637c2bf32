"""What the referral office answers to a request: accepted, redirected, or more urgent (REF-06).

Declining and returning with advice end the referral, and stand in service_end.py.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from consult.access import service as access
from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Clinic
from consult.cases import service as cases
from consult.cases.service import Said
from consult.kernel.errors import RefusedError
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals import one_live
from consult.referrals import service as referrals
from consult.referrals.errors import (
    ClinicSameError,
    ReferralBookedError,
    ReferralChangedError,
    ReferralConsentNeededError,
    UrgencyNotHigherError,
)
from consult.referrals.events import referral_ref, why_granted
from consult.referrals.model import ReferralStatus, Triage
from consult.referrals.reasons import LONGEST_REASON, require_reason
from consult.referrals.records import Referral, Side
from consult.referrals.rules import BookingRules
from consult.referrals.service_open import answer_by, desk_person, open_to_desk
from consult.reports.model import ReferralUrgency

_RANK = {urgency: rank for rank, urgency in enumerate(ReferralUrgency)}


@dataclass(frozen=True, slots=True)
class Redirection:
    """Where to, why, and whether the patient agrees to it where it is another hospital."""

    clinic_id: str
    reason: str
    consent: bool = False


def accept(work: Work, *, referral_id: str, revision: int, note: str = "") -> Referral:
    """Tell the sender that the patient is taken; accepting twice changes nothing.

    The clock goes on: what is promised is a time.
    """
    told = note.strip()
    if len(told) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="note", limit=LONGEST_REASON)
    referral = _at_desk(work, referral_id)
    if referral.waits and referral.accepted_at is not None:
        return referral
    _require_waiting(referral, revision)
    return referrals.move(
        work,
        referral,
        referral.status,
        kind="referral.accepted",
        said=Said(words={"reason": told} if told else {}),
        accepted_at=work.now,
        triage=Triage.ACCEPTED,
        triage_note=told,
        triaged_at=work.now,
    )


def upgrade(
    work: Work,
    *,
    referral_id: str,
    revision: int,
    urgency: ReferralUrgency,
    reason: str,
    rules: BookingRules,
) -> Referral:
    """Make a waiting request more urgent: what it is due by comes nearer, and never goes back.

    An emergency has a promised time from now on, whoever books. Raises UrgencyNotHigherError.
    """
    referral = _at_desk(work, referral_id)
    _require_waiting(referral, revision)
    why = require_reason(reason)
    if _RANK[urgency] >= _RANK[referral.urgency]:
        raise UrgencyNotHigherError
    due_on = _sooner_day(work, referral, urgency, rules=rules)
    promised = _sooner_answer(work, referral, urgency, rules=rules)
    return referrals.move(
        work,
        referral,
        referral.status,
        kind="referral.upgraded",
        said=Said(
            codes={
                "urgency_before": referral.urgency,
                "urgency": urgency,
                "due_on": due_on.isoformat(),
                "answer_by": None if promised is None else promised.isoformat(),
            },
            words={"reason": why},
        ),
        urgency=urgency,
        due_on=due_on,
        answer_by=promised,
        triage=Triage.UPGRADED,
        triage_note=why,
        triaged_at=work.now,
    )


def redirect(
    work: Work, *, referral_id: str, revision: int, to: Redirection, rules: BookingRules
) -> Referral:
    """Send a waiting request to another clinic, of this hospital or of another of its consortium.

    Whoever answers there has it from now on, with a clock of its own; another hospital is shown
    what this one was shown, and this one nothing more. The day it is due by stays.
    """
    referral = _at_desk(work, referral_id)
    _require_waiting(referral, revision)
    why = require_reason(to.reason)
    clinic = _clinic(work, referral, to.clinic_id)
    leaves = clinic.institution_id != referral.to_institution_id
    if leaves and not to.consent:
        raise ReferralConsentNeededError
    desk_id = desk_person(work, clinic)
    moved = _move(work, referral, clinic, why=why, rules=rules)
    if leaves:
        access.end_every_grant(work, referral_ref(referral.id), why=why_granted(referral.id))
        access.end_grants(work, referral_ref(referral.id), why="referral")
        open_to_desk(work, moved)
    _give_to(work, moved, desk_id if leaves else None)
    return moved


def list_redirections(work: Work, referral: Referral) -> list[Clinic]:
    """The clinics to which the acting office may send a request: all of its consortium but one."""
    case = referrals.case_of(work, referral)
    return [
        clinic
        for clinic in calendar.list_clinics(work)
        if clinic.id != referral.clinic_id
        and _is_within(clinic, referral, consortium_id=str(case.consortium_id))
    ]


def _at_desk(work: Work, referral_id: str) -> Referral:
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral, Side.DESK)
    return referral


def _require_waiting(referral: Referral, revision: int) -> None:
    if referral.status is ReferralStatus.BOOKED:
        raise ReferralBookedError(referral.id)
    referrals.require_revision(referral, revision)
    if not referral.waits:
        raise ReferralChangedError(referral.id)


def _is_within(clinic: Clinic, referral: Referral, *, consortium_id: str) -> bool:
    """Whether the clinic is the asked hospital's, or open to the consortium of the case."""
    own = clinic.institution_id == referral.to_institution_id
    return own or consortium_id in clinic.shared_with


def _clinic(work: Work, referral: Referral, clinic_id: str) -> Clinic:
    if clinic_id == referral.clinic_id:
        raise ClinicSameError
    clinic = next(
        (each for each in list_redirections(work, referral) if each.id == clinic_id), None
    )
    if clinic is None:
        raise RefusedError("field-not-a-choice", field="clinic_id")
    return clinic


def _move(
    work: Work, referral: Referral, clinic: Clinic, *, why: str, rules: BookingRules
) -> Referral:
    case = referrals.case_of(work, referral)
    key = one_live.require_free_key(work, case, clinic.facts.department, besides=referral)
    service_hold.drop_hold(work, case)
    promised = answer_by(work, clinic, urgency=referral.urgency, rules=rules)
    return referrals.move(
        work,
        referral,
        referral.status,
        kind="referral.redirected",
        said=Said(
            codes={
                "from_institution": referral.to_institution_id,
                "from_clinic": referral.clinic_id,
                "to": clinic.institution_id,
                "clinic": clinic.id,
                "answer_by": None if promised is None else promised.isoformat(),
            },
            words={"reason": why},
        ),
        live_key=key,
        to_institution_id=clinic.institution_id,
        clinic_id=clinic.id,
        specialty=clinic.facts.department,
        answer_by=promised,
        escalated_at=None,
        accepted_at=None,
        triage=Triage.REDIRECTED,
        triage_note=why,
        triaged_at=work.now,
    )


def _give_to(work: Work, referral: Referral, desk_id: PractitionerId | None) -> None:
    if desk_id is None:
        return
    case = referrals.case_of(work, referral)
    said = Said(codes={"left": case.owner_id}, reason="referral_redirected")
    cases.change(work, case, kind="case.rehomed", owner_id=desk_id, said=said)


def _sooner_day(
    work: Work, referral: Referral, urgency: ReferralUrgency, *, rules: BookingRules
) -> date:
    today = organisations.today_at(work, referral.institution_id)
    return min(referral.due_on, today + timedelta(days=rules.periods.within_days[urgency]))


def _sooner_answer(
    work: Work, referral: Referral, urgency: ReferralUrgency, *, rules: BookingRules
) -> datetime | None:
    promised = work.now + rules.periods.answer_within[urgency]
    if referral.answer_by is not None:
        return min(referral.answer_by, promised)
    return promised if urgency is ReferralUrgency.EMERGENCY else None
