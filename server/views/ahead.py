"""Which pictures of the next cases a reader's page may load while she reads (VW-09)."""

from typing import Final

from pydantic import BaseModel

from consult.cases.model import Case
from consult.kernel.ids import CaseId
from consult.kernel.work import Work
from consult.queue import evening
from consult.queue import service as queue
from server.rules.rulebook import Rulebook
from server.views.films import Film, films_of

CASES: Final = 2
PICTURES: Final = 8


class AheadFilm(BaseModel):
    """Where one picture is, as its page will ask for it."""

    preview: str
    instance: str
    frames: int


class AheadCase(BaseModel):
    """A case to come."""

    case_id: str
    films: list[AheadFilm]


class AheadAnswer(BaseModel):
    """The next cases of the row, in order."""

    cases: list[AheadCase]


def list_ahead(work: Work, *, case_id: CaseId, rules: Rulebook) -> AheadAnswer:
    """The next two cases of the row; those that open first come first. Nothing is opened by it."""
    case, _claim = queue.require_claim(work, case_id)
    row = rules.queue.row
    found: list[Case] = []
    if case.service_type in row.service_types:
        found = evening.list_next(work, after=case, rules=row, limit=CASES)
    return AheadAnswer(
        cases=[AheadCase(case_id=each.id, films=_films(work, each, rules)) for each in found]
    )


def _films(work: Work, case: Case, rules: Rulebook) -> list[AheadFilm]:
    films = films_of(work, case, rules.cases.protocol_of(case.service_type))
    shown = sorted((film for film in films if film.has_picture and film.side), key=_last)
    return [
        AheadFilm(preview=film.urls.preview, instance=film.address, frames=film.frames)
        for film in shown[:PICTURES]
    ]


def _last(film: Film) -> bool:
    return not film.is_first
