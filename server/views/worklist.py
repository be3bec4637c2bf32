"""The experts' list as it is shown: in order of promise, with who has taken which."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from consult.cases.images import service as images
from consult.cases.model import CaseStatus, Priority, ServiceType
from consult.kernel.ids import CaseId, PanelId, PractitionerId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.queue import holding, worklist
from consult.queue.model import FURTHER, QueuedCase, Tab
from consult.reports import service as reports
from consult.reports.versions import DraftNote
from server.rules.rulebook import Rulebook


class Step(BaseModel):
    """Where a case stands after a step, and where the browser goes."""

    case_id: str
    status: str
    location: str


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One case on the list."""

    id: str
    number: str
    patient: Patient
    namesake: bool
    priority: Priority
    question: str
    institution: Institution
    image_count: int
    report_by: datetime
    status: CaseStatus
    service_type: ServiceType
    taken_by: PersonName | None
    is_mine: bool
    own_draft_at: datetime | None
    others_draft: tuple[PersonName, datetime] | None
    leads: bool
    kept: tuple[PersonName, datetime] | None
    kept_for_me: bool
    rest_from: datetime | None
    declines: int
    is_pressed: bool
    pressed_why: str
    may_forward: bool
    is_further: bool
    has_turn: bool


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """The list, one tab of it."""

    tab: Tab
    counts: Mapping[Tab, int]
    rows: list[WorklistRow]
    overdue: int
    next_page: int | None


def list_address(service_type: ServiceType) -> str:
    """The list in which cases of this kind wait."""
    if service_type is ServiceType.SCREENING_READ:
        return "/worklist"
    return f"/worklist?tab={Tab.CONSULT}"


def make_worklist(work: Work, *, tab: Tab, rules: Rulebook, page: int = 1) -> WorklistPage:
    """A page of the cases before the actor's panels, with everything that a row says."""
    first = (page - 1) * worklist.LONGEST_LIST
    queued = worklist.list_tab(work, tab, limits=rules.queue, offset=first)
    counted = worklist.count_tabs(work, limits=rules.queue)
    is_more = counted.tabs[tab] > first + len(queued)
    return WorklistPage(
        tab=tab,
        counts=counted.tabs,
        rows=_rows(work, queued),
        overdue=counted.overdue,
        next_page=page + 1 if queued and is_more else None,
    )


def _rows(work: Work, items: list[QueuedCase]) -> list[WorklistRow]:
    ids = [item.case.id for item in items]
    people = patients.patients_by_id(work, {item.case.patient_id for item in items})
    counts = images.count_images(work, ids)
    drafts = reports.drafts_of(work, ids)
    names = practitioners.names_of(work, _who(items, drafts))
    written = Counter(person.name for person in people.values())
    asking = {item.case.institution_id for item in items}
    places = {each: organisations.get_institution(work, each) for each in asking}
    rows = []
    triages = _triages(work, items)
    for item in items:
        patient = people.get(item.case.patient_id)
        if patient is None:
            continue
        case, claim = item.case, item.claim
        others = [d for d in drafts.get(case.id, []) if d.author_id != work.actor.practitioner_id]
        own = [d for d in drafts.get(case.id, []) if d.author_id == work.actor.practitioner_id]
        rows.append(
            WorklistRow(
                id=case.id,
                number=case.number,
                patient=patient,
                namesake=written[patient.name] > 1,
                priority=case.priority,
                question=case.question,
                institution=places[case.institution_id],
                image_count=counts.get(case.id, 0),
                report_by=case.report_by or case.opened_at,
                status=case.status,
                service_type=case.service_type,
                taken_by=None if claim is None else names.get(claim.practitioner_id),
                is_mine=claim is not None and claim.practitioner_id == work.actor.practitioner_id,
                own_draft_at=own[0].saved_at if own else None,
                others_draft=(names[others[0].author_id], others[0].saved_at) if others else None,
                leads=case.owner_id == work.actor.practitioner_id,
                kept=_kept(item, names),
                kept_for_me=item.kept is not None
                and item.kept.expert_id == work.actor.practitioner_id,
                rest_from=None if item.back is None else item.back.returned_at,
                declines=item.declines,
                is_pressed=item.is_pressed,
                pressed_why=item.pressed_why,
                may_forward=triages[case.panel_id, case.status],
                is_further=case.status in FURTHER,
                has_turn=item.has_turn,
            )
        )
    return rows


def _triages(
    work: Work, items: list[QueuedCase]
) -> Mapping[tuple[PanelId | None, CaseStatus], bool]:
    """Whether the actor may send on, asked once of each panel and status."""
    one = {(item.case.panel_id, item.case.status): item.case for item in items}
    return {key: holding.may_triage(work, case, declined=True) for key, case in one.items()}


def _who(items: list[QueuedCase], drafts: Mapping[CaseId, list[DraftNote]]) -> set[PractitionerId]:
    taken = {item.claim.practitioner_id for item in items if item.claim is not None}
    taken |= {item.kept.expert_id for item in items if item.kept is not None}
    return taken | {draft.author_id for found in drafts.values() for draft in found}


def _kept(item: QueuedCase, names: Mapping[str, PersonName]) -> tuple[PersonName, datetime] | None:
    if item.kept is None or item.kept.expert_id not in names:
        return None
    return names[item.kept.expert_id], item.kept.until
