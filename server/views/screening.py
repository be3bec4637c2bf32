"""今日筛查: one row a patient of the day's list, with what each still lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.cases import service as cases
from consult.cases import service_submit
from consult.cases.advance import service as advance
from consult.cases.advance.model import waits_for_files
from consult.cases.consents import service as consents
from consult.cases.images import service as images
from consult.cases.images.service import ImageSet
from consult.cases.model import Case
from consult.cases.routing import service as routing
from consult.cases.screening import service as screening
from consult.cases.screening.model import Listed
from consult.cases.service_draft import EDITABLE
from consult.cases.service_submit import Readiness
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import PanelChoice
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from server.rules.rulebook import Rulebook
from server.views.routing import in_order
from server.views.screening_cells import (
    Cell,
    State,
    consent_cell,
    eye_cell,
    history_cell,
    quality_cell,
    state_of,
)

ROWS = 50


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One patient of the day; a cell is none where nothing was begun."""

    position: int
    patient: Patient
    age: int
    namesake: bool
    case: Case | None
    consent: Cell
    history: Cell
    right: Cell
    left: Cell
    quality: Cell
    state: State
    found: ImageSet | None
    readiness: Readiness | None
    goes_by_itself: bool = False

    @property
    def may_go_by_itself(self) -> bool:
        """Whether it can be submitted before its files have arrived."""
        return self.readiness is not None and waits_for_files(self.readiness.problems)

    @property
    def is_editable(self) -> bool:
        """Whether her draft can still be worked on."""
        return self.case is not None and self.case.status in EDITABLE


@dataclass(frozen=True, slots=True)
class _Marked:
    """Names that several bear, and the cases that go by themselves."""

    twins: frozenset[str]
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page of the day's list; `opened` is the row that stands open."""

    now: datetime
    rows: Sequence[DeskRow]
    opened: DeskRow | None
    next_id: str | None
    panels: Sequence[PanelChoice]
    counts: Sequence[tuple[str, int]]
    number: int
    pages: int


def make_desk(work: Work, rules: Rulebook, *, row: str | None, number: int) -> DeskPage:
    """The page on which the open row stands, else the page that was asked for."""
    listed = screening.list_today(work, rules=rules.screening)
    ids: list[str] = [each.patient_id for each in listed]
    if row is not None and row in ids:
        number = ids.index(row) // ROWS + 1
    shown = listed[(number - 1) * ROWS : number * ROWS]
    rows = rows_of(work, shown, rules, before=(number - 1) * ROWS)
    opened = next((each for each in rows if each.patient.id == row), None)
    place = work.actor.institution
    today = organisations.today_at(work, place)
    panels = organisations.panel_choices(
        work, inviting_id=place, service_type=screening.SERVICE, on=today
    )
    proposal = routing.new_proposal(
        work, service_type=screening.SERVICE, institution_id=place, rules=rules.cases.routing
    )
    return DeskPage(
        now=work.now,
        rows=rows,
        opened=opened,
        next_id=_next(ids, row),
        panels=in_order(panels, proposal),
        counts=_counts(rows),
        number=number,
        pages=max(1, -(-len(ids) // ROWS)),
    )


def _next(ids: Sequence[str], row: str | None) -> str | None:
    """Who comes after the open row in the order of the list; the first where none is open."""
    after = ids[ids.index(row) + 1 :] if row in ids else ids
    return after[0] if after else None


def _counts(rows: Sequence[DeskRow]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for row in rows:
        found[row.state.code] = found.get(row.state.code, 0) + 1
    return list(found.items())


def rows_of(
    work: Work, shown: Sequence[Listed], rules: Rulebook, *, before: int = 0
) -> list[DeskRow]:
    """What stands in the rows of these patients, who are numbered from after `before`."""
    people = patients.patients_by_id(work, {each.patient_id for each in shown})
    twins = patients.namesakes(work, people.values())
    begun = [each.case_id for each in shown if each.case_id is not None]
    marked = _Marked(twins, advance.asked_of(work, begun))
    return [
        _row(work, each, people[each.patient_id], rules, at=at, marked=marked)
        for at, each in enumerate(shown, start=before + 1)
        if each.patient_id in people
    ]


def _row(
    work: Work,
    listed: Listed,
    patient: Patient,
    rules: Rulebook,
    *,
    at: int,
    marked: _Marked,
) -> DeskRow:
    case = None if listed.case_id is None else cases.get_own_case(work, listed.case_id)
    found = None if case is None else _images(work, case, rules)
    readiness = _readiness(work, case, found, rules)
    today = organisations.today_at(work, patient.institution_id)
    consent = consents.live_consent(work, patient_id=patient.id, case_id=listed.case_id, on=today)
    return DeskRow(
        position=at,
        patient=patient,
        age=patient.age_on(today),
        namesake=patient.name in marked.twins,
        case=case,
        consent=consent_cell(consent, readiness),
        history=history_cell(case, readiness),
        right=eye_cell(found, Eye.RIGHT),
        left=eye_cell(found, Eye.LEFT),
        quality=quality_cell(found),
        state=state_of(case, found, readiness, goes_by_itself=listed.case_id in marked.asked),
        found=found,
        readiness=readiness,
        goes_by_itself=readiness is not None and listed.case_id in marked.asked,
    )


def _images(work: Work, case: Case, rules: Rulebook) -> ImageSet:
    return images.get_set(work, case.id, protocol=rules.cases.protocol_of(case.service_type))


def _readiness(
    work: Work, case: Case | None, found: ImageSet | None, rules: Rulebook
) -> Readiness | None:
    """What a draft still lacks; none where there is no draft."""
    if case is None or found is None or case.status not in EDITABLE:
        return None
    return service_submit.look_over(work, case, found, rules=rules.cases)
