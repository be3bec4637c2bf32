"""How a referral ends without a visit, and how its case is closed (REF-12)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.access import service as access
from consult.calendar import service_hold
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.cases.service import Said
from consult.kernel.work import Work
from consult.referrals import (
    appointment_store,
    follow_ups,
    one_live,
    salvage_store,
    service_open,
    store,
)
from consult.referrals import service as referrals
from consult.referrals.appointments import end_appointment
from consult.referrals.errors import (
    CloseNeedsDecisionError,
    EndNotYoursError,
    LoopOpenError,
    SalvageOpenError,
)
from consult.referrals.events import referral_ref, why_granted
from consult.referrals.model import AppointmentStatus, ReferralStatus
from consult.referrals.proposal import propose
from consult.referrals.reasons import require_reason
from consult.referrals.records import ENDS_OF, Referral, ReferralRequest, Side
from consult.referrals.rules import BookingRules
from consult.referrals.salvage import ONLY_BY_SALVAGE
from consult.reports import service as reports
from consult.reports.alerts.service import require_confirmed
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings.model import TellingState
from consult.reports.tellings.opening import require_told
from consult.reports.tellings.service_end import Outcome
from consult.reports.versions import NextStep

TOLD_BY: Final[Mapping[ReferralStatus, TellingState]] = MappingProxyType(
    {
        ReferralStatus.PATIENT_DECLINED: TellingState.REFUSED,
        ReferralStatus.OUTSIDE: TellingState.ELSEWHERE,
        ReferralStatus.LOST: TellingState.LOST,
    }
)
"""What the end of a referral says of telling the patient."""


def end_referral(
    work: Work, *, referral_id: str, revision: int, how: ReferralStatus, reason: str
) -> Referral:
    """End a referral without a visit: its slot is free, the inviting physician follows up.

    The hospital keeps no access to the patient that this referral gave it. Raises SalvageOpenError
    where a missed visit is followed up, and the end is one of the follow-up's.
    """
    referral = referrals.get_referral(work, referral_id)
    if not any(how in ENDS_OF[side] for side in referrals.require_sides(work, referral)):
        raise EndNotYoursError
    why = require_reason(reason)
    referrals.require_revision(referral, revision)
    if how in ONLY_BY_SALVAGE and salvage_store.find_open(work.session, referral.id) is not None:
        raise SalvageOpenError(referral.id)
    return bring_to_end(work, referral, how, why=why)


def bring_to_end(work: Work, referral: Referral, how: ReferralStatus, *, why: str) -> Referral:
    """End a live referral: appointment and hold are free, a follow-up is done, grants are over."""
    coming = appointment_store.find_coming(work.session, referral.id)
    if coming is not None:
        end_appointment(work, coming, AppointmentStatus.CANCELLED, reason=why)
    case = referrals.case_of(work, referral)
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
    follow_ups.close_after(work, ended, note=why)
    _follow_up(work, case, ended)
    access.end_every_grant(work, referral_ref(referral.id), why=why_granted(referral.id))
    return ended


def end_before(
    work: Work, *, case_id: str, how: ReferralStatus, reason: str, rules: BookingRules
) -> Referral:
    """How the referral ended before anything was sent, whether or not a clinic is there (REF-12).

    Nothing of the patient is opened to any hospital.
    """
    cases.get_own_case(work, case_id)
    one_live.require_none_of_case(work, case_id)
    if how not in ENDS_OF[Side.INVITING]:
        raise EndNotYoursError
    why = require_reason(reason)
    proposal = propose(work, case_id=case_id, rules=rules)
    wish = ReferralRequest(
        clinic_id="", urgency=proposal.urgency, reason=proposal.reason, consent=False
    )
    referral = service_open.make_referral(work, proposal, None, wish=wish, rules=rules)
    service_open.save_new(work, referral, kind="referral.proposed", live_key=None)
    service_hold.drop_hold(work, proposal.case)
    ended = referrals.move(
        work,
        referral,
        how,
        kind=f"referral.{how}",
        said=Said(words={"reason": why}),
        ended_at=work.now,
        end_reason=why,
    )
    _follow_up(work, proposal.case, ended)
    return ended


def close_case(work: Work, *, case_id: str, revision: int) -> Case:
    """Close a case after its follow-up, or where the decision was to close it.

    Raises LoopOpenError while a referral is under way, CloseNeedsDecisionError before the decision,
    AlertOpenError while nobody has confirmed the case's urgent alert, TellingOpenError while its
    patient was not told what was found.
    """
    case = cases.get_own_case(work, case_id)
    cases.require_revision(case, revision)
    live = store.find_live(work.session, case.id)
    if live is not None:
        raise LoopOpenError(case.id, live.id)
    if not _may_close(work, case):
        raise CloseNeedsDecisionError(case.id)
    require_confirmed(work, case)
    require_told(work, case)
    return cases.step(work, case, CaseStatus.CLOSED, kind="case.closed", closed_at=work.now)


def _may_close(work: Work, case: Case) -> bool:
    if case.status is CaseStatus.FOLLOW_UP:
        return True
    decisions = reports.list_decisions(work, case.id)
    decided = bool(decisions) and decisions[0].next_step is NextStep.CLOSE
    return case.status is CaseStatus.ACKNOWLEDGED and decided


def _follow_up(work: Work, case: Case, ended: Referral) -> None:
    """The inviting physician has it again: to follow up, or, with advice, to decide anew."""
    said = Said(codes={"referral": ended.id, "how": ended.status})
    if ended.status is ReferralStatus.RETURNED:
        kind = "case.referral_returned"
        cases.step(work, case, CaseStatus.ACKNOWLEDGED, kind=kind, said=said)
        return
    after = cases.step(work, case, CaseStatus.FOLLOW_UP, kind="case.follow_up", said=said)
    _end_telling(work, after, ended)


def _end_telling(work: Work, case: Case, ended: Referral) -> None:
    """Whoever refuses or went elsewhere knows the result; that a hospital lost her ends nothing."""
    state = TOLD_BY.get(ended.status)
    is_own = work.actor.institution_id == case.institution_id
    if state is not None and (is_own or state is not TellingState.LOST):
        said = Outcome(state, reason=ended.end_reason)
        telling_ends.end_with_referral(work, case, said=said)
