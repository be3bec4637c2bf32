"""复拍名单: the patients who are to be called back, with what is to be photographed again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from pydantic import BaseModel

from consult.cases.model import Case
from consult.cases.returns import service as returns
from consult.cases.returns.model import CaseReturn
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from server.views.return_words import item_text


@dataclass(frozen=True, slots=True)
class RetakeLine:
    """One patient to be called; `phone` is empty for whoever may not see names."""

    case: Case
    back: CaseReturn
    patient: Patient
    age: int
    namesake: bool
    by: PersonName | None
    phone: str


@dataclass(frozen=True, slots=True)
class RetakePage:
    """The list; `after` continues it."""

    institution: Institution
    lines: Sequence[RetakeLine]
    after: str | None
    now: datetime


class RetakeAnswer(BaseModel):
    """One patient as JSON."""

    case_id: str
    number: str
    patient_id: str
    patient_name: str
    phone: str
    returned_at: str
    expires_at: str
    items: list[str]
    note: str


class RetakesAnswer(BaseModel):
    """The list as JSON; `after` continues it."""

    retakes: list[RetakeAnswer]
    after: str | None


def make_list(work: Work, *, after: str | None) -> RetakePage:
    """One page of the list of the acting institution."""
    found = returns.list_to_retake(work, after=after)
    people = patients.patients_by_id(work, {case.patient_id for case, _back in found})
    twins = patients.namesakes(work, people.values())
    names = practitioners.names_of(work, {back.returned_by for _case, back in found})
    place = organisations.get_institution(work, work.actor.institution)
    today = place.local_day(work.now)
    lines = [
        RetakeLine(
            case=case,
            back=back,
            patient=people[case.patient_id],
            age=people[case.patient_id].age_on(today),
            namesake=people[case.patient_id].name in twins,
            by=names.get(back.returned_by),
            phone=people[case.patient_id].facts.phone if work.actor.sees_names else "",
        )
        for case, back in found
        if case.patient_id in people
    ]
    last = found[-1][0].id if len(found) == returns.LONGEST_LIST else None
    return RetakePage(institution=place, lines=lines, after=last, now=work.now)


def print_list(work: Work, *, after: str | None) -> RetakePage:
    """The list for paper; the journal says of whom name and telephone left the house."""
    page = make_list(work, after=after)
    returns.note_printed(work, [(line.case, line.back) for line in page.lines])
    return page


def list_as_json(request: web.Request, page: RetakePage) -> dict[str, object]:
    """One page of the list as JSON."""
    return RetakesAnswer(
        retakes=[
            RetakeAnswer(
                case_id=line.case.id,
                number=line.case.number,
                patient_id=line.patient.id,
                patient_name=line.patient.name,
                phone=line.phone,
                returned_at=line.back.returned_at.isoformat(),
                expires_at=line.back.expires_at.isoformat(),
                items=[item_text(request, line.case, item) for item in line.back.items],
                note=line.back.note,
            )
            for line in page.lines
        ],
        after=page.after,
    ).model_dump()
