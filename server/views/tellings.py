"""Patients to be told (待告知患者): the list, and one patient with what was tried so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals.records import Appointment, Referral
from consult.reports import service as reports
from consult.reports.tellings import service as tellings
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings.calls import PatientCall
from consult.reports.tellings.model import (
    Telling,
    TellingKind,
    TellingRules,
    TellingView,
    Tries,
)
from consult.reports.versions import Report


@dataclass(frozen=True, slots=True)
class TellingLine:
    """One patient of the list; `phone` is empty for whoever may not see names."""

    telling: Telling
    patient: Patient
    age: int
    namesake: bool
    phone: str
    owner: PersonName | None
    ended_by: PersonName | None
    calls: int
    is_over: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class TellingsPage:
    """One tab of the list: who is told singly, who may be told together; `count` are all open.

    `more` do not stand on the page; `most` may be told by one act.
    """

    view: TellingView
    count: int
    singly: Sequence[TellingLine]
    together: Sequence[TellingLine]
    more: int
    most: int


@dataclass(frozen=True, slots=True)
class TellingPage:
    """One patient: what is to be told, whom to call, what was tried, how the referral stands."""

    telling: Telling
    case: Case
    patient: Patient
    age: int
    namesake: bool
    phone: str
    report: Report
    is_received: bool
    owner: PersonName | None
    ended_by: PersonName | None
    is_mine: bool
    is_over: bool
    calls: Sequence[PatientCall]
    names: Mapping[str, PersonName]
    tries: Tries
    referral: Referral | None
    coming: Appointment | None


class TellingAnswer(BaseModel):
    """A patient to be told, without her name; `location` is where one goes on."""

    case_id: str
    number: str
    kind: str
    state: str
    way: str
    due_on: str
    owner_id: str
    calls: int
    version: int
    location: str = ""


class TellingsAnswer(BaseModel):
    """One tab of the list as JSON; `more` stand behind these."""

    more: int
    tellings: list[TellingAnswer]


class OpenCountAnswer(BaseModel):
    """How many patients are to be told."""

    count: int


class ToldAnswer(BaseModel):
    """How many were said to be told by one act."""

    count: int
    location: str


def make_list(work: Work, *, view: TellingView, rules: TellingRules) -> TellingsPage:
    """One tab of the list of the acting institution."""
    found = tellings.list_tellings(work, view=view)
    people = patients.patients_by_id(work, {each.patient_id for each in found})
    twins = patients.namesakes(work, people.values())
    named = {each.owner_id for each in found} | {each.ended_by_id or "" for each in found}
    names = practitioners.names_of(work, named)
    calls = tellings.list_calls(work, {each.id for each in found})
    today = organisations.today_at(work, work.actor.institution)
    lines = [
        TellingLine(
            telling=each,
            patient=patient,
            age=patient.age_on(today),
            namesake=patient.name in twins,
            phone=patient.facts.phone if work.actor.sees_names else "",
            owner=names.get(each.owner_id),
            ended_by=names.get(each.ended_by_id or ""),
            calls=sum(call.task_id == each.id for call in calls),
            is_over=each.is_open and each.due_on < today,
            is_mine=each.owner_id == work.actor.person,
        )
        for each in found
        if (patient := people.get(each.patient_id)) is not None
    ]
    is_open = view is TellingView.OPEN
    together = [line for line in lines if is_open and line.telling.kind is TellingKind.PLAIN]
    return TellingsPage(
        view=view,
        count=tellings.count_open(work),
        singly=[line for line in lines if line not in together],
        together=together,
        more=tellings.count_tellings(work, view=view) - len(found),
        most=rules.most,
    )


def make_page(work: Work, *, case_id: str, rules: TellingRules) -> TellingPage:
    """One patient; that case and report were opened is written down."""
    case, telling = tellings.get_telling(work, case_id)
    cases.note_opened(work, case)
    report = reports.open_report(work, telling.report_id)
    patient = patients.get_patient(work, case.patient_id)
    calls = tellings.list_calls(work, [telling.id])
    people = {telling.owner_id, telling.ended_by_id or ""} | {call.caller_id for call in calls}
    names = practitioners.names_of(work, people)
    today = organisations.today_at(work, case.institution_id)
    known = referrals.list_referrals(work, case.id)[:1]
    newest = referrals.find_appointment(work, known[0]) if known else None
    return TellingPage(
        telling=telling,
        case=case,
        patient=patient,
        age=patient.age_on(today),
        namesake=patients.is_namesake(work, patient),
        phone=patient.facts.phone if work.actor.sees_names else "",
        report=report,
        is_received=reports.find_receipt(work, report) is not None,
        owner=names.get(telling.owner_id),
        ended_by=names.get(telling.ended_by_id or ""),
        is_mine=telling.owner_id == work.actor.person,
        is_over=telling.is_open and telling.due_on < today,
        calls=calls,
        names=names,
        tries=telling_ends.count_tries(work, telling, rules=rules),
        referral=known[0] if known else None,
        coming=newest if newest is not None and newest.is_coming else None,
    )


def line_as_json(telling: Telling, *, calls: int = 0, location: str = "") -> TellingAnswer:
    """A task as JSON."""
    return TellingAnswer(
        case_id=telling.case_id,
        number=telling.number,
        kind=telling.kind,
        state=telling.state,
        way=telling.way or "",
        due_on=telling.due_on.isoformat(),
        owner_id=telling.owner_id,
        calls=calls,
        version=telling.revision,
        location=location,
    )


def list_as_json(work: Work, *, view: TellingView, rules: TellingRules) -> TellingsAnswer:
    """One tab of the list as JSON."""
    page = make_list(work, view=view, rules=rules)
    return TellingsAnswer(
        more=page.more,
        tellings=[
            line_as_json(line.telling, calls=line.calls) for line in (*page.singly, *page.together)
        ],
    )
