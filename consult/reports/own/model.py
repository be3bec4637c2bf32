"""The requesting physician's own reading, locked before she sees the expert's (TRN-02)."""

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

LONGEST_WORDS: Final = 500
HIGHEST_GRADE: Final = 4


class Finding(enum.StrEnum):
    """What the short form says of one eye."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"
    REFERABLE = "referable"
    UNGRADABLE = "ungradable"


@dataclass(frozen=True, slots=True)
class EyeSaid:
    """One eye by her reading; the grade is hers to leave out."""

    finding: Finding
    icdr: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """What she wrote: an eye that she did not read is None, and not both of them are."""

    right: EyeSaid | None
    left: EyeSaid | None
    words: str = field(repr=False)

    def eye(self, eye: Eye) -> EyeSaid | None:
        """What she wrote of one eye."""
        return self.right if eye is Eye.RIGHT else self.left


@dataclass(frozen=True, slots=True)
class OwnReading:
    """Her reading as she locked it; `was_blind` says that no opinion was open to her side then."""

    case_id: CaseId
    author_id: PractitionerId
    institution_id: InstitutionId
    said: Said
    was_blind: bool
    locked_at: datetime


class WaitEnd(enum.StrEnum):
    """Why an opinion that was kept back was shown."""

    LOCKED = "locked"
    SKIPPED = "skipped"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Wait:
    """An opinion that is, or was, kept back until the requesting physician's own reading."""

    case_id: CaseId
    institution_id: InstitutionId
    since: datetime
    ended_at: datetime | None
    how: WaitEnd | None
    by_id: PractitionerId | None
