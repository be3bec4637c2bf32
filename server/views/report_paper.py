"""The report on paper: what was signed, and whether it still is what was signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypedDict

from consult.cases import service as cases
from consult.cases.corrections.model import Correction
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import rereads
from consult.reports import service as reports
from consult.reports.codes import code_of
from consult.reports.papers import service as papers
from consult.reports.papers.model import Paper
from consult.reports.reviewed import reviewed_at
from consult.reports.seal import Seal
from consult.reports.signed_marks import broken_marks, find_marks
from consult.reports.verify import broken_parts, content_of, shown_content
from consult.reports.versions import Decision, Report
from server.moments import local_day
from server.requests import Audience, zone_of
from server.views.case_form import summary_of
from server.views.report_changes import ChangeLine
from server.views.report_pictures import PaperPicture, Shown, find_shown, pictures_of
from server.views.report_screen import screen_text
from server.views.report_summary import (
    diagnoses_text,
    interval_text,
    materials_text,
    referral_text,
    said_in,
    sections_text,
)
from server.views.report_table import EyeRow, rows_of
from server.views.report_versions import (
    Banner,
    VersionLine,
    banner_of,
    changes_text,
    lines_of,
)
from server.views.report_words import Speech

_HISTORY_ROWS = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A signed version with everything that its paper needs."""

    report: Report
    case: Case
    content: Mapping[str, Any]
    broken: tuple[str, ...]
    shown: Sequence[Shown]
    decisions: Sequence[Decision]
    names: Mapping[str, PersonName]
    versions: Sequence[Report]
    papers: Sequence[Paper]
    pending: Sequence[Correction]
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
    sections: Sequence[tuple[str, str]]
    pictures: Sequence[PaperPicture]
    materials: str
    diagnoses: str
    referral: str
    interval: str
    short_code: str
    author_part: str
    decision: Decision | None
    decided_by: PersonName | None
    printed_at: datetime
    banner: Banner
    versions: Sequence[VersionLine]
    changes: Sequence[ChangeLine]
    paper: Paper | None
    reread_since: datetime | None
    screen: str

    @property
    def has_body(self) -> bool:
        """Whether it says something of the patient, as a retraction does not."""
        return "body" in self.content

    @property
    def is_keyed(self) -> bool:
        """Whether it shows key images, and not one picture of each eye."""
        return any(picture.overlay is not None for picture in self.pictures)

    @property
    def amendment(self) -> Mapping[str, Any] | None:
        """Of which version it is the amendment, and why."""
        return self.content.get("amendment")

    @property
    def review(self) -> Mapping[str, Any] | None:
        """Whose report was reviewed before it was released, and what the reviewer changed."""
        return self.content.get("review")

    @property
    def reviewed_at(self) -> datetime | None:
        """When the physician signed whose report was reviewed."""
        return reviewed_at(self.content)

    @property
    def retraction(self) -> Mapping[str, Any] | None:
        """Which version it takes back, and why."""
        return self.content.get("retraction")


def gather(work: Work, report_id: str, seal: Seal) -> Found:
    """Open a report; the journal says who looked, and the seal is checked again."""
    return find(work, reports.open_report(work, report_id), seal)


def find(work: Work, report: Report, seal: Seal) -> Found:
    """The same of a version that is open already, or of one that a job puts on paper."""
    content = shown_content(work.actor, content_of(report))
    marks = find_marks(work.session, report.id)
    odd = broken_marks(content, marks)
    decisions = reports.list_decisions(work, report.case_id)
    versions = reports.list_reports(work, report.case_id)
    return Found(
        report=report,
        case=cases.get_case(work, report.case_id),
        content=content,
        broken=(*broken_parts(report, seal=seal), *odd),
        shown=find_shown(work, content, None if odd else marks),
        decisions=decisions,
        names=practitioners.names_of(work, [each.practitioner_id for each in decisions]),
        versions=versions,
        papers=papers.list_papers(work, report),
        pending=rereads.pending_of(work, report, versions),
        now=work.now,
    )


def of_report(reader: Audience, found: Found) -> PaperPage:
    """The paper in the reader's language."""
    content, speech = found.content, Speech(reader)
    is_there = bool(content) and "content" not in found.broken
    told = content if is_there else {}
    decision = next((each for each in found.decisions if each.report_id == found.report.id), None)
    return PaperPage(
        report=found.report,
        content=told,
        broken=found.broken,
        title=_said(speech, told, "title"),
        sentence=_said(speech, told, "sentence"),
        signature_line=_said(speech, told, "signature_line"),
        age=_age(reader, found) if is_there else 0,
        history=_history(reader, found) if "body" in told else (),
        **_body_words(speech, found, told),
        short_code=code_of(found.report.sha256),
        author_part=_author_part(speech, told),
        decision=decision,
        decided_by=None if decision is None else found.names.get(decision.practitioner_id),
        printed_at=found.now,
        banner=banner_of(found.report, found.versions),
        versions=lines_of(found.versions),
        changes=changes_text(speech, told),
        paper=next((each for each in found.papers if each.language == speech.tongue), None),
        reread_since=found.pending[0].at if found.pending else None,
        screen=screen_text(reader, told),
    )


def _body_words(speech: Speech, found: Found, content: Mapping[str, Any]) -> "_BodyWords":
    """What was found, in words; nothing of a retraction."""
    if "body" not in content:
        return _BodyWords(
            rows=(),
            sections=(),
            pictures=(),
            materials="",
            diagnoses="",
            referral="",
            interval="",
        )
    return _BodyWords(
        rows=rows_of(speech, content),
        sections=sections_text(speech, content),
        pictures=pictures_of(speech, found.shown),
        materials=materials_text(speech, content),
        diagnoses=diagnoses_text(speech, content),
        referral=referral_text(speech, content["body"]),
        interval=interval_text(speech, content["body"]),
    )


class _BodyWords(TypedDict):
    rows: Sequence[EyeRow]
    sections: Sequence[tuple[str, str]]
    pictures: Sequence[PaperPicture]
    materials: str
    diagnoses: str
    referral: str
    interval: str


def _said(speech: Speech, content: Mapping[str, Any], key: str) -> str:
    return said_in(speech, content[key]) if key in content else ""


def _author_part(speech: Speech, content: Mapping[str, Any]) -> str:
    if not content:
        return ""
    return speech.term("report_author", content["author"]["record_of"][0])


def _age(reader: Audience, found: Found) -> int:
    """The age on the day of signing."""
    born = date.fromisoformat(found.content["patient"]["birth_on"])
    day = local_day(found.report.signed_at, zone=zone_of(reader))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _history(reader: Audience, found: Found) -> list[tuple[str, str]]:
    """The answers of the request as they were when the report was signed."""
    answers = found.content["case"]["answers"]
    told = summary_of(reader, replace(found.case, answers=answers))
    return told[:_HISTORY_ROWS]
