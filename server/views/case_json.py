"""Cases as JSON: one case, a list of them, what happened to one."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from consult.cases.model import ACCOUNTABLE, Case
from consult.journal.model import Line
from server.views.cases import CasesPage


class CaseAnswer(BaseModel):
    """One case as JSON."""

    id: str
    number: str
    status: str
    service_type: str
    priority: str
    priority_rule: str
    patient_id: str
    panel_id: str | None
    owner_id: str | None
    accountable: str
    submitted_at: str | None
    accept_by: str | None
    report_by: str | None
    question: str
    answers: dict[str, object]
    version: int
    location: str | None = None


class CaseLineAnswer(BaseModel):
    """One line of the list as JSON."""

    id: str
    number: str
    status: str
    service_type: str
    priority: str
    patient_name: str
    id_tail: str
    report_by: str | None


class CasesAnswer(BaseModel):
    """One tab as JSON; `before` continues it."""

    cases: list[CaseLineAnswer]
    before: str | None


class EventAnswer(BaseModel):
    """One thing that happened."""

    position: int
    kind: str
    at: str
    practitioner_id: str | None
    institution_id: str | None
    reason: str | None
    codes: dict[str, str | int | None]


class TimelineAnswer(BaseModel):
    """What happened, newest first."""

    events: list[EventAnswer]


def case_as_json(case: Case, *, location: str | None = None) -> dict[str, object]:
    """One case as JSON."""
    return CaseAnswer(
        id=case.id,
        number=case.number,
        status=case.status,
        service_type=case.service_type,
        priority=case.priority,
        priority_rule=case.priority_rule,
        patient_id=case.patient_id,
        panel_id=case.panel_id,
        owner_id=case.owner_id,
        accountable=ACCOUNTABLE[case.status],
        submitted_at=_iso(case.submitted_at),
        accept_by=_iso(case.accept_by),
        report_by=_iso(case.report_by),
        question=case.question,
        answers=dict(case.answers),
        version=case.revision,
        location=location,
    ).model_dump(exclude_none=location is None)


def list_as_json(page: CasesPage) -> dict[str, object]:
    """One tab as JSON."""
    lines = [
        CaseLineAnswer(
            id=line.case.id,
            number=line.case.number,
            status=line.case.status,
            service_type=line.case.service_type,
            priority=line.case.priority,
            patient_name=line.patient.name,
            id_tail=line.patient.tail,
            report_by=_iso(line.case.report_by),
        )
        for line in page.lines
    ]
    return CasesAnswer(cases=lines, before=page.older).model_dump()


def timeline_as_json(lines: Sequence[Line]) -> dict[str, object]:
    """The timeline as JSON, without the words that can be erased."""
    return TimelineAnswer(
        events=[
            EventAnswer(
                position=line.position,
                kind=line.kind,
                at=line.at.isoformat(),
                practitioner_id=line.practitioner_id,
                institution_id=line.institution_id,
                reason=line.reason,
                codes=dict(line.codes),
            )
            for line in lines
        ]
    ).model_dump()


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
