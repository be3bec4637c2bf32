"""What the actor's panels must read again, on their list: her own first."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import rereads


@dataclass(frozen=True, slots=True)
class RereadRow:
    """One report that must be read again."""

    case_id: str
    number: str
    report_id: str
    version: int
    patient: Patient
    since: datetime
    reader: PersonName | None
    is_mine: bool


class RereadAnswer(BaseModel):
    """One report that must be read again, without the patient's name."""

    case_id: str
    number: str
    report_id: str
    version: int
    since: str
    is_mine: bool


class RereadsAnswer(BaseModel):
    """Every such report of the actor's panels."""

    rereads: list[RereadAnswer]


def make_rereads(work: Work) -> list[RereadRow]:
    """The rows of the strip above the list."""
    found = rereads.list_rereads(work)
    known = patients.patients_by_id(work, {each.case.patient_id for each in found})
    names = practitioners.names_of(
        work, {each.reader_id for each in found if each.reader_id is not None}
    )
    return [
        RereadRow(
            case_id=each.case.id,
            number=each.case.number,
            report_id=each.report.id,
            version=each.report.version,
            patient=known[each.case.patient_id],
            since=each.since,
            reader=names.get(each.reader_id or ""),
            is_mine=each.reader_id == work.actor.practitioner_id,
        )
        for each in found
        if each.case.patient_id in known
    ]


def as_answer(rows: list[RereadRow]) -> RereadsAnswer:
    """The same as data."""
    return RereadsAnswer(
        rereads=[
            RereadAnswer(
                case_id=row.case_id,
                number=row.number,
                report_id=row.report_id,
                version=row.version,
                since=row.since.isoformat(),
                is_mine=row.is_mine,
            )
            for row in rows
        ]
    )
