"""A submission in advance: what it waits for, and what it does not wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consult.kernel.errors import FieldProblem
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

ON_ITS_WAY: Final = "uploads-running"
_COMES_WITH_IT: Final = frozenset({ON_ITS_WAY, "eyes-unconfirmed", "image-missing", "images-none"})


@dataclass(frozen=True, slots=True)
class Advance:
    """A case that goes by itself as soon as nothing is missing and nobody has changed it."""

    case_id: CaseId
    institution_id: InstitutionId
    practitioner_id: PractitionerId
    session_id: str | None
    revision: int
    asked_at: datetime


def waits_for_files(problems: Sequence[FieldProblem]) -> bool:
    """Whether files are on their way, and all that is missing can come with them."""
    codes = {problem.code for problem in problems}
    return ON_ITS_WAY in codes and codes <= _COMES_WITH_IT
