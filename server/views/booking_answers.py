"""Slots, holds, appointments and referrals as JSON."""

from pydantic import BaseModel

from consult.calendar.clinics import Slot
from consult.referrals.calls import Call
from consult.referrals.records import Appointment, Referral
from consult.referrals.salvage import Salvage


class SlotAnswer(BaseModel):
    """One slot; times in UTC."""

    id: str
    clinic_id: str
    physician: str
    starts_at: str
    ends_at: str
    turn: int
    status: str


class HoldAnswer(BaseModel):
    """The slot that is kept for a case, and until when."""

    slot: SlotAnswer
    until: str


class ReleasedAnswer(BaseModel):
    """Whether there was anything to give back."""

    released: bool


class AppointmentAnswer(BaseModel):
    """One appointment."""

    id: str
    number: str
    referral_id: str
    slot_id: str | None
    starts_at: str
    turn: int
    place: str
    ticket: str
    status: str
    location: str


class ReferralAnswer(BaseModel):
    """Where a referral stands; `version` is sent back with the next step."""

    id: str
    number: str
    case_id: str
    status: str
    urgency: str
    due_on: str
    meets: str
    rule: str
    rule_version: str
    requeued_because: str
    answer_by: str
    version: int
    location: str


class CallAnswer(BaseModel):
    """One call; when in UTC."""

    id: str
    called_at: str
    whom: str
    result: str


class SalvageAnswer(BaseModel):
    """The follow-up of a missed visit; `version` is sent back with the next step."""

    referral_id: str
    case_id: str
    owner_id: str
    due_on: str
    outcome: str
    version: int
    location: str


class SalvagesAnswer(BaseModel):
    """The follow-ups of an institution."""

    salvages: list[SalvageAnswer]


def slot_as_json(slot: Slot) -> SlotAnswer:
    """One slot."""
    return SlotAnswer(
        id=slot.id,
        clinic_id=slot.clinic_id,
        physician=slot.physician_name,
        starts_at=slot.starts_at.isoformat(),
        ends_at=slot.ends_at.isoformat(),
        turn=slot.turn,
        status=slot.status,
    )


def hold_as_json(slot: Slot) -> HoldAnswer:
    """A held slot."""
    until = "" if slot.held_until is None else slot.held_until.isoformat()
    return HoldAnswer(slot=slot_as_json(slot), until=until)


def appointment_as_json(appointment: Appointment) -> AppointmentAnswer:
    """One appointment; its page is the slip."""
    return AppointmentAnswer(
        id=appointment.id,
        number=appointment.number,
        referral_id=appointment.referral_id,
        slot_id=appointment.slot_id,
        starts_at=appointment.starts_at.isoformat(),
        turn=appointment.turn,
        place=appointment.place,
        ticket=appointment.ticket,
        status=appointment.status,
        location=f"/appointments/{appointment.id}/slip",
    )


def referral_as_json(referral: Referral, *, location: str) -> ReferralAnswer:
    """One referral, without the patient's name."""
    return ReferralAnswer(
        id=referral.id,
        number=referral.number,
        case_id=referral.case_id,
        status=referral.status,
        urgency=referral.urgency,
        due_on=referral.due_on.isoformat(),
        meets=referral.assessment.meets,
        rule=referral.assessment.rule_name,
        rule_version=referral.assessment.rule_version,
        requeued_because=referral.requeued_because or "",
        answer_by="" if referral.answer_by is None else referral.answer_by.isoformat(),
        version=referral.revision,
        location=location,
    )


def call_as_json(call: Call) -> CallAnswer:
    """One call, without what was said."""
    called_at = call.called_at.isoformat()
    return CallAnswer(id=call.id, called_at=called_at, whom=call.whom, result=call.result)


def salvage_as_json(salvage: Salvage) -> SalvageAnswer:
    """One follow-up, without the patient's name."""
    return SalvageAnswer(
        referral_id=salvage.referral_id,
        case_id=salvage.case_id,
        owner_id=salvage.owner_id,
        due_on=salvage.due_on.isoformat(),
        outcome=salvage.outcome or "",
        version=salvage.revision,
        location=f"/salvages/{salvage.referral_id}",
    )
