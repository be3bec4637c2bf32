"""The attendance sheet of a case's calls, as it is printed and signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.rooms import service as rooms
from consult.rooms.rights import Talks
from server.rules.rulebook import Rulebook
from server.views import telephone_card
from server.views.calls_card import Call, list_calls
from server.views.telephone_card import TelephoneCall


@dataclass(frozen=True, slots=True)
class CallSheet:
    """Every call of a case, by video and by telephone, the newest first."""

    case: Case
    patient: Patient
    age: int
    inviting: Institution
    calls: Sequence[Call]
    telephoned: Sequence[TelephoneCall]
    now: datetime


def make_sheet(work: Work, case_id: str, *, rules: Rulebook, talks: Talks) -> CallSheet:
    """The sheet; raises NotFoundError and RoomCaseClosedError."""
    case = rooms.get_case_with_room(work, case_id, talks=talks)
    patient = patients.get_patient(work, case.patient_id)
    return CallSheet(
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        inviting=organisations.get_institution(work, case.institution_id),
        calls=list_calls(work, case, rules),
        telephoned=telephone_card.list_calls(work, case),
        now=work.now,
    )
