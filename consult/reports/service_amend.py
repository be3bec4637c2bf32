"""Amending a signed report (更正报告): a new version by its own author, never a change of the old.

Signing it stands in service_sign.py; taking a report back in service_retract.py.
"""

from collections.abc import Mapping
from typing import Any

from consult.access.model import ObjectType
from consult.annotations import service as annotations
from consult.cases import service as cases
from consult.cases.model import EVENT_FROM, Case, CaseEvent, CaseStatus, require_event
from consult.cases.service import Said
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.queue.errors import NotOnPanelError
from consult.reports import store
from consult.reports.changes import newest_opinion
from consult.reports.errors import NothingSignedError, NotReportAuthorError
from consult.reports.graded import Basis
from consult.reports.signed_marks import find_marks
from consult.reports.tables import ReportRow
from consult.reports.verify import content_of
from consult.reports.versions import Draft, Report

_RECEIVED_ANEW = frozenset({CaseStatus.ACKNOWLEDGED, CaseStatus.FOLLOW_UP, CaseStatus.CLOSED})


def is_answered(case: Case) -> bool:
    """Whether there is a report that could be amended or taken back."""
    return case.status in EVENT_FROM[CaseEvent.AMENDED]


def get_basis(work: Work, case: Case) -> Report:
    """The version that would be amended; raises NothingSignedError before there is one."""
    require_event(case, event=CaseEvent.AMENDED)
    basis = newest_opinion(store.list_of_case(work.session, case.id))
    if basis is None:
        raise NothingSignedError(case.id)
    return basis


def require_author(work: Work, case: Case) -> Report:
    """The version that the actor may amend.

    Raises NotReportAuthorError for anybody else, NotOnPanelError once she has left the panel.
    """
    basis = get_basis(work, case)
    if basis.author_id != work.actor.practitioner_id:
        raise NotReportAuthorError
    if case.panel_id not in work.actor.panel_ids:
        raise NotOnPanelError
    return basis


def may_amend(work: Work, case: Case, basis: Report) -> bool:
    """Whether the actor signed this version and still sits on the panel."""
    is_author = basis.author_id == work.actor.practitioner_id
    return is_author and case.panel_id in work.actor.panel_ids


def begin_amendment(work: Work, *, case_id: str) -> Draft:
    """Open a draft that begins as the signed version; one that is open already goes on."""
    case = cases.get_case(work, case_id)
    basis = require_author(work, case)
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    known = store.find_draft(work.session, case.id, work.actor.person)
    if known is not None:
        return known
    draft = Draft(
        case_id=case.id,
        author_id=work.actor.person,
        content=words_of(basis) | {"amendment_reason": ""},
        revision=1,
        saved_at=work.now,
    )
    store.save_draft(work.session, draft)
    _journal(work, case, basis, "report.amendment_begun")
    return draft


def drop_amendment(work: Work, *, case_id: str) -> None:
    """Give up the draft of an amendment; the signed version and its marks stand as they stood."""
    case = cases.get_case(work, case_id)
    basis = require_author(work, case)
    store.delete_draft(work.session, case.id, work.actor.person)
    annotations.put_back(work, case, find_marks(work.session, basis.id))
    _journal(work, case, basis, "report.amendment_dropped")


def tell_of_change(work: Work, case: Case, row: ReportRow, *, kind: str, reason: str) -> Case:
    """Put the new version before the inviting side: it is received, and decided on, anew.

    A running referral goes on: only a person may stop it.
    """
    said = Said(codes={"report": row.id, "version": row.version}, words={"reason": reason})
    if case.status not in _RECEIVED_ANEW:
        return cases.change(work, case, kind=kind, said=said, amended=True)
    return cases.step(
        work,
        case,
        CaseStatus.REPORTED,
        kind=kind,
        said=said,
        amended=True,
        decided_at=None,
        closed_at=None,
    )


def words_of(report: Report) -> dict[str, object]:
    """The signed words; a grade that the rule computed is computed anew, not kept by hand."""
    content: Mapping[str, Any] = content_of(report)
    told: dict[str, Any] = dict(content.get("body") or {})
    for eye, grades in content.get("grades", {}).items():
        computed = [each["scale"] for each in grades if each["basis"] == Basis.COMPUTED]
        told[eye] = told[eye] | {scale: None for scale in computed if scale in told[eye]}
    return told


def _journal(work: Work, case: Case, basis: Report, kind: str) -> None:
    work.journal(
        Entry(
            kind,
            ObjectType.REPORT,
            basis.id,
            codes={"version": basis.version},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
