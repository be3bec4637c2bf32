"""What supervision is shown: lines of a list, and the single page of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from aiohttp import web
from pydantic import BaseModel

from consult.cases import service_oversight
from consult.cases.model import Case
from consult.cases.oversight_store import Filter
from consult.dossiers.circumstances import Correction, Turn
from consult.dossiers.model import as_plain
from consult.dossiers.sheet import Promise, Sheet
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Agreement, Institution
from server.requests import Audience
from server.views.report_changes import label_of
from server.views.report_words import Speech
from server.views.return_words import item_text


@dataclass(frozen=True, slots=True)
class OverseenLine:
    """One case of the list: nothing of the patient."""

    case: Case
    inviting: Institution
    invited: Institution | None


@dataclass(frozen=True, slots=True)
class OverseenPage:
    """The list, its filters, and where older cases are."""

    lines: Sequence[OverseenLine]
    institutions: Sequence[Institution]
    institution_id: str
    month: str
    service: str
    older: str


class OverseenCase(BaseModel):
    """One case of the list."""

    id: str
    number: str
    service_type: str
    status: str
    submitted_at: str
    inviting: str
    invited: str | None


class OverseenAnswer(BaseModel):
    """One page of the list; `older` is the value of `before` that follows it."""

    cases: list[OverseenCase]
    older: str | None


class PromiseAnswer(BaseModel):
    """What was promised and when it was kept."""

    due_at: str | None
    kept_at: str | None
    is_kept: bool | None


class SheetAnswer(BaseModel):
    """The single page of a case."""

    case_id: str
    number: str
    service_type: str
    status: str
    patient_masked: str
    submitted_at: str | None
    inviting_id: str
    invited_id: str | None
    requesting_physician_id: str | None
    consents: int
    readers: int
    views: int
    taken: int
    agreement: dict[str, object] | None
    licences: list[dict[str, object]]
    turns: list[dict[str, object]]
    corrections: list[dict[str, object]]
    reports: list[dict[str, object]]
    accepted: PromiseAnswer
    reported: PromiseAnswer
    decisions: list[str]
    referrals: list[str]
    journal_lines: int
    broken_line: int | None
    is_whole: bool


def make_list(work: Work, wanted: Filter, month: str) -> OverseenPage:
    """One page of the list; the names of institutions are no secret."""
    found, has_older = service_oversight.list_overseen(work, wanted)
    inside = replace(work, actor=SYSTEM)
    reach = service_oversight.institutions_in_reach(work)
    places = {str(each.id): each for each in reach}
    return OverseenPage(
        lines=[
            OverseenLine(
                case=case,
                inviting=_place(inside, places, case.institution_id),
                invited=(
                    None
                    if case.invited_institution_id is None
                    else _place(inside, places, case.invited_institution_id)
                ),
            )
            for case in found
        ],
        institutions=reach,
        institution_id=wanted.institution_id or "",
        month=month,
        service="" if wanted.service_type is None else wanted.service_type.value,
        older=found[-1].id if has_older else "",
    )


def list_as_json(page: OverseenPage) -> Mapping[str, object]:
    """The list for a machine."""
    cases = [
        OverseenCase(
            id=line.case.id,
            number=line.case.number,
            service_type=line.case.service_type.value,
            status=line.case.status.value,
            submitted_at=_moment(line.case.submitted_at) or "",
            inviting=line.inviting.name,
            invited=None if line.invited is None else line.invited.name,
        )
        for line in page.lines
    ]
    return OverseenAnswer(cases=cases, older=page.older or None).model_dump()


def sheet_as_json(sheet: Sheet) -> Mapping[str, object]:
    """The single page for a machine."""
    case = sheet.case
    reports: list[dict[str, object]] = [
        {
            "version": report.version,
            "status": report.status.value,
            "author_id": report.author_id,
            "signed_at": report.signed_at.isoformat(),
            "sha256": report.sha256,
            "is_valid": holds,
        }
        for report, holds in sheet.reports
    ]
    return SheetAnswer(
        case_id=case.id,
        number=case.number,
        service_type=case.service_type.value,
        status=case.status.value,
        patient_masked=sheet.masked_name,
        submitted_at=_moment(case.submitted_at),
        inviting_id=case.institution_id,
        invited_id=case.invited_institution_id,
        requesting_physician_id=case.requesting_physician_id,
        consents=len(sheet.consents),
        readers=len(sheet.readers) + sheet.other_readers,
        views=sum(each.views for each in sheet.readers),
        taken=sheet.taken,
        agreement=None if sheet.agreement is None else _agreement(sheet.agreement),
        licences=[_plain(each) | {"is_valid": each.is_valid} for each in sheet.licences],
        turns=[_plain(each) for each in sheet.turns],
        corrections=[_plain(each) for each in sheet.corrections],
        reports=reports,
        accepted=_promise(sheet.accepted),
        reported=_promise(sheet.reported),
        decisions=[each.choice.value for each in sheet.decisions],
        referrals=[referral.status.value for referral, _appointment in sheet.referrals],
        journal_lines=sheet.lines,
        broken_line=sheet.broken_line,
        is_whole=sheet.is_whole,
    ).model_dump()


def _place(work: Work, places: dict[str, Institution], institution_id: str) -> Institution:
    if institution_id not in places:
        places[institution_id] = organisations.get_institution(work, institution_id)
    return places[institution_id]


def correction_lines(
    reader: Audience, corrections: Sequence[Correction]
) -> list[tuple[Correction, str]]:
    """Each correction with the names of what it changed."""
    speech = Speech(reader)
    return [
        (each, speech.join([label_of(speech, field) for field in each.fields]))
        for each in corrections
    ]


def turn_lines(request: web.Request, sheet: Sheet) -> list[tuple[Turn, list[str]]]:
    """Each return or refusal with what it asks for, in words."""
    return [
        (turn, [item_text(request, sheet.case, item) for item in turn.items])
        for turn in sheet.turns
    ]


def _agreement(agreement: Agreement) -> dict[str, object]:
    told = _plain(agreement)
    return {key: told[key] for key in ("id", "valid_from", "valid_until", "signed_on")}


def _plain(record: object) -> dict[str, object]:
    plain = as_plain(record)
    return plain if isinstance(plain, dict) else {}


def _promise(promise: Promise) -> PromiseAnswer:
    return PromiseAnswer.model_validate(as_plain(asdict(promise)))


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
