"""Patients who are due for an exam (复查名单): the list, on paper too, and one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.recalls import service as recalls
from consult.reports.recalls.model import BY_GRADE, Recall, RecallRules, RecallView
from consult.reports.tellings.calls import PatientCall
from server.i18n import CHINESE


@dataclass(frozen=True, slots=True)
class RecallLine:
    """One patient of the list; `phone` is empty for whoever may not see names."""

    recall: Recall
    patient: Patient
    age: int
    namesake: bool
    phone: str
    calls: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class RecallsPage:
    """One tab of the list, and how many each open tab has."""

    view: RecallView
    counts: Mapping[RecallView, int]
    lines: Sequence[RecallLine]
    institution: Institution
    today: date
    now: datetime
    rules: RecallRules


@dataclass(frozen=True, slots=True)
class RecallPage:
    """One patient: since when she is due, what was tried, what may be done."""

    recall: Recall
    case: Case
    patient: Patient
    age: int
    namesake: bool
    phone: str
    is_over: bool
    calls: Sequence[PatientCall]
    names: Mapping[str, PersonName]
    rules: RecallRules


class RecallAnswer(BaseModel):
    """A patient who is due, without her name; `location` is where one goes on."""

    case_id: str
    number: str
    due_on: str
    months: int
    track: str
    basis: str
    rules: str
    state: str
    version: int
    location: str = ""


class RecallsAnswer(BaseModel):
    """One tab of the list as JSON, and how many each open tab has."""

    recalls: list[RecallAnswer]
    counts: dict[str, int]


def make_list(work: Work, *, view: RecallView, rules: RecallRules) -> RecallsPage:
    """One tab of the list of the acting institution."""
    found = recalls.list_recalls(work, view=view, rules=rules)
    people = patients.patients_by_id(work, {each.patient_id for each in found})
    twins = patients.namesakes(work, people.values())
    calls = recalls.list_calls(work, {each.id for each in found})
    place = organisations.get_institution(work, work.actor.institution)
    today = place.local_day(work.now)
    return RecallsPage(
        view=view,
        counts=recalls.count_recalls(work, rules=rules),
        lines=[
            RecallLine(
                recall=each,
                patient=patient,
                age=patient.age_on(today),
                namesake=patient.name in twins,
                phone=patient.facts.phone if work.actor.sees_names else "",
                calls=sum(call.task_id == each.id for call in calls),
                is_over=each.is_open and each.due_on < today,
            )
            for each in found
            if (patient := people.get(each.patient_id)) is not None
        ],
        institution=place,
        today=today,
        now=work.now,
        rules=rules,
    )


def print_list(work: Work, *, view: RecallView, rules: RecallRules) -> RecallsPage:
    """The list for paper; the journal says of whom name and telephone left the house."""
    page = make_list(work, view=view, rules=rules)
    recalls.note_printed(work, [line.recall for line in page.lines])
    return page


def make_page(work: Work, *, case_id: str, rules: RecallRules) -> RecallPage:
    """One patient; that the case was opened is written down."""
    case, recall = recalls.get_recall(work, case_id)
    cases.note_opened(work, case)
    patient = patients.get_patient(work, case.patient_id)
    calls = recalls.list_calls(work, [recall.id])
    people = {call.caller_id for call in calls} | {recall.ended_by_id or ""}
    today = organisations.today_at(work, case.institution_id)
    return RecallPage(
        recall=recall,
        case=case,
        patient=patient,
        age=patient.age_on(today),
        namesake=patients.is_namesake(work, patient),
        phone=patient.facts.phone if work.actor.sees_names else "",
        is_over=recall.is_open and recall.due_on < today,
        calls=calls,
        names=practitioners.names_of(work, people),
        rules=rules,
    )


def track_text(rules: RecallRules, track: str, *, language: str, by_grade: str) -> str:
    """The words of a track; of one that the rules know no more, its code."""
    if track == BY_GRADE:
        return by_grade
    known = rules.tracks.get(track)
    if known is None:
        return track
    return known.words.zh if language == CHINESE else known.words.en


def as_answer(recall: Recall, *, location: str = "") -> RecallAnswer:
    """A recall as JSON."""
    return RecallAnswer(
        case_id=recall.case_id,
        number=recall.number,
        due_on=recall.due_on.isoformat(),
        months=recall.months,
        track=recall.track,
        basis=recall.basis,
        rules=recall.rules,
        state=recall.state,
        version=recall.revision,
        location=location,
    )


def list_as_json(work: Work, *, view: RecallView, rules: RecallRules) -> RecallsAnswer:
    """One tab of the list as JSON."""
    page = make_list(work, view=view, rules=rules)
    return RecallsAnswer(
        recalls=[as_answer(line.recall) for line in page.lines],
        counts={each.value: count for each, count in page.counts.items()},
    )
