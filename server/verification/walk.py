"""Everything that `lianzhen verify` looks at, in one snapshot of the database.

The journal first, for the reports are held against it; the images last, for they take longest.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from consult.blobs.store import BlobStore
from consult.calendar import audit as calendar
from consult.cases import audit as cases
from consult.journal import audit as journal
from consult.journal.anchor import Anchor, is_torn, parse_anchor
from consult.journal.row_audit import RowsTold, check_rows
from consult.kernel.faults import Fault
from consult.kernel.keys import Vault
from consult.referrals import audit as referrals
from consult.reports import audit as reports
from consult.reports.audit_answers import Answers, check_answers
from consult.reports.seal import Seal
from server.anchors import ANCHOR_EVERY_S, FILE
from server.transactions import utc_now
from server.verification.findings import Findings
from server.verification.images import Reader, check_images

Progress = Callable[[str, int, int], None]
Listener = reports.Told | Answers | RowsTold
"""Who gathers what the journal says while it is walked."""
KEPT: Final = (*cases.KEPT, *calendar.KEPT, *referrals.KEPT)
"""Rows that are held against the likeness that the journal tells."""
DATABASE: Final = "database"
_ENDS: Final = ("}", '"}')
_FIRST_ANCHOR_AFTER: Final = 5 * timedelta(seconds=ANCHOR_EVERY_S)
"""The server anchors as soon as it runs and each minute afterwards."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is verified, and how deeply: `is_quick` asks each image only for its presence and size.

    `has_all_placed` says that a COMMIT numbers its own entries (SQLite), so that none may wait.
    """

    session: Session
    blobs: BlobStore
    vault: Vault
    seal: Seal
    anchor_files: tuple[Path, ...]
    has_all_placed: bool
    is_quick: bool = False


def verify(checked: Checked, *, progress: Progress) -> Findings:
    """Look at everything; a part that cannot be read at all is a fault of its own."""
    findings = Findings()
    told, answers, rows = reports.Told(), Answers(), RowsTold(KEPT)
    _gather(findings, DATABASE, _check_database(checked.session))
    _gather(findings, "journal", _check_journal(checked, findings, (told, answers, rows), progress))
    _gather(findings, "reports", _check_reports(checked, findings, told, progress))
    _gather(findings, "answers", _check_answers(checked, findings, answers))
    _gather(findings, "records", _check_rows(checked, findings, rows))
    reader = Reader(checked.session, checked.blobs, checked.vault, is_quick=checked.is_quick)
    _gather(findings, "images", check_images(reader, findings, progress))
    return findings


def _gather(findings: Findings, part: str, found: Iterator[Fault]) -> None:
    try:
        for fault in found:
            findings.add(fault)
    except SQLAlchemyError:
        findings.add(Fault("database-unreadable", part))


def _check_database(session: Session) -> Iterator[Fault]:
    """SQLite's own check of its pages and indexes; PostgreSQL has checksums of its own."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for (said,) in session.execute(text("PRAGMA integrity_check(20)")):
        if said != "ok":
            yield Fault("database-damaged", str(said).splitlines()[0])
    for table, row, *_ in session.execute(text("PRAGMA foreign_key_check")):
        yield Fault("database-reference", f"{table} {row}")


def _check_journal(
    checked: Checked, findings: Findings, listeners: Iterable[Listener], progress: Progress
) -> Iterator[Fault]:
    anchors = []
    for found in _anchors_in(checked.anchor_files, checked.seal):
        if isinstance(found, Fault):
            yield found
        else:
            findings.count("anchors")
            anchors.append(found)
    walk = journal.Walk(wanted=frozenset(anchor.position for anchor in anchors))
    total, oldest = journal.count_lines(checked.session), None
    for met in journal.walk_chain(checked.session, walk):
        if isinstance(met, Fault):
            yield met
        else:
            oldest = met.at if oldest is None else min(oldest, met.at)
            for listener in listeners:
                listener.note(met)
            findings.count("lines")
            progress("journal", walk.lines, total)
    yield from _check_presence(anchors, oldest)
    if checked.has_all_placed:
        yield from journal.unplaced(checked.session)
    yield from journal.check_anchors(anchors, walk)
    yield from journal.check_words(checked.session, walk)
    newest = max((anchor.position for anchor in anchors), default=0)
    findings.notes |= {
        "words_erased": walk.erased,
        "lines_after_anchor": max(walk.position - newest, 0),
    }


def _anchors_in(files: Iterable[Path], seal: Seal) -> Iterator[Anchor | Fault]:
    """Every anchor of these files; a line that was torn by a power cut tells what it still can."""
    for file in files:
        lines = file.read_bytes().split(b"\n") if file.exists() else []
        for number, line in enumerate(lines, 1):
            place = f"{file.name}:{number}"
            yield from _anchor_in(line.decode("utf-8", "replace"), seal, place=place)


def _anchor_in(line: str, seal: Seal, *, place: str) -> Iterator[Anchor | Fault]:
    """What a line tells; of a torn one perhaps nothing."""
    if line and not is_torn(line):
        yield parse_anchor(line, is_valid=seal.is_valid) or Fault("anchor-changed", place)
        return
    for end in _ENDS:
        anchor = parse_anchor(line + end, is_valid=seal.is_valid)
        if anchor is not None:
            yield anchor


def _check_presence(anchors: Sequence[Anchor], oldest: datetime | None) -> Iterator[Fault]:
    """A journal of some age without a single anchor: they were taken away."""
    if oldest is not None and not anchors and utc_now() - oldest > _FIRST_ANCHOR_AFTER:
        yield Fault("anchors-missing", FILE)


def _check_reports(
    checked: Checked, findings: Findings, told: reports.Told, progress: Progress
) -> Iterator[Fault]:
    total = reports.count_reports(checked.session)
    for met in reports.check_reports(checked.session, seal=checked.seal, told=told):
        if isinstance(met, Fault):
            yield met
        else:
            findings.count("reports")
            progress("reports", findings.checked["reports"], total)


def _check_answers(checked: Checked, findings: Findings, told: Answers) -> Iterator[Fault]:
    for met in check_answers(checked.session, told):
        if isinstance(met, Fault):
            yield met
        else:
            findings.count("answers")


def _check_rows(checked: Checked, findings: Findings, told: RowsTold) -> Iterator[Fault]:
    for met in check_rows(checked.session, told, vault=checked.vault):
        if isinstance(met, Fault):
            yield met
        else:
            findings.count("records")
    yield from cases.check_corrections(checked.session)
