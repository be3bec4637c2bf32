"""Calls to a patient or her family: when, who, with whom, and what came of it (U5)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from consult.kernel.ids import InstitutionId, PractitionerId
from consult.reports.alerts.model import Called, Heard

_IN_VAIN: Final = frozenset({Heard.NO_ANSWER, Heard.SWITCHED_OFF, Heard.WRONG_NUMBER})
PATIENT_SIDE: Final = (Called.PATIENT, Called.FAMILY)
"""Who is called about a patient's own task."""


@dataclass(frozen=True, slots=True)
class PatientCall:
    """One call, by one person of the inviting side."""

    id: str
    task_id: str
    institution_id: InstitutionId
    caller_id: PractitionerId
    called_at: datetime
    whom: Called
    result: Heard
    note: str = field(repr=False)

    @property
    def is_in_vain(self) -> bool:
        """Whether nobody was reached."""
        return self.result in _IN_VAIN


def days_of(calls: Iterable[PatientCall], *, zone: str) -> set[date]:
    """On which days of this place calls were made."""
    return {call.called_at.astimezone(ZoneInfo(zone)).date() for call in calls}
