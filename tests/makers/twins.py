"""Decided cases that differ in nothing but id and number, for races: of one person, or of many."""

from typing import Any

from sqlalchemy import select

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.cases.tables import CaseRow
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.people.patients.tables import PatientRow
from consult.reports.tables import DecisionRow, ReportRow


def make_decided_twins(
    work: Work, *, case_id: str, count: int, of_one_person: bool = True
) -> list[str]:
    """Twins of a decided case, each with a report and a decision of its own."""
    session = work.session
    case = session.get_one(CaseRow, case_id)
    report = session.scalars(select(ReportRow).where(ReportRow.case_id == case_id)).one()
    decision = session.scalars(select(DecisionRow).where(DecisionRow.case_id == case_id)).one()
    made = []
    for _ in range(count):
        twin, own = new_id(), new_id()
        patient_id = case.patient_id if of_one_person else _make_patient(work, case.patient_id)
        session.add(copy_row(case, id=twin, number=twin[-20:], patient_id=patient_id))
        session.add(copy_row(report, id=own, case_id=twin))
        session.add(copy_row(decision, id=new_id(), case_id=twin, report_id=own))
        home, lead = case.institution_id, report.institution_id
        report_ref = Ref(ObjectType.REPORT, own)
        access.keep(work, Ref(ObjectType.CASE, twin), custodian=(Party.INSTITUTION, home))
        access.keep(work, report_ref, custodian=(Party.INSTITUTION, lead))
        access.grant(work, report_ref, to=(Party.INSTITUTION, home), why="case")
        made.append(twin)
    return made


def copy_row(row: Any, **changes: Any) -> Any:
    """A row like this one, apart from the changes."""
    columns = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return type(row)(**{**columns, **changes})


def copy_patient(work: Work, patient_id: str, **changes: Any) -> str:
    """Another record like this one, held by the institution that it names."""
    row, made = work.session.get_one(PatientRow, patient_id), new_id()
    told = {"id": made, "local_number": made[-20:], **changes}
    copy = copy_row(row, **told)
    work.session.add(copy)
    work.session.flush()
    access.keep(
        work,
        Ref(ObjectType.PATIENT, made),
        custodian=(Party.INSTITUTION, copy.institution_id),
    )
    return made


def _make_patient(work: Work, patient_id: str) -> str:
    return copy_patient(work, patient_id, person_hash=new_id(), number_hash=new_id())
