"""On the work list: second readings that could not wait, for the two who read such a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Work
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.second import at_once
from consult.reports.second.matters import SecondRules
from consult.reports.second.model import Part


@dataclass(frozen=True, slots=True)
class AtOnceRow:
    """One such case; `is_own_report` where the reader's own second reading became the report."""

    case_id: str
    number: str
    patient: Patient
    other: PersonName
    signed_at: datetime
    is_own_report: bool


def make_at_once(work: Work, *, rules: SecondRules) -> Sequence[AtOnceRow]:
    """The lines of the strip above the list."""
    found = at_once.list_at_once(work, rules=rules)
    known = patients.patients_by_id(work, {each.case.patient_id for each in found})
    names = practitioners.names_of(work, {each.other.report.author_id for each in found})
    return [
        AtOnceRow(
            case_id=each.case.id,
            number=each.case.number,
            patient=known[each.case.patient_id],
            other=names[each.other.report.author_id],
            signed_at=each.other.report.signed_at,
            is_own_report=each.other.part is Part.FIRST,
        )
        for each in found
        if each.case.patient_id in known
    ]
