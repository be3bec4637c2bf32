"""A text that one expert keeps for herself, to be put into a report by a click."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consult.kernel.ids import PractitionerId
from consult.reports.forms import RequiredPart

MOST_PHRASES: Final = 100
LONGEST_PHRASE: Final = 500
PARTS: Final = (
    *(RequiredPart.IMPRESSION, RequiredPart.ANSWER),
    *(RequiredPart.ADVICE, RequiredPart.LIMITS),
)
"""The parts of a report that are written in words."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of its owner's, for one part of the report."""

    id: str
    owner_id: PractitionerId
    part: RequiredPart
    text: str = field(repr=False)
    revision: int
    changed_at: datetime
