"""Marks that leave the house: whose, of which saving or signed version, and who took them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consult.access.model import ObjectType
from consult.annotations import service as annotations
from consult.annotations.content import drawing_of
from consult.annotations.frames import MarkedFrame, frames_of
from consult.annotations.model import Drawing, Sheet
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Entry, Work
from consult.reports import service as reports
from consult.reports.second.matters import SecondRules, is_hidden
from consult.reports.signed_marks import broken_marks, find_marks
from consult.reports.verify import content_of
from consult.reports.versions import Report

_LONGEST_NUMBER: Final = 9


@dataclass(frozen=True, slots=True)
class Source:
    """One reader's marks as they were saved, or as they were signed in a version of a report."""

    reader_id: PractitionerId
    revision: int
    at: datetime | None
    drawing: Drawing
    report: Report | None = None


def list_sources(
    work: Work, case: Case, *, second: SecondRules | None, revision: int | None = None
) -> list[Source]:
    """The actor's own sheet, her panel's, and those of the versions that she may see.

    Of her own it is the saving with this revision, where one is named that is still kept.
    """
    own = annotations.own_sheet(work, case)
    earlier = None if revision is None else annotations.own_revision(work, case, revision)
    others = [] if is_hidden(case, second) else annotations.list_panel_sheets(work, case)
    sheets = [earlier or own, *others]
    signed = (_signed(work, report) for report in reports.list_reports(work, case.id))
    return [
        source
        for source in (*map(_saved, sheets), *signed)
        if source is not None and source.drawing.marks
    ]


def find_frame(
    work: Work, *, case_id: str, asked: Mapping[str, str], second: SecondRules | None
) -> tuple[Case, Source, MarkedFrame]:
    """The frame that is asked for: `at` an image and its frame (`<id>.1`), of `reader` or `report`.

    Of her own sheet an earlier saving may be named by its `revision`.

    Raises NotFoundError for marks that are not the actor's to see, RefusedError with the field
    that is wrong or that names a frame without marks.
    """
    case = cases.get_case(work, case_id)
    image_id, _, frame_text = _needed(asked, "at").partition(".")
    frame = _whole(frame_text, field="at")
    source = _find_source(work, case, asked, second)
    canvases = annotations.marked_canvases(work, case)
    for marked in frames_of(source.drawing, canvases, author_id=source.reader_id):
        if (marked.image_id, marked.frame) == (image_id, frame):
            return case, source, marked
    raise RefusedError("marks-none", field="at")


def note_export(
    work: Work, *, case_id: str, source: Source, marked: MarkedFrame, codes: Mapping[str, str]
) -> None:
    """Write down who takes which marks out of the house; `codes` has form, hash and reason."""
    case = cases.get_case(work, case_id)
    work.journal(
        Entry(
            "marks.exported",
            ObjectType.CASE,
            case.id,
            codes={
                "image": marked.image_id,
                "frame": marked.frame,
                "reader": source.reader_id,
                "revision": source.revision,
                "report": None if source.report is None else source.report.id,
                "form": codes["form"],
                "sha256": codes["sha256"],
            },
            reason=codes["reason"],
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )


def _find_source(
    work: Work, case: Case, asked: Mapping[str, str], second: SecondRules | None
) -> Source:
    revision = _whole(asked["revision"], field="revision") if "revision" in asked else None
    report_id = asked.get("report")
    reader_id = None if report_id else _needed(asked, "reader")
    for source in list_sources(work, case, second=second, revision=revision):
        if _is_named(source, reader_id=reader_id, report_id=report_id, revision=revision):
            return source
    raise NotFoundError


def _is_named(
    source: Source, *, reader_id: str | None, report_id: str | None, revision: int | None
) -> bool:
    if revision not in {None, source.revision}:
        return False
    if source.report is None:
        return source.reader_id == reader_id
    return source.report.id == report_id


def _saved(sheet: Sheet) -> Source:
    return Source(sheet.reader_id, sheet.revision, sheet.saved_at, sheet.drawing)


def _signed(work: Work, report: Report) -> Source | None:
    """The marks under a version; none where it has none, or they are not those that were signed."""
    content, marks = content_of(report), find_marks(work.session, report.id)
    if marks is None or broken_marks(content, marks):
        return None
    told = content.get("marks")
    revision = int(told["revision"]) if isinstance(told, dict) else 0
    return Source(report.author_id, revision, report.signed_at, drawing_of(marks), report)


def _needed(asked: Mapping[str, str], name: str) -> str:
    value = asked.get(name, "")
    if not value:
        raise RefusedError("field-missing", field=name)
    return value


def _whole(text: str, *, field: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise RefusedError("field-malformed", field=field)
    return int(text)
