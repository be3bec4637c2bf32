"""How referrals go in the demonstration: booked by the clinic, seen by the hospital, closed."""

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Stop
from consult.cases import service as cases
from consult.kernel.work import Work
from consult.referrals import service as referrals
from consult.referrals import (
    service_book,
    service_calls,
    service_desk,
    service_end,
    service_open,
    service_stop,
)
from consult.referrals.calls import CallResult, Spoken
from consult.referrals.proposal import propose
from consult.referrals.records import Referral, ReferralRequest, VisitOutcome
from server.demo.stage import Scene
from server.demo.telling_acts import tell_in_person


def refer(work: Work, scene: Scene) -> None:
    """Refer with the report's own words; the appointment is still to be found."""
    rules = scene.stage.rules.booking.referrals
    service_open.open_referral(work, case_id=scene.case_id, wish=_wish(work, scene), rules=rules)


def book(work: Work, scene: Scene) -> None:
    """Hold the planned appointment, refer, and book it."""
    plan, book = scene.case.slot, scene.stage.rules.booking
    if plan is None:
        raise LookupError(scene.case.key)
    clinic = calendar.get_clinic(work, scene.world.clinics[plan.clinic])
    offered = calendar.list_slots(work, clinics=[clinic], since=plan.starts_at, until=plan.ends_at)
    slot = next(each for each in offered if each.starts_at == plan.starts_at)
    service_hold.hold_slot(work, slot_id=slot.id, case_id=scene.case_id, limits=book.holds)
    wish = _wish(work, scene)
    service_book.refer_and_book(
        work, case_id=scene.case_id, slot_id=slot.id, wish=wish, rules=book.referrals
    )


def stop(work: Work, scene: Scene) -> None:
    """The clinic's day does not take place; the patient waits for another time."""
    plan = scene.case.slot
    if plan is None:
        raise LookupError(scene.case.key)
    clinic_id = scene.world.clinics[plan.clinic]
    told = Stop(reason="专家外出参加学术会议", day=plan.starts_at.date())
    rules = scene.stage.rules.booking.referrals
    service_stop.stop_clinic(work, clinic_id=clinic_id, stop=told, rules=rules)


def miss(work: Work, scene: Scene) -> None:
    """The patient did not come; the inviting side follows up."""
    referral, rules = _referral(work, scene), scene.stage.rules.booking.referrals
    service_desk.mark_noshow(work, referral_id=referral.id, revision=referral.revision, rules=rules)


def call(work: Work, scene: Scene) -> None:
    """The clinic calls, and nobody answers."""
    service_calls.log_call(
        work,
        referral_id=_referral(work, scene).id,
        whom=Spoken.PATIENT,
        result=CallResult.NO_ANSWER,
        note="上午、下午各拨打一次",
    )


def arrive(work: Work, scene: Scene) -> None:
    """The patient is there."""
    referral = _referral(work, scene)
    service_desk.mark_arrived(work, referral_id=referral.id, revision=referral.revision)


def record_outcome(work: Work, scene: Scene) -> None:
    """The hospital tells what the visit showed."""
    plan, referral = scene.case.outcome, _referral(work, scene)
    if plan is None:
        raise LookupError(scene.case.key)
    service_desk.record_outcome(
        work,
        referral_id=referral.id,
        revision=referral.revision,
        outcome=VisitOutcome(plan.diagnosis, plan.findings, plan.advice),
    )


def close(work: Work, scene: Scene) -> None:
    """The clinic closes the case, once the patient was told what was found."""
    tell_in_person(work, scene)
    case = cases.get_case(work, scene.case_id)
    service_end.close_case(work, case_id=case.id, revision=case.revision)


def _referral(work: Work, scene: Scene) -> Referral:
    return referrals.list_referrals(work, scene.case_id)[0]


def _wish(work: Work, scene: Scene) -> ReferralRequest:
    """The referral as the report fills it in, with the patient's consent."""
    if scene.case.clinic is None:
        raise LookupError(scene.case.key)
    rules = scene.stage.rules.booking.referrals
    proposal = propose(work, case_id=scene.case_id, rules=rules)
    return ReferralRequest(
        clinic_id=scene.world.clinics[scene.case.clinic],
        urgency=proposal.urgency,
        reason=proposal.reason,
        consent=True,
    )
