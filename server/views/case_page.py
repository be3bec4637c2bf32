"""One case's page: gathered in one unit, put into words for one reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from consult.cases import service as cases
from consult.cases import service_submit
from consult.cases.advance import service as advance
from consult.cases.advance.model import waits_for_files
from consult.cases.consents.model import RecordedConsent
from consult.cases.model import NEXT_STATUS, Case, CaseStatus
from consult.cases.service_draft import EDITABLE
from consult.cases.service_submit import Readiness
from consult.cases.urgency import UrgencyProposal
from consult.journal.model import Line
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution, Panel
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.emergencies import service as emergencies
from server.rules.rulebook import Rulebook
from server.views import exams, timeline
from server.views.case_blocks import Block, blocks_of, consent_lacks
from server.views.case_form import Field, fields_of, rows_of, summary_of
from server.views.case_parts import make_parts, show_parts
from server.views.case_urgency import proposal_of


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything about a case that one unit found."""

    case: Case
    patient: Patient
    namesake: bool
    today: date
    now: datetime
    inviting: Institution
    invited: Institution | None
    panel: Panel | None
    names: Mapping[str, PersonName]
    readiness: Readiness | None
    goes_by_itself: bool
    lines: Sequence[Line]
    parts: Mapping[str, object]
    is_own: bool
    is_physician: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """What the page shows."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    today: date
    inviting: Institution
    invited: Institution | None
    panel: Panel | None
    owner: str
    physician: str
    preparer: str
    proposal: UrgencyProposal
    consent: RecordedConsent | None
    consent_lacks: Sequence[str]
    rows: Sequence[Sequence[Field]]
    summary: Sequence[tuple[str, str]]
    blocks: Sequence[Block]
    events: Sequence[timeline.Event]
    older: int | None
    parts: Mapping[str, object]
    now: datetime
    is_editable: bool
    is_physician: bool
    is_own: bool
    may_withdraw: bool
    may_cancel: bool
    goes_by_itself: bool
    may_go_by_itself: bool
    is_untouched: bool


def enter(work: Work, case_id: str, rules: Rulebook) -> Readiness | None:
    """Write down who opened the case; of a draft, say what is ready."""
    case = cases.open_case_page(work, case_id)
    if case.institution_id != work.actor.institution_id or case.status not in EDITABLE:
        return None
    return service_submit.check_readiness(work, case, rules=rules.cases)


def gather(
    work: Work,
    case_id: str,
    rules: Rulebook,
    *,
    readiness: Readiness | None,
    before: int | None = None,
) -> Gathered:
    """Read the whole page in one snapshot, beside the writers; its history before a line."""
    case = cases.get_case(work, case_id)
    patient = patients.get_patient(work, case.patient_id)
    is_own = case.institution_id == work.actor.institution_id
    told = cases.timeline(work, case_id, kinds=rules.terms.told_kinds(), before=before)
    lines = emergencies.with_reasons(work, told)
    people = {line.practitioner_id for line in lines if line.practitioner_id}
    people |= {each for each in _people(case) if each is not None}
    return Gathered(
        case=case,
        patient=patient,
        namesake=patients.is_namesake(work, patient),
        today=organisations.today_at(work, case.institution_id),
        now=work.now,
        inviting=organisations.get_institution(work, case.institution_id),
        invited=_institution(work, case.invited_institution_id),
        panel=None if case.panel_id is None else organisations.panel_in_use(work, case.panel_id),
        names=practitioners.names_of(work, people),
        readiness=readiness,
        goes_by_itself=case_id in advance.asked_of(work, [case_id]),
        lines=lines,
        parts=_parts(work, case, rules, readiness),
        is_own=is_own,
        is_physician=Role.REQUESTING_PHYSICIAN in work.actor.roles,
    )


def of_case(request: web.Request, found: Gathered) -> CasePage:
    """The page in the reader's words."""
    case = found.case
    withdrawable = CaseStatus.WITHDRAWN in NEXT_STATUS[case.status]
    return CasePage(
        case=case,
        patient=found.patient,
        age=found.patient.age_on(found.today),
        namesake=found.namesake,
        today=found.today,
        inviting=found.inviting,
        invited=found.invited,
        panel=found.panel,
        owner=timeline.name_of(request, found.names.get(case.owner_id or "")),
        physician=timeline.name_of(request, found.names.get(case.requesting_physician_id or "")),
        preparer=timeline.name_of(request, found.names.get(case.prepared_by_id or "")),
        proposal=proposal_of(request, case),
        consent=None if found.readiness is None else found.readiness.consent,
        consent_lacks=() if found.readiness is None else consent_lacks(request, found.readiness),
        rows=rows_of(fields_of(request, case)),
        summary=summary_of(request, case),
        blocks=() if found.readiness is None else blocks_of(request, case, found.readiness),
        events=timeline.of_lines(request, found.lines, found.names),
        older=found.lines[-1].position if len(found.lines) == cases.LONGEST_TIMELINE else None,
        parts=show_parts(request, found.parts),
        now=found.now,
        is_editable=found.readiness is not None,
        is_physician=found.is_physician,
        is_own=found.is_own,
        may_withdraw=found.is_own and found.is_physician and withdrawable,
        may_cancel=found.is_own and CaseStatus.CANCELLED in NEXT_STATUS[case.status],
        goes_by_itself=found.readiness is not None and found.goes_by_itself,
        may_go_by_itself=_waits(found.readiness) and not found.goes_by_itself,
        is_untouched=not case.answers,
    )


def _parts(
    work: Work, case: Case, rules: Rulebook, readiness: Readiness | None
) -> Mapping[str, object]:
    """A draft is shown the exams that count for it now; a sent case those on which it rests."""
    made = make_parts(work, case, rules)
    offered = None if readiness is None else exams.make_offer(work, case, rules, readiness.exams)
    return made if offered is None else {**made, "exams": offered}


def _waits(readiness: Readiness | None) -> bool:
    """Whether nothing is missing but what files bring that are on their way."""
    return readiness is not None and waits_for_files(readiness.problems)


def _people(case: Case) -> tuple[str | None, ...]:
    return (case.owner_id, case.requesting_physician_id, case.prepared_by_id)


def _institution(work: Work, institution_id: str | None) -> Institution | None:
    return None if institution_id is None else organisations.get_institution(work, institution_id)
