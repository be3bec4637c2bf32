"""The readings of a case that was read twice, side by side, for whoever may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, JsonValue

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Work
from consult.people.practitioners.model import PersonName
from consult.reports.changes import find_changes
from consult.reports.second import readings
from consult.reports.second.model import Held
from consult.reports.second.readings import Adopted
from consult.reports.verify import content_of
from server.requests import Audience
from server.rules.rulebook import Rulebook
from server.views.report_changes import ChangeLine, change_lines
from server.views.report_summary import summary_lines
from server.views.report_words import Speech

_PAIR = (0, 1)
_SETTLED = frozenset({CaseStatus.ARBITRATION, CaseStatus.REPORT_REVIEW})
_TOLD = ("body", "outcome", "grades", "diagnoses", "sections")


@dataclass(frozen=True, slots=True)
class Readings:
    """What was found: the case, its readings and the readers' names."""

    case: Case
    held: Sequence[Held]
    names: Mapping[str, PersonName]
    settles: bool

    def differences(self, request: Audience) -> list[ChangeLine]:
        """What the second says otherwise than the first, in words; nothing of a single one."""
        if len(self.held) < len(_PAIR):
            return []
        first, second = (content_of(self.held[at].report) for at in _PAIR)
        return change_lines(Speech(request), find_changes(first, second))

    def columns(self, request: Audience) -> list[tuple[Held, PersonName, list[tuple[str, str]]]]:
        """Each reading with its reader and all that it says."""
        speech = Speech(request)
        return [
            (each, self.names[each.report.author_id], summary_lines(speech, _shown(each)))
            for each in self.held
        ]


class ReadingAnswer(BaseModel):
    """One signed reading; the patient is the case's and stands there."""

    id: str
    part: str
    author_id: str
    signed_at: str
    sha256: str
    content: dict[str, JsonValue]


class ReadingsAnswer(BaseModel):
    """The readings that the asker may see."""

    readings: list[ReadingAnswer]


class AdoptedAnswer(BaseModel):
    """The draft's new version, and the content that stood there before."""

    version: int
    replaced: dict[str, JsonValue]


def find_shown(work: Work, case: Case) -> Readings | None:
    """The readings that stand in the room of whoever settles or reviews the case, written down.

    None in every other room, where nothing of them is shown.
    """
    if case.status not in _SETTLED or not readings.list_readings(work, case.id):
        return None
    return open_page(work, case.id)


def make_part(work: Work, case: Case, _rules: Rulebook) -> Sequence[Held] | None:
    """The way to them on the case's page, for those of the panel who may see any."""
    if case.panel_id is None or case.panel_id not in work.actor.panel_ids:
        return None
    return readings.list_readings(work, case.id) or None


def open_page(work: Work, case_id: str) -> Readings:
    """The same, written down; NotFoundError where there is none for her."""
    return _of(work, case_id, readings.open_readings(work, case_id))


def as_json(found: Readings) -> Mapping[str, object]:
    """The readings as data."""
    return ReadingsAnswer(
        readings=[
            ReadingAnswer(
                id=each.report.id,
                part=each.part.value,
                author_id=each.report.author_id,
                signed_at=each.report.signed_at.isoformat(),
                sha256=each.report.sha256,
                content={key: _shown(each).get(key) for key in _TOLD},
            )
            for each in found.held
        ]
    ).model_dump()


def as_adopted(adopted: Adopted) -> Mapping[str, object]:
    """What a page needs to take the adoption back."""
    return {"version": adopted.draft.revision, "replaced": dict(adopted.replaced)}


def _of(work: Work, case_id: str, held: list[Held]) -> Readings:
    case = cases.get_case(work, case_id)
    settles = case.status in _SETTLED and case.owner_id == work.actor.practitioner_id
    return Readings(case, held, readings.names_of(work, held), settles)


def _shown(held: Held) -> Mapping[str, Any]:
    return content_of(held.report)
