"""What supervision is shown of one case."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from consult.dossiers.circumstances import Correction, Turn
from consult.dossiers.model import as_plain
from consult.dossiers.retention import Retention
from consult.dossiers.sheet import Promise, Sheet
from consult.people.organisations.model import Agreement
from server.i18n import N_
from server.requests import Audience
from server.views.report_changes import label_of
from server.views.report_words import Speech
from server.views.return_words import item_text

_RESULT_TOLD: Final = "case.told"
_KEPT: Final = N_("{what}: at least {years} years")


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
    told: list[dict[str, object]]
    not_recorded: list[str]
    kept_until: str | None
    journal_head: str
    reports: list[dict[str, object]]
    accepted: PromiseAnswer
    reported: PromiseAnswer
    decisions: list[str]
    referrals: list[str]
    journal_lines: int
    broken_line: int | None
    is_whole: bool


def sheet_as_json(sheet: Sheet, kept: Retention) -> Mapping[str, object]:
    """The single page for a machine; what nobody records is named."""
    case = sheet.case
    until = None if sheet.closed_on is None else kept.record.until(sheet.closed_on)
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
        told=[_plain(each) for each in sheet.told],
        not_recorded=[*([] if is_told(sheet) else ["result_told"]), "others_present"],
        kept_until=None if until is None else until.isoformat(),
        journal_head=sheet.journal_head,
        reports=reports,
        accepted=_promise(sheet.accepted),
        reported=_promise(sheet.reported),
        decisions=[each.choice.value for each in sheet.decisions],
        referrals=[referral.status.value for referral, _appointment in sheet.referrals],
        journal_lines=sheet.lines,
        broken_line=sheet.broken_line,
        is_whole=sheet.is_whole,
    ).model_dump()


def correction_lines(
    reader: Audience, corrections: Sequence[Correction]
) -> list[tuple[Correction, str]]:
    """Each correction with the names of what it changed."""
    speech = Speech(reader)
    return [
        (each, speech.join([label_of(speech, field) for field in each.fields]))
        for each in corrections
    ]


def is_told(sheet: Sheet) -> bool:
    """Whether somebody wrote down that the patient was told the result."""
    return any(each.kind == _RESULT_TOLD for each in sheet.told)


def kept_lines(
    reader: Audience, sheet: Sheet, kept: Retention
) -> list[tuple[str, str, date | None]]:
    """Each class of records with its rule and, once the case is closed, until when it is kept."""
    speech = Speech(reader)
    return [
        (
            speech.say(_KEPT).format(what=period.words.said_in(speech.tongue), years=period.years),
            period.law.said_in(speech.tongue),
            None if sheet.closed_on is None else period.until(sheet.closed_on),
        )
        for period in (kept.record, kept.process)
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
