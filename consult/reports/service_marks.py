"""Whose marks a reader is shown, and when she may draw: as the report itself may be written."""

from collections.abc import Mapping
from dataclasses import dataclass

from consult.access import policy
from consult.annotations import service as annotations
from consult.annotations.content import drawing_of, hash_of
from consult.annotations.model import Lesions, Sheet
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import store
from consult.reports.changes import newest_opinion
from consult.reports.second.matters import SecondRules, is_hidden
from consult.reports.service import report_ref, require_writing
from consult.reports.signed_marks import broken_marks, find_marks
from consult.reports.verify import content_of
from consult.reports.versions import Report


@dataclass(frozen=True, slots=True)
class Sheets:
    """The reader's own sheet first, then the others', with their authors' names."""

    sheets: tuple[Sheet, ...]
    own_id: PractitionerId
    names: Mapping[str, PersonName]


def save_marks(
    work: Work, *, case_id: str, revision: int, told: Mapping[str, object], lesions: Lesions
) -> Sheets:
    """Keep the reader's whole sheet, while she may write at the report of this case.

    Raises MarksMovedOnError when it was saved elsewhere since this page read it (`revision`).
    """
    images.hold_case(work, case_id)  # a signature at this moment comes before or after, not between
    case = cases.get_case(work, case_id)
    require_writing(work, case)
    saved = annotations.save_sheet(work, case, revision=revision, told=told, lesions=lesions)
    return _named(work, [saved])


def list_marks(work: Work, *, case_id: str, second: SecondRules | None = None) -> Sheets:
    """The reader's own sheet, her panel's, and the one under a report that she may see.

    Of a case that may be read twice nobody sees another's before it has been (Q-10).
    """
    return marks_of(work, cases.get_case(work, case_id), second=second)


def marks_of(work: Work, case: Case, *, second: SecondRules | None = None) -> Sheets:
    """The same of a case that is open already."""
    own = annotations.own_sheet(work, case)
    others = [] if is_hidden(case, second) else annotations.list_panel_sheets(work, case)
    signed = _signed_sheet(work, case)
    known = {own.reader_id, *(sheet.reader_id for sheet in others)}
    if signed is not None and signed.reader_id not in known:
        others = [*others, signed]
    return _named(work, [own, *others])


def _signed_sheet(work: Work, case: Case) -> Sheet | None:
    """The marks of the newest opinion, for whoever may see that report."""
    report = newest_opinion(store.list_of_case(work.session, case.id))
    if report is None:
        return None
    is_seen = policy.may_see(work.session, work.actor, report_ref(report.id), now=work.now)
    content = find_marks(work.session, report.id) if is_seen else None
    if content is None or broken_marks(content_of(report), content):
        return None
    return _as_sheet(report, content)


def _as_sheet(report: Report, content: bytes) -> Sheet:
    told = content_of(report).get("marks")
    return Sheet(
        case_id=report.case_id,
        reader_id=report.author_id,
        revision=int(told["revision"]) if isinstance(told, dict) else 0,
        saved_at=report.signed_at,
        sha256=hash_of(content),
        content=content,
        drawing=drawing_of(content),
    )


def _named(work: Work, sheets: list[Sheet]) -> Sheets:
    people = [sheet.reader_id for sheet in sheets]
    return Sheets(tuple(sheets), work.actor.person, practitioners.names_of(work, people))
