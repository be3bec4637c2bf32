"""The referral and its appointment: statuses, steps, and the loop that must close (REF-12)."""

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import ConflictError
from consult.kernel.ids import AppointmentId, ReferralId


class ReferralStatus(enum.StrEnum):
    """Where a referral stands."""

    REQUESTED = "requested"
    BOOKED = "booked"
    SEEN = "seen"
    DECLINED = "declined"
    RETURNED = "returned"
    PATIENT_DECLINED = "patient_declined"
    LOST = "lost"
    OUTSIDE = "outside"
    CANCELLED = "cancelled"


class AppointmentStatus(enum.StrEnum):
    """Where one appointment stands; a rescheduled one is followed by another."""

    PROPOSED = "proposed"
    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    ARRIVED = "arrived"
    NOSHOW = "noshow"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class Triage(enum.StrEnum):
    """What the office said last of a request that it keeps, or sent on (REF-06)."""

    ACCEPTED = "accepted"
    REDIRECTED = "redirected"
    UPGRADED = "upgraded"


class RequeueCause(enum.StrEnum):
    """Why a referral that had an appointment asks for another one."""

    STOPPED = "stopped"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


_R = ReferralStatus
_A = AppointmentStatus
# A returned one came back with advice: whoever asked decides anew, and may ask again.
_GIVEN_UP = frozenset(
    {_R.DECLINED, _R.RETURNED, _R.PATIENT_DECLINED, _R.LOST, _R.OUTSIDE, _R.CANCELLED}
)

NEXT_REFERRAL_STATUS: Final[Mapping[ReferralStatus, frozenset[ReferralStatus]]] = MappingProxyType(
    {
        _R.REQUESTED: _GIVEN_UP | {_R.BOOKED},
        # Back to requested when its appointment was cancelled or missed: somebody must act.
        _R.BOOKED: _GIVEN_UP | {_R.SEEN, _R.REQUESTED},
        _R.SEEN: frozenset(),
        _R.DECLINED: frozenset(),
        _R.RETURNED: frozenset(),
        _R.PATIENT_DECLINED: frozenset(),
        _R.LOST: frozenset(),
        _R.OUTSIDE: frozenset(),
        _R.CANCELLED: frozenset(),
    }
)
REFERRAL_ENDS: Final = _GIVEN_UP | {_R.SEEN}

NEXT_APPOINTMENT_STATUS: Final[Mapping[AppointmentStatus, frozenset[AppointmentStatus]]] = (
    MappingProxyType(
        {
            _A.PROPOSED: frozenset({_A.BOOKED, _A.CANCELLED}),
            _A.BOOKED: frozenset({_A.RESCHEDULED, _A.ARRIVED, _A.NOSHOW, _A.CANCELLED}),
            _A.ARRIVED: frozenset({_A.FULFILLED}),
            _A.RESCHEDULED: frozenset(),
            _A.NOSHOW: frozenset(),
            _A.FULFILLED: frozenset(),
            _A.CANCELLED: frozenset(),
        }
    )
)
APPOINTMENT_ENDS: Final = frozenset({_A.RESCHEDULED, _A.NOSHOW, _A.FULFILLED, _A.CANCELLED})

# Where the referral stands after its appointment moved: no appointment ends without this.
REFERRAL_AFTER: Final[Mapping[AppointmentStatus, ReferralStatus]] = MappingProxyType(
    {
        _A.PROPOSED: _R.REQUESTED,
        _A.BOOKED: _R.BOOKED,
        _A.RESCHEDULED: _R.BOOKED,
        _A.ARRIVED: _R.BOOKED,
        _A.NOSHOW: _R.REQUESTED,
        _A.FULFILLED: _R.SEEN,
        _A.CANCELLED: _R.REQUESTED,
    }
)


class ReferralStepNotAllowedError(ConflictError):
    """The referral has moved on since the page was drawn."""

    def __init__(self, referral_id: ReferralId, have: ReferralStatus, want: ReferralStatus) -> None:
        super().__init__("referral-step-not-allowed", referral_id=referral_id, have=have, want=want)
        self.referral_id, self.have, self.want = referral_id, have, want


class AppointmentStepNotAllowedError(ConflictError):
    """The appointment has moved on since the page was drawn."""

    def __init__(
        self, appointment_id: AppointmentId, have: AppointmentStatus, want: AppointmentStatus
    ) -> None:
        super().__init__(
            "appointment-step-not-allowed", appointment_id=appointment_id, have=have, want=want
        )
        self.appointment_id, self.have, self.want = appointment_id, have, want


def is_live(status: ReferralStatus) -> bool:
    """Whether somebody still has to bring this referral to its end."""
    return status not in REFERRAL_ENDS


def is_loop_closed(statuses: Iterable[ReferralStatus]) -> bool:
    """Whether no referral of a case is still under way, so that the case may close."""
    return not any(is_live(status) for status in statuses)


def require_referral_step(
    referral_id: ReferralId, *, have: ReferralStatus, want: ReferralStatus
) -> None:
    """Raise ReferralStepNotAllowedError unless the table has this step."""
    if want not in NEXT_REFERRAL_STATUS[have]:
        raise ReferralStepNotAllowedError(referral_id, have, want)


def require_appointment_step(
    appointment_id: AppointmentId, *, have: AppointmentStatus, want: AppointmentStatus
) -> None:
    """Raise AppointmentStepNotAllowedError unless the table has this step."""
    if want not in NEXT_APPOINTMENT_STATUS[have]:
        raise AppointmentStepNotAllowedError(appointment_id, have, want)
