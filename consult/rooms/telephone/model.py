"""What is kept of a consultation by telephone: why, with whom, when, and what came of it."""

import enum
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

MOST_CONSULTS: Final = 50
LONGEST_NAME: Final = 80
LONGEST_RESULT: Final = 4000


class TelephoneWhy(enum.StrEnum):
    """Why somebody telephoned instead of calling with a picture."""

    NOBODY_ANSWERED = "nobody_answered"
    NO_VIDEO = "no_video"
    CUT_OFF = "cut_off"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody says of a telephone call; `day` and `clock` are those of her institution.

    `with_id` is a person of the other side, else `with_name` says who it was.
    """

    why: TelephoneWhy
    with_id: str
    with_name: str
    day: date
    clock: time
    result: str


@dataclass(frozen=True, slots=True)
class TelephoneConsult:
    """One consultation by telephone; it never changes, and another one may stand beside it."""

    id: str
    case_id: CaseId
    author_id: PractitionerId
    institution_id: InstitutionId
    why: TelephoneWhy
    with_id: PractitionerId | None
    with_name: str
    spoken_at: datetime
    result: str
    written_at: datetime
