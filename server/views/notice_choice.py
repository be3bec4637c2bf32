"""Which result notices the screening desk prints: the normal together, the rest singly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consult.cases.screening import service as screening
from consult.cases.screening.model import ListRules
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.reports.result_notice import service as result_notice
from consult.reports.result_notice.service import Notice, NoticeRules


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """One notice that waits; `is_of_day` where its patient stands on today's list."""

    case_id: str
    number: str
    patient: Patient
    age: int
    namesake: bool
    due_on: date
    is_of_day: bool


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """Who may be printed together, and who singly."""

    together: Sequence[ChoiceLine]
    singly: Sequence[ChoiceLine]

    @property
    def has_day(self) -> bool:
        """Whether any of those together is of today; else all of them are ticked."""
        return any(line.is_of_day for line in self.together)


def make_choice(work: Work, *, rules: NoticeRules, listing: ListRules) -> ChoicePage:
    """The notices that wait at the acting institution; nothing is printed by this."""
    together = result_notice.list_notices(work, together=True, rules=rules)
    singly = result_notice.list_notices(work, together=False, rules=rules)
    people = patients.patients_by_id(work, {each.case.patient_id for each in [*together, *singly]})
    twins = patients.namesakes(work, people.values())
    listed = {each.patient_id for each in screening.list_today(work, rules=listing)}
    today = organisations.today_at(work, work.actor.institution)

    def lines(notices: Sequence[Notice]) -> list[ChoiceLine]:
        return [
            ChoiceLine(
                case_id=each.case.id,
                number=each.case.number,
                patient=patient,
                age=patient.age_on(today),
                namesake=patient.name in twins,
                due_on=each.telling.due_on,
                is_of_day=patient.id in listed,
            )
            for each in notices
            if (patient := people.get(each.case.patient_id)) is not None
        ]

    return ChoicePage(lines(together), lines(singly))
