"""An opinion of one participant of a call, signed by her (VID-06)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.people.practitioners.model import PersonName

LONGEST_OPINION: Final = 4000
MOST_OPINIONS: Final = 100
"""So many are kept of one call, all wordings of everybody."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody thinks of which call."""

    room_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One wording: the bytes that were signed, and what they say; `number` counts hers from 1."""

    id: str
    case_id: CaseId
    room_id: str
    number: int
    amends_id: str | None
    author_id: PractitionerId
    author: PersonName
    institution_id: InstitutionId
    signed_at: datetime
    text: str = field(repr=False)
    content: bytes = field(repr=False)
    sha256: str
    signature: bytes = field(repr=False)
    seal_id: str
