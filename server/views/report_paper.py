"""The report on paper and as data: what was signed, and whether it still is what was signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from aiohttp import web
from pydantic import BaseModel, JsonValue

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import service as reports
from consult.reports.seal import Seal
from consult.reports.verify import broken_parts, content_of, shown_content
from consult.reports.versions import Decision, Report
from consult.studies import service as studies
from server.moments import local_day
from server.requests import signed_in
from server.views.case_form import summary_of
from server.views.pictures import urls_of
from server.views.report_summary import (
    diagnoses_text,
    image_text,
    interval_text,
    materials_text,
    referral_text,
    said_in,
)
from server.views.report_table import EyeRow, rows_of
from server.views.report_words import Speech

_CODE_LETTERS, _CODE_GROUP = 12, 4
_HISTORY_ROWS = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A signed version with everything that its paper needs."""

    report: Report
    case: Case
    content: Mapping[str, Any]
    broken: tuple[str, ...]
    pictures: Mapping[str, str]
    decisions: Sequence[Decision]
    names: Mapping[str, PersonName]
    is_newest: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class PaperPage:
    """What the paper shows; `content` is empty when the bytes cannot be read any more."""

    report: Report
    content: Mapping[str, Any]
    broken: tuple[str, ...]
    title: str
    sentence: str
    signature_line: str
    age: int
    history: Sequence[tuple[str, str]]
    rows: Sequence[EyeRow]
    pictures: Sequence[tuple[str, str]]
    materials: str
    diagnoses: str
    referral: str
    interval: str
    short_code: str
    author_part: str
    decision: Decision | None
    decided_by: PersonName | None
    is_newest: bool
    printed_at: datetime


class ReportAnswer(BaseModel):
    """A signed version as data: the exact bytes are `canonical`, which the signature covers."""

    id: str
    case_id: str
    version: int
    status: str
    signed_at: str
    sha256: str
    shown_sha256: str
    signature: str
    seal_id: str
    is_valid: bool
    broken: list[str]
    content: dict[str, JsonValue]


def gather(work: Work, report_id: str, seal: Seal) -> Found:
    """Open a report; the journal says who looked, and the seal is checked again."""
    report = reports.open_report(work, report_id)
    content = shown_content(work.actor, content_of(report))
    decisions = reports.list_decisions(work, report.case_id)
    newest = reports.list_reports(work, report.case_id)[:1]
    return Found(
        report=report,
        case=cases.get_case(work, report.case_id),
        content=content,
        broken=broken_parts(report, seal=seal),
        pictures=_pictures(work, content),
        decisions=decisions,
        names=practitioners.names_of(work, [each.practitioner_id for each in decisions]),
        is_newest=[each.id for each in newest] == [report.id],
        now=work.now,
    )


def of_report(request: web.Request, found: Found) -> PaperPage:
    """The paper in the reader's language."""
    content, speech = found.content, Speech(request)
    decision = next((each for each in found.decisions if each.report_id == found.report.id), None)
    is_there = bool(content) and "content" not in found.broken
    return PaperPage(
        report=found.report,
        content=content if is_there else {},
        broken=found.broken,
        title=said_in(speech, content["title"]) if is_there else "",
        sentence=said_in(speech, content["sentence"]) if is_there else "",
        signature_line=said_in(speech, content["signature_line"]) if is_there else "",
        age=_age(request, found) if is_there else 0,
        history=_history(request, found) if is_there else (),
        rows=rows_of(speech, content["body"]) if is_there else (),
        pictures=_shown(speech, found) if is_there else (),
        materials=materials_text(speech, content) if is_there else "",
        diagnoses=diagnoses_text(speech, content) if is_there else "",
        referral=referral_text(speech, content["body"]) if is_there else "",
        interval=interval_text(speech, content["body"]) if is_there else "",
        short_code=_short(found.report.sha256),
        author_part=speech.term("report_author", content["author"]["record_of"][0])
        if is_there
        else "",
        decision=decision,
        decided_by=None if decision is None else found.names.get(decision.practitioner_id),
        is_newest=found.is_newest,
        printed_at=found.now,
    )


def report_as_json(found: Found) -> dict[str, object]:
    """The signed version as data."""
    report = found.report
    return ReportAnswer(
        id=report.id,
        case_id=report.case_id,
        version=report.version,
        status=report.status.value,
        signed_at=report.signed_at.isoformat(),
        sha256=report.sha256,
        shown_sha256=report.shown_sha256,
        signature=report.signature.hex(),
        seal_id=report.seal_id,
        is_valid=not found.broken,
        broken=list(found.broken),
        content=dict(found.content),
    ).model_dump()


def _pictures(work: Work, content: Mapping[str, Any]) -> dict[str, str]:
    """The preview of each picture on which the report rests, where it is still to be had."""
    found: dict[str, str] = {}
    for image in content.get("materials", ()):
        try:
            instance = studies.get_instance(work, image["instance_id"])
        except NotFoundError:
            continue
        code = organisations.get_institution(work, instance.institution_id).code
        found[instance.id] = urls_of(instance, institution_code=code).preview
    return found


def _shown(speech: Speech, found: Found) -> list[tuple[str, str]]:
    """One picture of each eye, the right one first: the macula where there is one."""
    shown: list[tuple[str, str]] = []
    for eye in ("right", "left"):
        of_eye = [image for image in found.content["materials"] if image["eye"] == eye]
        of_eye.sort(key=lambda image: image["field"] not in {"macula_centred", "etdrs_2_macula"})
        first = next((image for image in of_eye if image["instance_id"] in found.pictures), None)
        if first is not None:
            shown.append((found.pictures[first["instance_id"]], image_text(speech, first)))
    return shown


def _age(request: web.Request, found: Found) -> int:
    """The age on the day of signing."""
    born = date.fromisoformat(found.content["patient"]["birth_on"])
    day = local_day(found.report.signed_at, zone=signed_in(request).zone)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _history(request: web.Request, found: Found) -> list[tuple[str, str]]:
    """The answers of the request as they were when the report was signed."""
    answers = found.content["case"]["answers"]
    told = summary_of(request, replace(found.case, answers=answers))
    return told[:_HISTORY_ROWS]


def _short(sha256: str) -> str:
    """The first letters of the hash, in groups that a person can compare."""
    head = sha256[:_CODE_LETTERS].upper()
    return "-".join(head[at : at + _CODE_GROUP] for at in range(0, _CODE_LETTERS, _CODE_GROUP))
