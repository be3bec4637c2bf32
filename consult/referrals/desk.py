"""The lists of the referral office (双向转诊办公室), and what stands out on them."""

import enum
from dataclasses import dataclass
from datetime import date, datetime

from consult.calendar.clinics import Slot
from consult.referrals.model import ReferralStatus
from consult.referrals.records import Appointment, Referral


class DeskView(enum.StrEnum):
    """One tab of the office: waiting, under way, red, to be re-booked, asked for, today, done."""

    WAITING = "waiting"
    OPEN = "open"
    RED = "red"
    REBOOK = "rebook"
    ASKED = "asked"
    TODAY = "today"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One referral of the office's list, with its newest appointment and times to offer."""

    referral: Referral
    appointment: Appointment | None
    offers: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskDay:
    """The moment and the day at the office, and until which due date it is warned."""

    now: datetime
    red_until: date
    begins_at: datetime
    over_at: datetime


def is_red(referral: Referral, *, today: date, soon_days: int, now: datetime) -> bool:
    """Not booked, and due within the days of the rules, or not answered in time (REF-05, U22)."""
    if referral.status is not ReferralStatus.REQUESTED:
        return False
    return (referral.due_on - today).days <= soon_days or is_unanswered(referral, now=now)


def is_unanswered(referral: Referral, *, now: datetime) -> bool:
    """Whether the time until which the office promised an appointment has passed."""
    waits = referral.status is ReferralStatus.REQUESTED
    return waits and referral.answer_by is not None and referral.answer_by <= now
