"""The page on which a case is sent to another panel: where it may go, and how it came here."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.ids import CaseId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel, PanelChoice
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.queue import holding, service_leader, triage
from consult.queue.model import WAITING
from server.rules.rulebook import Rulebook
from server.views import return_card
from server.views.return_card import Way


@dataclass(frozen=True, slots=True)
class ForwardPage:
    """What the page shows."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    targets: Sequence[PanelChoice]
    experts: Sequence[tuple[PersonName, str, bool]]
    way: Way


def gather(work: Work, case_id: CaseId, rules: Rulebook) -> ForwardPage:
    """Read the page; the journal says who looked. Raises NotPanelLeaderError for others."""
    case = cases.open_case_page(work, case_id)
    panel = holding.require_triage(work, case)
    patient = patients.get_patient(work, case.patient_id)
    return ForwardPage(
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        namesake=patients.is_namesake(work, patient),
        targets=service_leader.list_targets(work, case_id=case_id),
        experts=_experts(work, case, panel),
        way=return_card.find_way(work, case, rules),
    )


def _experts(work: Work, case: Case, panel: Panel) -> list[tuple[PersonName, str, bool]]:
    """To whom the case can be given while it waits: name, id, and whether she is on duty now."""
    if case.status not in WAITING:
        return []
    found = triage.list_able(work, case, panel)
    names = practitioners.names_of(work, [person for person, _ in found])
    return [(names[person], person, is_there) for person, is_there in found]
