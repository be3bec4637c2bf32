"""The page from which marks leave the house, and whether a reader is led there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consult.access import policy
from consult.access.model import Action, Ref
from consult.annotations import service as annotations
from consult.annotations.frames import MarkedFrame, frames_of
from consult.annotations.model import Revision
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.marks_out import Source, list_sources
from consult.reports.second.matters import SecondRules
from server.rules.rulebook import Rulebook

NEEDED: Final = (Action.EXPORT_MARKS, Action.SEE_IMAGE, Action.SEE_NAME)
"""The words at a mark may name the patient."""


@dataclass(frozen=True, slots=True)
class SourceShown:
    """One reader's marks, and the frames on which they stand."""

    source: Source
    author: PersonName
    is_mine: bool
    frames: Sequence[tuple[CaseImage, MarkedFrame]]


@dataclass(frozen=True, slots=True)
class MarksPage:
    """Whose case it is, and what there is to take."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    sources: Sequence[SourceShown]
    revisions: Sequence[Revision]
    revision: int | None


def may_take(work: Work, ref: Ref, rules: Rulebook) -> bool:
    """Whether the marks of this case or report may leave the house in the actor's name."""
    permits = all(rules.roles.permits(work.actor, action) for action in NEEDED)
    return permits and policy.may_take_out(work, ref)


def find(work: Work, *, case_id: str, revision: str, second: SecondRules | None) -> MarksPage:
    """The marks of a case that the actor may see, and the journal says who looked.

    A `revision` that is none of the kept ones gives the current one. Raises NotFoundError.
    """
    case = cases.get_case(work, case_id)
    cases.note_opened(work, case)
    patient = patients.get_patient(work, case.patient_id)
    today = organisations.get_institution(work, case.institution_id).local_day(work.now)
    kept = annotations.list_own_revisions(work, case)
    wanted = next((each.number for each in kept if str(each.number) == revision), None)
    sources = list_sources(work, case, second=second, revision=wanted)
    return MarksPage(
        case,
        patient,
        patient.age_on(today),
        patients.is_namesake(work, patient),
        _shown(work, case, sources),
        kept,
        wanted,
    )


def _shown(work: Work, case: Case, sources: Sequence[Source]) -> list[SourceShown]:
    canvases = annotations.marked_canvases(work, case)
    by_id = {image.id: image for image in images.list_every_image(work, case.id)}
    names: Mapping[str, PersonName] = practitioners.names_of(
        work, {source.reader_id for source in sources}
    )
    return [
        SourceShown(
            source,
            names.get(source.reader_id, PersonName("", "", "")),
            source.report is None and source.reader_id == work.actor.practitioner_id,
            [
                (by_id[marked.image_id], marked)
                for marked in frames_of(source.drawing, canvases, author_id=source.reader_id)
            ],
        )
        for source in sources
    ]
