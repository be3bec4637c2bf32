"""What the clinic's lists of cases show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from consult.cases import answering
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.cases.returns import service as returns
from consult.cases.routing import service as routing
from consult.cases.views import VIEWS, CaseView
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution, PanelChoice
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.people.routing.model import Proposal, RoutingRules
from server.keys import RULES
from server.moments import format_left
from server.requests import language
from server.transactions import utc_now
from server.views.routing import in_order

# Opening a case is an entry as well, and must not make its own page open it again: no `case.*`.
LIVE_KINDS = (
    "case.submitted case.assigned case.claimed case.reading case.released case.lease_expired "
    "case.leave_began case.stood_in case.allotted case.rerouted case.priority_overridden "
    "case.returned case.declined case.rejected case.reassigned case.rehomed case.withdrawn "
    "case.forwarded case.escalated case.accept_near case.accept_missed case.report_near "
    "case.backup_missing case.report_missed case.expired case.second_read case.arbitration "
    "case.reported case.acknowledged case.decided case.amended case.retracted case.corrected "
    "case.follow_up case.referring case.closed report.signed report.received report.paper_made "
    "referral.* appointment.* video_session.* alert.* telling.* case.told"
)
DRAFT_KINDS = (
    "case.answers_saved case.priority_overridden case.service_changed case.cancelled "
    "case.submitted case.expired case.withdrawn case.rehomed case.hub_skipped "
    "consent.* image.* recognition.* upload.finished upload.ended upload.left_out"
)
ADVANCE_KINDS = f"{DRAFT_KINDS} upload.opened case.submission_asked case.submission_dropped"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of 我的病例."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    owner: PersonName | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class CasesPage:
    """One tab of 我的病例."""

    view: CaseView
    counts: Mapping[CaseView, int]
    lines: tuple[CaseLine, ...]
    older: str | None
    now: datetime
    retakes: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class ServiceChoice:
    """A service, and the panels that may be asked for it today, the proposed one first."""

    service_type: ServiceType
    panels: tuple[PanelChoice, ...]
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class NewCasePage:
    """For whom, which service, before which panel."""

    patient: Patient
    age: int
    namesake: bool
    institution: Institution
    services: tuple[ServiceChoice, ...]


def make_list(work: Work, *, view: CaseView, before: str | None) -> CasesPage:
    """One tab of the acting institution's cases."""
    found = cases.list_cases(work, view=view, before=before)
    people = patients.patients_by_id(work, {case.patient_id for case in found})
    names = practitioners.names_of(work, {case.owner_id for case in found if case.owner_id})
    today = organisations.today_at(work, work.actor.institution)
    twins = patients.namesakes(work, people.values())
    lines = [
        CaseLine(
            case=case,
            patient=people[case.patient_id],
            age=people[case.patient_id].age_on(today),
            namesake=people[case.patient_id].name in twins,
            owner=names.get(case.owner_id) if case.owner_id else None,
            due_at=case.report_by if view is CaseView.RUNNING else None,
        )
        for case in found
        if case.patient_id in people
    ]
    older = found[-1].id if len(found) == cases.LONGEST_LIST else None
    return CasesPage(
        view=view,
        counts=cases.count_cases(work),
        lines=tuple(lines),
        older=older,
        now=work.now,
        retakes=returns.count_to_retake(work),
        unanswered=answering.count_without_physician(work, work.actor.institution),
    )


def make_new_page(work: Work, patient_id: str, *, rules: RoutingRules) -> NewCasePage:
    """The panels that may be asked today, by service."""
    patient = patients.get_own_patient(work, patient_id)
    institution = organisations.get_institution(work, work.actor.institution)
    today = institution.local_day(work.now)
    services = [
        _service_choice(work, institution, service_type, rules=rules)
        for service_type in ServiceType
    ]
    return NewCasePage(
        patient=patient,
        age=patient.age_on(today),
        namesake=patients.is_namesake(work, patient),
        institution=institution,
        services=tuple(services),
    )


def _service_choice(
    work: Work, institution: Institution, service_type: ServiceType, *, rules: RoutingRules
) -> ServiceChoice:
    found = organisations.panel_choices(
        work,
        inviting_id=institution.id,
        service_type=service_type,
        on=institution.local_day(work.now),
    )
    proposal = routing.new_proposal(
        work, service_type=service_type, institution_id=institution.id, rules=rules
    )
    return ServiceChoice(service_type, tuple(in_order(found, proposal)), proposal)


def words_for(request: web.Request) -> dict[str, Any]:
    """What the templates of cases say of statuses and promises."""
    terms, tongue, now = request.app[RULES].terms, language(request), utc_now()

    def status_words(case: Case) -> str:
        if case.retake and case.status is CaseStatus.RETURNED:
            return terms.text(tongue, "case_flag", "retake")
        if case.retake and case.status is CaseStatus.EXPIRED:
            return terms.text(tongue, "case_flag", "not_retaken")
        own = terms.text(tongue, f"case_status_{case.service_type}", case.status)
        return terms.text(tongue, "case_status", case.status) if own == case.status else own

    return {
        "status_words": status_words,
        "left": lambda at: format_left(at, now=now, language=tongue),
        "live_kinds": LIVE_KINDS,
        "draft_kinds": DRAFT_KINDS,
        "advance_kinds": ADVANCE_KINDS,
        "waiting_statuses": VIEWS[CaseView.RUNNING],
    }
