"""The marks on which a signed version rests: kept apart from the sheet, which goes on."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.annotations.content import hash_of
from consult.annotations.model import Sheet
from consult.cases.images.model import CaseImage
from consult.kernel.errors import FieldProblem
from consult.reports.seal import Seal
from consult.reports.tables import ReportMarksRow
from consult.reports.verify import broken_parts, content_of
from consult.reports.versions import Report


def check_marks(sheet: Sheet | None, used: Sequence[CaseImage]) -> list[FieldProblem]:
    """Marks and key images stand only on pictures on which the report rests."""
    if sheet is None:
        return []
    known = {image.id for image in used}
    problems = [
        FieldProblem(f"marks.{number}.image_id", "mark-not-relied-on")
        for number, mark in enumerate(sheet.drawing.marks)
        if mark.image_id not in known
    ]
    problems += [
        FieldProblem(f"key_images.{number}", "key-image-not-relied-on")
        for number, image_id in enumerate(sheet.drawing.key_images)
        if image_id not in known
    ]
    return problems[:20]


def sheet_as_json(sheet: Sheet | None, used: Sequence[CaseImage]) -> dict[str, object]:
    """What the signature says of the marks: their hash, and the pictures chosen for the report.

    A report without a sheet says nothing of marks, as those of the first releases.
    """
    if sheet is None:
        return {}
    by_id = {image.id: image.instance for image in used}
    return {
        "marks": {
            "revision": sheet.revision,
            "sha256": sheet.sha256,
            "count": len(sheet.drawing.marks),
        },
        "key_images": [
            {
                "image_id": image_id,
                "instance_id": by_id[image_id].id,
                "sop_instance_uid": by_id[image_id].uids.sop_instance_uid,
            }
            for image_id in sheet.drawing.key_images
            if image_id in by_id
        ],
    }


def find_marks(session: Session, report_id: str) -> bytes | None:
    """The sheet of a signed version; None where it rests on none."""
    return session.scalar(
        select(ReportMarksRow.content).where(ReportMarksRow.report_id == report_id)
    )


def broken_marks(content: Mapping[str, object], marks: bytes | None) -> tuple[str, ...]:
    """Names the marks when they are not those that were signed."""
    told = content.get("marks")
    signed = told.get("sha256") if isinstance(told, dict) else None
    found = None if marks is None else hash_of(marks)
    return () if signed == found else ("marks",)


def signed_marks_of(session: Session, reports: Iterable[Report]) -> dict[str, bytes]:
    """The sheets of these versions by report, for those that rest on one."""
    found = ((report.id, find_marks(session, report.id)) for report in reports)
    return {report_id: marks for report_id, marks in found if marks is not None}


def is_whole(session: Session, report: Report, *, seal: Seal) -> bool:
    """Whether a version and the marks under it are what was signed."""
    marks = broken_marks(content_of(report), find_marks(session, report.id))
    return not marks and not broken_parts(report, seal=seal)
