"""The pictures of a case that a call looks at together, in the order of the reading room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import ConflictError, ForbiddenError
from consult.kernel.work import Work
from consult.reports.service import require_writing
from server.media.tokens import Sight
from server.rules.rulebook import Rulebook
from server.views.films import Film, films_of

_TAKEN_BY: Final = (Action.DOWNLOAD_ORIGINAL, Action.SEE_IMAGE, Action.SEE_NAME)
"""As the doors of frames ask it (`server/dicomweb/leaving.py`)."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What one person may see, show and keep of the pictures; `sight` is look or show.

    `may_take` is whether the page may have the stored pixels; else the server draws each frame.
    """

    films: Sequence[Film]
    sight: str
    may_keep: bool
    may_take: bool


def make_looks(work: Work, case: Case, rules: Rulebook, sight: Sight) -> Looks | None:
    """What the page shows; None for whoever may see no picture."""
    if sight is Sight.NONE:
        return None
    films = films_of(work, case, rules.cases.protocol_of(case.service_type))
    return Looks(
        films=[film for film in films if film.has_picture],
        sight=sight.value,
        may_keep=_may_keep(work, case, rules),
        may_take=all(rules.roles.permits(work.actor, each) for each in _TAKEN_BY),
    )


def list_shared(work: Work, case_id: str) -> list[Film]:
    """Those with a picture that the actor may see; raises NotFoundError."""
    films = films_of(work, cases.get_case(work, case_id), None)
    return [film for film in films if film.has_picture]


def _may_keep(work: Work, case: Case, rules: Rulebook) -> bool:
    """Whether lines may become the actor's own marks: as she may draw in the reading room."""
    if not rules.roles.permits(work.actor, Action.WRITE_REPORT):
        return False
    try:
        require_writing(work, case)
    except (ConflictError, ForbiddenError):
        return False
    return True
