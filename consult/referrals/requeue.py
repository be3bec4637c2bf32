"""A referral that lost its appointment asks again: nothing is cancelled in silence (REF-03)."""

from datetime import datetime

from consult.cases.service import Said
from consult.kernel.work import Work
from consult.referrals import service as referrals
from consult.referrals.model import REFERRAL_AFTER, AppointmentStatus, RequeueCause
from consult.referrals.records import Appointment, Referral
from consult.referrals.rules import BookingRules

_KINDS = {
    RequeueCause.STOPPED: (AppointmentStatus.CANCELLED, "referral.requeued"),
    RequeueCause.CANCELLED: (AppointmentStatus.CANCELLED, "referral.unbooked"),
    RequeueCause.NOSHOW: (AppointmentStatus.NOSHOW, "referral.noshow"),
}


def requeue(
    work: Work,
    referral: Referral,
    appointment: Appointment,
    *,
    because: RequeueCause,
    answer_by: datetime | None = None,
    reason: str = "",
) -> Referral:
    """Put the referral of an appointment that has ended back among those to be booked."""
    ended, kind = _KINDS[because]
    return referrals.move(
        work,
        referral,
        REFERRAL_AFTER[ended],
        kind=kind,
        said=Said(
            codes={
                "appointment": appointment.id,
                "because": because,
                "answer_by": None if answer_by is None else answer_by.isoformat(),
            },
            words={"reason": reason} if reason else {},
        ),
        requeued_at=work.now,
        requeued_because=because,
        was_booked_at=appointment.booked_at,
        answer_by=answer_by,
        escalated_at=None,
    )


def promised_by(work: Work, referral: Referral, *, rules: BookingRules) -> datetime:
    """Until when the office has a time for a patient whom it books itself."""
    return work.now + rules.periods.answer_within[referral.urgency]
