"""A message in a room."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consult.kernel.ids import InstitutionId

MOST_WORDS: Final = 500
LONGEST_WORD: Final = 1000


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody wrote in a room, and when."""

    id: str
    room_id: str
    person_id: str
    institution_id: InstitutionId
    said_at: datetime
    text: str = field(repr=False)
