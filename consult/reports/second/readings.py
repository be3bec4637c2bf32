"""Who sees what is held back: its author, the arbiter or reviewer, the panel once it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from consult.annotations import service as annotations
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Entry, Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.queue import service as queue
from consult.reports import service as reports
from consult.reports.body import body_as_json
from consult.reports.model import make_blank_body
from consult.reports.second import store
from consult.reports.second.model import Held
from consult.reports.service import report_ref
from consult.reports.service_amend import is_answered, words_of
from consult.reports.versions import Draft

OPENED: Final = "reading.opened"
_OPEN_TO_HOLDER: Final = frozenset({CaseStatus.ARBITRATION, CaseStatus.REPORT_REVIEW})


def list_readings(work: Work, case_id: str) -> list[Held]:
    """The readings of a case that the actor may see now, the first one first."""
    case = cases.get_case(work, case_id)
    found = store.list_held(work.session, case.id)
    if _sees_all(work, case):
        return found
    return [held for held in found if held.report.author_id == work.actor.practitioner_id]


def open_readings(work: Work, case_id: str) -> list[Held]:
    """The same, and the journal says who looked; NotFoundError where there is none for her."""
    found = list_readings(work, case_id)
    if not found:
        raise NotFoundError
    for held in found:
        work.journal(
            Entry(
                OPENED,
                report_ref(held.report.id).type,
                held.report.id,
                codes={"version": held.report.version},
                case_id=held.report.case_id,
                patient_id=held.report.patient_id,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Adopted:
    """The draft that begins as a held reading, and the content that gave way to it."""

    draft: Draft
    replaced: Mapping[str, object]


def adopt_reading(work: Work, *, case_id: str, reading_id: str) -> Adopted:
    """The draft begins as one of the held readings; what she had written gives way.

    A reviewer takes over the author's marks with it: she answers for them as for every word.
    """
    case, _claim = queue.require_claim(work, cases.get_case(work, case_id).id)
    found = [held for held in list_readings(work, case.id) if held.report.id == reading_id]
    if not found or case.status not in _OPEN_TO_HOLDER:
        raise NotFoundError
    known = reports.get_draft(work, case.id)
    if case.status is CaseStatus.REPORT_REVIEW:
        annotations.put_back(work, case, found[0].marks)
    draft = reports.save_draft(
        work,
        case_id=case.id,
        content=words_of(found[0].report),
        revision=0 if known is None else known.revision,
    )
    return Adopted(draft, body_as_json(make_blank_body()) if known is None else known.content)


def begin_review(work: Work, case: Case) -> None:
    """Whoever holds a case for review finds the author's report in the form, and goes on there.

    What she had written before it was signed gives way.
    """
    if case.status is not CaseStatus.REPORT_REVIEW:
        return
    [held] = list_readings(work, case.id)
    known = reports.get_draft(work, case.id)
    if known is None or known.saved_at < held.report.signed_at:
        adopt_reading(work, case_id=case.id, reading_id=held.report.id)


def names_of(work: Work, held: list[Held]) -> dict[str, PersonName]:
    """The readers by id."""
    return dict(practitioners.names_of(work, [each.report.author_id for each in held]))


def _sees_all(work: Work, case: Case) -> bool:
    """The panel sees all when the case is answered; before that, whoever settles or reviews."""
    if case.panel_id is None or case.panel_id not in work.actor.panel_ids:
        return False
    if is_answered(case):
        return True
    claim = queue.find_claim(work, case.id)
    return (
        case.status in _OPEN_TO_HOLDER
        and claim is not None
        and claim.practitioner_id == work.actor.practitioner_id
        and claim.lease_until > work.now
    )
