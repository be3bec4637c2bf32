"""What the pages of booking, the referral office and the slot pool send."""

from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from consult.calendar.model import BookingMode, Half
from consult.calendar.service_hold import MOST_WANTED
from consult.calendar.service_publish import MOST_WITHDRAWN
from consult.referrals.calls import CallResult, Spoken
from consult.referrals.model import ReferralStatus
from consult.referrals.salvage import SalvageOutcome
from consult.reports.model import ReferralUrgency
from server.forms import Body, Id, Line, Text
from server.typed import Day, Version

Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Annotated[int, Strict(), Field(ge=1, le=7)]
Minutes = Annotated[int, Strict(), Field(ge=1, le=1440)]
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9+() -]{3,40}$", strip_whitespace=True)]
Consent = Annotated[bool, Strict()]


class HoldBody(Body):
    """Slots in the order in which they are wanted."""

    slot_ids: list[Id] = Field(min_length=1, max_length=MOST_WANTED)


class WishBody(Body):
    """A referral as it stands on the page."""

    urgency: ReferralUrgency
    reason: Text = ""
    consent: Consent = False


class ReferBody(WishBody):
    """The same, to a clinic where no time is chosen yet."""

    clinic_id: Id


class BookBody(WishBody):
    """The same, with the slot that is held; its clinic is the one referred to."""

    slot_id: Id


class EndBeforeBody(Body):
    """How a referral ended before any hospital was asked, and why."""

    how: Literal[
        ReferralStatus.PATIENT_DECLINED,
        ReferralStatus.OUTSIDE,
        ReferralStatus.LOST,
        ReferralStatus.CANCELLED,
    ]
    reason: Text = ""


class ConfirmBody(Body):
    """The slot that is held, and the appointment that is given up for it where there is one."""

    slot_id: Id
    replaces: Id | None = None


class CancelBody(Body):
    """Why the appointment is taken back."""

    version: Version
    reason: Text = ""


class EndBody(Body):
    """How a referral ends without a visit, and why."""

    version: Version
    how: Literal[
        ReferralStatus.DECLINED,
        ReferralStatus.RETURNED,
        ReferralStatus.PATIENT_DECLINED,
        ReferralStatus.LOST,
        ReferralStatus.OUTSIDE,
        ReferralStatus.CANCELLED,
    ]
    reason: Text = ""


class StepBody(Body):
    """A step of the office on a referral as it stood on the page."""

    version: Version


class AcceptBody(Body):
    """The office takes the patient; the time follows."""

    version: Version
    note: Text = ""


class UpgradeBody(Body):
    """A more urgent request than was asked for, and why."""

    version: Version
    urgency: ReferralUrgency
    reason: Text = ""


class RedirectBody(Body):
    """Another clinic, why, and the patient's consent where it is another hospital's."""

    version: Version
    clinic_id: Id
    reason: Text = ""
    consent: Consent = False


class OutcomeBody(Body):
    """What the visit showed."""

    version: Version
    diagnosis: Text = ""
    findings: Text = ""
    advice: Text = ""


class WriteBackBody(Body):
    """What the desk booked in the hospital's own system, for a page as it stood."""

    version: Version
    day: Day
    at: Clock
    place: Annotated[Text, Field(max_length=200)] = ""
    ticket: Annotated[Text, Field(max_length=40)] = ""
    physician_name: Annotated[Text, Field(max_length=80)] = ""
    replaces: Id | None = None


class CallBody(Body):
    """A call that was just made."""

    whom: Spoken
    result: CallResult
    note: Text = ""


class SalvageBody(Body):
    """How the follow-up of a missed visit came out without another appointment."""

    version: Version
    outcome: Literal[SalvageOutcome.REFUSED, SalvageOutcome.LOST, SalvageOutcome.ELSEWHERE]
    reason: Text = ""
    risk_told: Consent = False


class ClinicBody(Body):
    """What is written of a clinic."""

    name: Line
    name_en: Annotated[Text, Field(max_length=200)] = ""
    department: Line
    department_en: Annotated[Text, Field(max_length=200)] = ""
    address: Line
    address_en: Annotated[Text, Field(max_length=200)] = ""
    phone: Phone
    notes: Annotated[Text, Field(max_length=500)] = ""
    mode: BookingMode = BookingMode.DIRECT


class ClinicChangeBody(ClinicBody):
    """The same of a clinic as it stood on the page."""

    version: Version


class PublishBody(Body):
    """When a clinic offers slots: wall-clock times at the hospital."""

    day_from: Day
    day_until: Day
    weekdays: list[Weekday] = Field(default=[], max_length=7)
    start: Clock
    end: Clock
    minutes: Minutes
    physician_id: Id | None = None
    physician_name: Annotated[Text, Field(max_length=80)] = ""


class WithdrawBody(Body):
    """Slots to be taken back."""

    slot_ids: list[Id] = Field(min_length=1, max_length=MOST_WITHDRAWN)


class StopBody(Body):
    """What does not take place: slots by their ids, or a day or half-day; and why."""

    slot_ids: list[Id] = Field(default=[], max_length=MOST_WITHDRAWN)
    day: Day | None = None
    half: Half | None = None
    reason: Text = ""
