"""A submission in advance: what it waits for, and what it does not wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consult.kernel.errors import FieldProblem
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

ON_ITS_WAY: Final = "uploads-running"
FILES_MISSING: Final = "files-missing"
_UNCONFIRMED: Final = "eyes-unconfirmed"
_GAP: Final = "image-missing"
_NONE: Final = "images-none"
_COMES_WITH_IT: Final = frozenset({ON_ITS_WAY, _UNCONFIRMED, _GAP, _NONE})


@dataclass(frozen=True, slots=True)
class Advance:
    """A case that goes by itself as soon as nothing is missing and nobody has changed it."""

    case_id: CaseId
    institution_id: InstitutionId
    practitioner_id: PractitionerId
    session_id: str | None
    revision: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether it is to be settled now; `why` is the code of what ends it, none while it waits."""

    is_due: bool
    why: str | None = None


def waits_for_files(problems: Sequence[FieldProblem]) -> bool:
    """Whether files are on their way, and all that is missing can come with them."""
    codes = {problem.code for problem in problems}
    return ON_ITS_WAY in codes and codes <= _COMES_WITH_IT


def why_ended(problems: Sequence[FieldProblem], *, unplaced: int) -> str | None:
    """Why a case to which no file is on its way cannot go by itself any more; None while it can.

    `unplaced` photographs may still be confirmed as what is missing. Whatever a person has to
    settle has not been seen by whoever submitted, and is named by its own code.
    """
    codes = [problem.code for problem in problems]
    gaps = codes.count(_GAP) + codes.count(_NONE)
    others = [code for code in codes if code not in _COMES_WITH_IT]
    if others:
        return others[0]
    return FILES_MISSING if gaps > unplaced else None
