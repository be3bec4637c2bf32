"""How a referral ends without a visit, and how its case is closed (REF-12)."""

from consult.access import service as access
from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.cases.service import Said
from consult.kernel.work import Work
from consult.referrals import appointment_store, service_open, store
from consult.referrals import service as referrals
from consult.referrals.errors import (
    CloseNeedsDecisionError,
    EndNotYoursError,
    LoopOpenError,
    ReferralLiveError,
)
from consult.referrals.events import referral_ref, why_granted
from consult.referrals.model import ReferralStatus
from consult.referrals.proposal import propose
from consult.referrals.reasons import require_reason
from consult.referrals.records import ENDS_OF, Referral, ReferralRequest, Side
from consult.referrals.rules import BookingRules
from consult.referrals.service_book import cancel_appointment
from consult.reports import service as reports
from consult.reports.versions import NextStep


def end_referral(
    work: Work, *, referral_id: str, revision: int, how: ReferralStatus, reason: str, side: Side
) -> Referral:
    """End a referral without a visit: its slot is free, the inviting physician follows up.

    The hospital keeps no access to the patient that this referral gave it.
    """
    referral = referrals.get_referral(work, referral_id)
    referrals.require_side(work, referral, side)
    if how not in ENDS_OF[side]:
        raise EndNotYoursError
    why = require_reason(reason)
    referrals.require_revision(referral, revision)
    coming = appointment_store.find_coming(work.session, referral.id)
    if coming is not None:
        cancel_appointment(work, coming, reason=why)
    case = cases.get_case(work, referral.case_id)
    service_hold.drop_hold(work, case)
    ended = referrals.move(
        work,
        referral,
        how,
        kind=f"referral.{how}",
        said=Said(words={"reason": why}),
        ended_at=work.now,
        end_reason=why,
    )
    _follow_up(work, case, ended)
    access.end_every_grant(work, referral_ref(referral.id), why=why_granted(referral.id))
    return ended


def decline_before(
    work: Work, *, case_id: str, clinic_id: str, reason: str, rules: BookingRules
) -> Referral:
    """The patient refuses before anything was sent: kept as a referral that ended (REF-12).

    Nothing of the patient is opened to the hospital.
    """
    cases.get_own_case(work, case_id)
    live = store.find_live(work.session, case_id)
    if live is not None:
        raise ReferralLiveError(live.case_id, live.id, live.number)
    why = require_reason(reason)
    proposal = propose(work, case_id=case_id, rules=rules)
    clinic = calendar.get_clinic(work, clinic_id)
    wish = ReferralRequest(
        clinic_id=clinic.id, urgency=proposal.urgency, reason=proposal.reason, consent=False
    )
    referral = service_open.make_referral(work, proposal, clinic, wish=wish, rules=rules)
    service_open.save_new(work, referral, kind="referral.proposed")
    service_hold.drop_hold(work, proposal.case)
    ended = referrals.move(
        work,
        referral,
        ReferralStatus.PATIENT_DECLINED,
        kind="referral.patient_declined",
        said=Said(words={"reason": why}),
        ended_at=work.now,
        end_reason=why,
    )
    _follow_up(work, proposal.case, ended)
    return ended


def close_case(work: Work, *, case_id: str, revision: int) -> Case:
    """Close a case after its follow-up, or where the decision was to close it.

    Raises LoopOpenError while a referral is under way, CloseNeedsDecisionError before the decision.
    """
    case = cases.get_own_case(work, case_id)
    cases.require_revision(case, revision)
    live = store.find_live(work.session, case.id)
    if live is not None:
        raise LoopOpenError(case.id, live.id)
    if not _may_close(work, case):
        raise CloseNeedsDecisionError(case.id)
    return cases.step(work, case, CaseStatus.CLOSED, kind="case.closed", closed_at=work.now)


def _may_close(work: Work, case: Case) -> bool:
    if case.status is CaseStatus.FOLLOW_UP:
        return True
    decisions = reports.list_decisions(work, case.id)
    decided = bool(decisions) and decisions[0].next_step is NextStep.CLOSE
    return case.status is CaseStatus.ACKNOWLEDGED and decided


def _follow_up(work: Work, case: Case, ended: Referral) -> None:
    said = Said(codes={"referral": ended.id, "how": ended.status})
    cases.step(work, case, CaseStatus.FOLLOW_UP, kind="case.follow_up", said=said)
