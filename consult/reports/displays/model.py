"""A display that its reader has looked at with the test pattern (VW-10)."""

from dataclasses import dataclass
from datetime import datetime

from consult.kernel.ids import PractitionerId


@dataclass(frozen=True, slots=True)
class DisplayCheck:
    """One look at the pattern; `display` is the screen's size in pixels, as the page tells it."""

    id: str
    practitioner_id: PractitionerId
    display: str
    passed: bool
    checked_at: datetime
