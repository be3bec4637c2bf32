"""Answers that wait for their receipt: those that may go together, and those that may not."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import receipts
from consult.reports.receipts import Answer
from consult.reports.unremarkable import ReceiptRules
from server.views.report_summary import eye_text, interval_text
from server.views.report_words import Speech


class ReceivedAnswer(BaseModel):
    """How many answers were received by one act."""

    count: int
    location: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer of the list."""

    answer: Answer
    patient: Patient
    age: int
    namesake: bool
    author: PersonName | None


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """Both lists, the oldest answer first; `more` wait behind them."""

    together: Sequence[AnswerLine]
    singly: Sequence[AnswerLine]
    more: int


@dataclass(frozen=True, slots=True)
class SaidLine:
    """What an answer says, in the reader's words."""

    right: str
    left: str
    again: str


def make_page(work: Work, *, rules: ReceiptRules) -> ReceiptsPage:
    """The answers that wait at the acting institution."""
    found = receipts.list_answers(work, rules=rules)
    people = patients.patients_by_id(work, {answer.case.patient_id for answer in found})
    twins = patients.namesakes(work, people.values())
    names = practitioners.names_of(work, {answer.report.author_id for answer in found})
    today = organisations.today_at(work, work.actor.institution)
    lines = [
        AnswerLine(
            answer,
            patient,
            patient.age_on(today),
            patient.name in twins,
            names.get(answer.report.author_id),
        )
        for answer in found
        if (patient := people.get(answer.case.patient_id)) is not None
    ]
    return ReceiptsPage(
        together=[line for line in lines if line.answer.singly is None],
        singly=[line for line in lines if line.answer.singly is not None],
        more=receipts.count_answers(work) - len(found),
    )


def say_line(request: web.Request, answer: Answer) -> SaidLine:
    """What an unremarkable answer says of each eye, and when the patient is seen again."""
    speech, content = Speech(request), answer.content
    return SaidLine(
        right=eye_text(speech, content, "right"),
        left=eye_text(speech, content, "left"),
        again=interval_text(speech, content["body"]),
    )
