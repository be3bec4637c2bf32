"""Calls about a referral: when, who, with whom, and what came of it (U22)."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from consult.kernel.ids import CallId, InstitutionId, PractitionerId, ReferralId


class Spoken(enum.StrEnum):
    """Who was called."""

    PATIENT = "patient"
    FAMILY = "family"
    OTHER_SIDE = "other_side"


class CallResult(enum.StrEnum):
    """What came of a call."""

    REACHED = "reached"
    CALL_BACK = "call_back"
    NO_ANSWER = "no_answer"
    SWITCHED_OFF = "switched_off"
    WRONG_NUMBER = "wrong_number"


UNREACHED: Final = frozenset(
    {CallResult.NO_ANSWER, CallResult.SWITCHED_OFF, CallResult.WRONG_NUMBER}
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call, by one person of one side."""

    id: CallId
    referral_id: ReferralId
    institution_id: InstitutionId
    caller_id: PractitionerId
    called_at: datetime
    whom: Spoken
    result: CallResult
    note: str = field(repr=False)

    @property
    def is_try(self) -> bool:
        """Whether patient or family was called in vain."""
        return self.whom is not Spoken.OTHER_SIDE and self.result in UNREACHED


def days_of(calls: Iterable[Call], *, zone: str) -> set[date]:
    """On which days of this place calls were made."""
    return {call.called_at.astimezone(ZoneInfo(zone)).date() for call in calls}
