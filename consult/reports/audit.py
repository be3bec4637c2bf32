"""Every signed report checked: its bytes, its seal, its journal entry, and the images under it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.db.stored import StoredRow, stored_rows
from consult.journal.model import Line
from consult.kernel.faults import Fault
from consult.reports.seal import Seal
from consult.reports.second.tables import HeldRow
from consult.reports.signed_marks import broken_marks
from consult.reports.tables import ReportMarksRow, ReportRow
from consult.reports.verify import broken_parts, content_of
from consult.reports.versions import Report
from consult.studies import audit as studies

_SIGNED: Final = frozenset({"report.signed", "reading.signed"})


@dataclass(slots=True)
class Told:
    """What the journal says of reports, gathered while it is walked."""

    signed: dict[str, Line] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of a signature: of a report, its amendment or its retraction."""
        if line.kind in _SIGNED:
            self.signed[line.object_id] = line


def count_reports(session: Session) -> int:
    """How many signed versions there are, for whoever waits."""
    return session.scalar(select(func.count()).select_from(ReportRow)) or 0


def check_reports(session: Session, *, seal: Seal, told: Told) -> Iterator[Report | Fault]:
    """Every signed version, and every fault; a version that the journal knows must be there."""
    missing, with_marks = set(told.signed), set(session.scalars(select(ReportMarksRow.report_id)))
    for row in stored_rows(session, ReportRow, by="id"):
        report_id = str(row.values["id"])
        missing.discard(report_id)
        with_marks.discard(report_id)
        if row.unreadable:
            yield Fault("report-unreadable", report_id)
            continue
        report = Report(**{name: row.values[name] for name in Report.__slots__})
        yield from _check(session, report, seal=seal, told=told)
        yield report
    for held in stored_rows(session, HeldRow, by="id"):
        missing.discard(str(held.values["id"]))
        yield from _check_held(held, seal=seal, told=told)
    yield from (Fault("report-missing", report_id) for report_id in sorted(missing))
    yield from (Fault("report-marks", report_id) for report_id in sorted(with_marks))


def _check(session: Session, report: Report, *, seal: Seal, told: Told) -> Iterator[Fault]:
    content = content_of(report)
    for part in broken_parts(report, seal=seal):
        yield Fault(f"report-{part}", report.id)
    yield from _check_marks(session, report, content)
    if not _columns_agree(report, content):
        yield Fault("report-columns", report.id)
    if not _journal_agrees(report, told):
        yield Fault("report-journal", report.id)
    yield from _check_images(session, report, content)


def _check_held(row: StoredRow, *, seal: Seal, told: Told) -> Iterator[Fault]:
    """A reading that was held back is kept as it was signed, whatever became of it (Q-10)."""
    reading_id = str(row.values["id"])
    if row.unreadable:
        yield Fault("report-unreadable", reading_id)
        return
    reading = Report(**{name: row.values[name] for name in Report.__slots__})
    content = content_of(reading)
    for part in broken_parts(reading, seal=seal):
        yield Fault(f"report-{part}", reading_id)
    if broken_marks(content, row.values["marks"]):
        yield Fault("report-marks", reading_id)
    if not _columns_agree(reading, content):
        yield Fault("report-columns", reading_id)
    if not _journal_agrees(reading, told):
        yield Fault("report-journal", reading_id)


def _columns_agree(report: Report, content: Mapping[str, object]) -> bool:
    return (
        _inside(content, "invited", "id") == report.institution_id
        and _inside(content, "case", "service_type") == report.service_type.value
        and content.get("seal_id") == report.seal_id
    )


def _journal_agrees(report: Report, told: Told) -> bool:
    """The entry of the signature names the same version, status, hashes, case and author."""
    line = told.signed.get(report.id)
    if line is None:
        return False
    signed = {
        "version": report.version,
        "status": report.status.value,
        "sha256": report.sha256,
        "shown_sha256": report.shown_sha256,
        "seal": report.seal_id,
    }
    about = (line.case_id, line.practitioner_id) == (report.case_id, report.author_id)
    return about and {name: line.codes.get(name) for name in signed} == signed


def _check_images(
    session: Session, report: Report, content: Mapping[str, object]
) -> Iterator[Fault]:
    """What the signature says that it rests on is stored, and is the same."""
    materials = content.get("materials")
    named: dict[str, Any] = {
        str(each["instance_id"]): each.get("sha256")
        for each in (materials if isinstance(materials, list) else [])
        if isinstance(each, dict) and "instance_id" in each
    }
    stored = studies.original_hashes(session, named)
    for instance_id, sha256 in named.items():
        if stored.get(instance_id) != sha256:
            yield Fault("report-image", f"{report.id} {instance_id}")


def _check_marks(
    session: Session, report: Report, content: Mapping[str, object]
) -> Iterator[Fault]:
    """The marks that the signature names are kept beside it, for this case, byte for byte."""
    rows = list(
        stored_rows(
            session, ReportMarksRow, by="report_id", where=ReportMarksRow.report_id == report.id
        )
    )
    marks = rows[0].values["content"] if rows else None
    is_odd = any(row.unreadable or row.values["case_id"] != report.case_id for row in rows)
    if is_odd or broken_marks(content, marks):
        yield Fault("report-marks", report.id)


def _inside(content: Mapping[str, object], key: str, inner: str) -> object:
    inside = content.get(key)
    return inside.get(inner) if isinstance(inside, dict) else None
