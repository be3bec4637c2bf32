"""Telling the patient in the demonstration: at the clinic, face to face."""

from consult.cases import service as cases
from consult.kernel.work import Work
from consult.reports.tellings import service as tellings
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings.model import TellingState, TellingWay
from consult.reports.tellings.service_end import Outcome
from server.demo.stage import Scene


def tell_in_person(work: Work, scene: Scene) -> None:
    """The patient is told what was found, where she does not know it yet."""
    case = cases.get_case(work, scene.case_id)
    for telling in tellings.list_of_case(work, case):
        if telling.is_open:
            telling_ends.end_telling(
                work,
                case_id=case.id,
                revision=telling.revision,
                said=Outcome(TellingState.TOLD, TellingWay.IN_PERSON),
                rules=scene.stage.rules.tellings,
            )
