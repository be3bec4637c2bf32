"""An expert's row of cases as the work list and the room show it, and where she goes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.kernel.ids import CaseId
from consult.kernel.work import Work
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.queue import evening
from consult.queue import service as queue
from consult.queue.evening import Held
from consult.queue.model import QueueLimits, RowRules, Tab, Turn
from consult.reports import service as reports
from server.views.worklist import list_address

OVER = f"/worklist?tab={Tab.MINE}&evening=over"


class Taken(BaseModel):
    """How many cases were taken at once, and the first of them."""

    taken: int
    location: str


@dataclass(frozen=True, slots=True)
class RowCase:
    """One case of the row."""

    id: str
    number: str
    patient: Patient
    report_by: datetime
    is_opened: bool
    has_draft: bool
    is_current: bool
    is_second: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The row of one kind: its cases in order, what may be taken, what was signed so far.

    `second` says how many cases wait that the reader may take for a second reading.
    """

    service_type: ServiceType
    cases: Sequence[RowCase]
    take: Sequence[int]
    second: int
    signed: int
    began_at: datetime | None
    worked_min: int

    @property
    def current(self) -> RowCase | None:
        """Where the reader was."""
        return next((each for each in self.cases if each.is_current), None)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a case stands in the row that its reader works at."""

    place: int
    length: int


def make_row(work: Work, *, limits: QueueLimits) -> Row | None:
    """The actor's row of the kind that is taken many at once, with the evening's count."""
    rules = limits.row
    service_type = min(rules.service_types, default=None)
    if service_type is None:
        return None
    held = evening.list_row(work, service_type=service_type, rules=rules)
    at = evening.current_of(held)
    people = patients.patients_by_id(work, {each.case.patient_id for each in held})
    drafts = reports.drafts_of(work, [each.case.id for each in held])
    found = evening.find_evening(work, rules=rules)
    return Row(
        service_type=service_type,
        cases=[
            RowCase(
                id=each.case.id,
                number=each.case.number,
                patient=people[each.case.patient_id],
                report_by=each.case.report_by or each.case.opened_at,
                is_opened=each.claim.opened_at is not None,
                has_draft=any(
                    draft.author_id == work.actor.practitioner_id
                    for draft in drafts.get(each.case.id, [])
                ),
                is_current=each is at,
                is_second=each.case.status is CaseStatus.SECOND_READ,
            )
            for each in held
            if each.case.patient_id in people
        ],
        take=[count for count in rules.take if len(held) < rules.most],
        second=evening.count_free(work, service_type=service_type, turn=Turn.SECOND, limits=limits),
        signed=0 if found is None else found.reports,
        began_at=None if found is None else found.began_at,
        worked_min=0 if found is None else _minutes(found.worked.total_seconds()),
    )


def position_of(held: Sequence[Held], case: Case) -> Position | None:
    """Which of her row a case is."""
    ids = [each.case.id for each in held]
    if case.id not in ids:
        return None
    return Position(ids.index(case.id) + 1, len(ids))


def next_location(work: Work, *, case_id: CaseId, rules: RowRules) -> str:
    """The next case of the row, else the list that says that the evening is done."""
    case = cases.get_case(work, case_id)
    if case.service_type not in rules.service_types:
        return list_address(case.service_type)
    following = evening.find_next(work, after=case, rules=rules)
    return OVER if following is None else f"/cases/{following}/reading"


def onward_location(work: Work, *, case: Case, rules: RowRules) -> str:
    """Where a reader goes who sent a case back or declined it: on with her row, else its list."""
    following = None
    if case.service_type in rules.service_types:
        following = evening.find_next(work, after=case, rules=rules)
    return list_address(case.service_type) if following is None else f"/cases/{following}/reading"


def aside_location(work: Work, *, case_id: CaseId, rules: RowRules) -> str:
    """The next case of the row; the list where this one is the last. Raises CaseNotYoursError."""
    case, _claim = queue.require_claim(work, case_id)
    following = evening.find_next(work, after=case, rules=rules)
    return f"/worklist?tab={Tab.MINE}" if following is None else f"/cases/{following}/reading"


def _minutes(seconds: float) -> int:
    return max(round(seconds / 60), 1)
