"""Finding drafts and reports.

Signing stands in service_sign.py, the inviting side's answer in service_decide.py.
"""

from collections.abc import Collection, Mapping

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import service as cases
from consult.cases.model import EVENT_FROM, Case, CaseEvent, CaseStatus
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import CaseId
from consult.kernel.work import Entry, Work
from consult.queue import further
from consult.queue.errors import CaseNotYoursError, NotOnPanelError
from consult.queue.model import FURTHER, TAKEN, WAITING
from consult.reports import store
from consult.reports.body import body_as_json, parse_body
from consult.reports.errors import DraftChangedError
from consult.reports.versions import Decision, Draft, DraftNote, Receipt, Report

LONGEST_LIST = 50
_DRAFTED_IN = TAKEN | WAITING


def report_ref(report_id: str) -> Ref:
    """The report as policy knows it."""
    return Ref(ObjectType.REPORT, report_id)


def get_draft(work: Work, case_id: str) -> Draft | None:
    """The actor's own draft on a case; nobody reads another's."""
    case = cases.get_case(work, case_id)
    return store.find_draft(work.session, case.id, work.actor.person)


def save_draft(work: Work, *, case_id: str, content: Mapping[str, object], revision: int) -> Draft:
    """Keep what the expert has written so far; incomplete is well, malformed is refused.

    It is kept even after the lease ran out, so that no character is lost (U20). Raises
    DraftChangedError when it was saved elsewhere since this page read it (`revision`).
    """
    case = cases.get_case(work, case_id)
    require_writing(work, case)
    body = parse_body(content)
    draft = Draft(
        case_id=case.id,
        author_id=work.actor.person,
        content=body_as_json(body),
        revision=revision + 1,
        saved_at=work.now,
    )
    if not store.save_draft(work.session, draft):
        known = store.find_draft(work.session, case.id, work.actor.person)
        raise DraftChangedError(case.id, have=0 if known is None else known.revision)
    work.journal(
        Entry(
            "report.draft_saved",
            ObjectType.CASE,
            case.id,
            codes={"revision": draft.revision},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
    return draft


def drafts_of(work: Work, case_ids: Collection[str]) -> dict[CaseId, list[DraftNote]]:
    """Who has an unfinished draft on which of these cases, without their contents."""
    found: dict[CaseId, list[DraftNote]] = {}
    for draft in store.list_drafts(work.session, case_ids):
        found.setdefault(draft.case_id, []).append(draft)
    return found


def get_report(work: Work, report_id: str) -> Report:
    """A signed version that the actor may see; raises NotFoundError otherwise."""
    policy.require_seen(work, report_ref(report_id))
    report = store.find_report(work.session, report_id)
    if report is None:
        raise NotFoundError
    return report


def open_report(work: Work, report_id: str) -> Report:
    """As `get_report`, and the journal says who looked."""
    report = get_report(work, report_id)
    work.journal(
        Entry(
            "report.opened",
            ObjectType.REPORT,
            report.id,
            codes={"version": report.version},
            case_id=report.case_id,
            patient_id=report.patient_id,
        )
    )
    return report


def list_reports(work: Work, case_id: str) -> list[Report]:
    """The signed versions of a case that the actor may see, the newest first."""
    case = cases.get_case(work, case_id)
    return [
        report
        for report in store.list_of_case(work.session, case.id)
        if policy.may_see(work.session, work.actor, report_ref(report.id), now=work.now)
    ]


def find_receipt(work: Work, report: Report) -> Receipt | None:
    """Who on the inviting side received this version, if anybody."""
    return store.find_receipt(work.session, report.id)


def list_decisions(work: Work, case_id: str) -> list[Decision]:
    """The inviting side's decisions on a case, the newest first."""
    case = cases.get_case(work, case_id)
    return store.list_decisions(work.session, case.id)


def _amends(work: Work, case: Case) -> bool:
    """Whether the actor writes at an amendment that she has begun."""
    return (
        case.status in EVENT_FROM[CaseEvent.AMENDED]
        and store.find_draft(work.session, case.id, work.actor.person) is not None
    )


def require_writing(work: Work, case: Case) -> None:
    """Raises NotOnPanelError, CaseNotYoursError: nobody writes at a report who may not sign it."""
    if case.panel_id not in work.actor.panel_ids:
        raise NotOnPanelError
    if _amends(work, case):
        return
    if case.status in FURTHER:
        further.require_turn(work, case)
        return
    if case.status not in _DRAFTED_IN or case.status is CaseStatus.DECLINED:
        raise CaseNotYoursError(case.id)
