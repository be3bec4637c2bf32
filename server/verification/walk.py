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

from consult.annotations.audit import MarksTold, check_sheets
from consult.blobs.store import BlobStore
from consult.calendar import audit as calendar
from consult.cases import audit as cases
from consult.discussion.audit import MessagesTold, check_messages
from consult.journal import audit as journal
from consult.journal.anchor import Anchor
from consult.journal.model import Line
from consult.journal.row_audit import RowsTold, check_rows
from consult.kernel.faults import Fault
from consult.kernel.keys import Vault
from consult.referrals import audit as referrals
from consult.reports import audit as reports
from consult.reports.alerts import audit as alerts
from consult.reports.audit_answers import Answers, check_answers
from consult.reports.opinions.audit import OpinionsTold, check_opinions
from consult.reports.own.audit import OwnTold, check_own
from consult.reports.recalls import audit as recalls
from consult.reports.seal import Seal
from consult.reports.tellings import audit as tellings
from consult.rooms import audit as rooms
from consult.rooms.audit import CallsTold, check_calls
from server.anchors import ANCHOR_EVERY_S, FILE
from server.transactions import utc_now
from server.verification.copies import Torn, anchors_of
from server.verification.findings import Findings
from server.verification.images import Reader, check_images

Progress = Callable[[str, int, int], None]
KEPT: Final = (
    *cases.KEPT,
    *calendar.KEPT,
    *rooms.KEPT,
    *alerts.KEPT,
    *tellings.KEPT,
    *recalls.KEPT,
    *referrals.KEPT,
)
"""Rows that are held against the likeness that the journal tells."""
DATABASE: Final = "database"
_FIRST_ANCHOR_AFTER: Final = 5 * timedelta(seconds=ANCHOR_EVERY_S)
"""The server anchors as soon as it runs and each minute afterwards."""


class _Span:
    """When the journal began, and when the lines were written that no anchor holds yet."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        self.anchored = max((anchor.position for anchor in anchors), default=0)
        self.oldest: datetime | None = None
        self.first_after: datetime | None = None
        self.last_after: datetime | None = None

    def note(self, line: Line) -> None:
        """Remember when a line was written."""
        self.oldest = line.at if self.oldest is None else min(self.oldest, line.at)
        if line.position > self.anchored:
            self.first_after = self.first_after or line.at
            self.last_after = max(self.last_after or line.at, line.at)


Listener = (
    reports.Told
    | Answers
    | RowsTold
    | MarksTold
    | MessagesTold
    | OwnTold
    | CallsTold
    | OpinionsTold
    | _Span
)
"""Who gathers what the journal says while it is walked."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is verified, and how deeply: `is_quick` asks each image only for its presence and size.

    `has_all_placed` says that a COMMIT numbers its own entries (SQLite), so that none may wait.
    `copies` are files that were kept elsewhere, `heads` what stands on a paper.
    """

    session: Session
    blobs: BlobStore
    vault: Vault
    seal: Seal
    folder: Path
    has_all_placed: bool
    is_quick: bool = False
    copies: tuple[Path, ...] = ()
    heads: tuple[Anchor, ...] = ()


def verify(checked: Checked, *, progress: Progress) -> Findings:
    """Look at everything; a part that cannot be read at all is a fault of its own."""
    findings = Findings()
    told, answers, rows, marks = reports.Told(), Answers(), RowsTold(KEPT), MarksTold()
    messages, own, calls = MessagesTold(), OwnTold(), CallsTold()
    opinions = OpinionsTold()
    listeners = told, answers, rows, marks, messages, own, calls, opinions
    _gather(findings, DATABASE, _check_database(checked.session))
    _gather(findings, "journal", _check_journal(checked, findings, listeners, progress))
    _gather(findings, "reports", _check_reports(checked, findings, told, progress))
    _gather(findings, "records", _check_rows(checked, findings, rows))
    for what, found in (
        ("answers", check_answers(checked.session, answers)),
        ("marks", check_sheets(checked.session, marks)),
        ("messages", check_messages(checked.session, messages)),
        ("own readings", check_own(checked.session, own)),
        ("video calls", check_calls(checked.session, calls)),
        ("opinions", check_opinions(checked.session, opinions, seal=checked.seal)),
    ):
        _gather(findings, what, _counted(findings, what, found))
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
    met = list(anchors_of(checked.folder, checked.copies, seal=checked.seal))
    yield from (each for each in met if isinstance(each, Fault))
    anchors = [*checked.heads, *(each for each in met if isinstance(each, Anchor))]
    findings.checked["anchors"] = len(anchors)
    walk = journal.Walk(wanted=frozenset(anchor.position for anchor in anchors))
    span = _Span(anchors)
    yield from _walk(checked, walk, (span, *listeners), progress)
    findings.checked["lines"] = walk.lines
    yield from _check_presence(anchors, span)
    for torn in (each for each in met if isinstance(each, Torn)):
        yield from _check_torn(torn, span)
    if checked.has_all_placed:
        yield from journal.unplaced(checked.session)
    yield from journal.check_anchors(anchors, walk)
    yield from journal.check_words(checked.session, walk)
    findings.notes |= {
        "words_erased": walk.erased,
        "lines_after_anchor": max(walk.position - span.anchored, 0),
    }


def _walk(
    checked: Checked, walk: journal.Walk, listeners: Iterable[Listener], progress: Progress
) -> Iterator[Fault]:
    """Every line, told to whoever listens, and every fault of the chain."""
    total = journal.count_lines(checked.session)
    for met in journal.walk_chain(checked.session, walk):
        if isinstance(met, Fault):
            yield met
            continue
        for listener in listeners:
            listener.note(met)
        progress("journal", walk.lines, total)


def _check_presence(anchors: Sequence[Anchor], span: _Span) -> Iterator[Fault]:
    """A journal of some age without a single anchor: they were taken away."""
    if span.oldest is not None and not anchors and utc_now() - span.oldest > _FIRST_ANCHOR_AFTER:
        yield Fault("anchors-missing", FILE)


def _check_torn(torn: Torn, span: _Span) -> Iterator[Fault]:
    """A power cut ends the work: who worked on after it would have anchored anew."""
    if span.first_after is None or span.last_after is None:
        return
    if span.last_after - (torn.at or span.first_after) > _FIRST_ANCHOR_AFTER:
        yield Fault("anchor-cut", torn.place)


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


def _counted(findings: Findings, what: str, found: Iterable[object]) -> Iterator[Fault]:
    """The faults among what was met; everything else is counted."""
    for met in found:
        if isinstance(met, Fault):
            yield met
        else:
            findings.count(what)


def _check_rows(checked: Checked, findings: Findings, told: RowsTold) -> Iterator[Fault]:
    found = check_rows(checked.session, told, vault=checked.vault)
    yield from _counted(findings, "records", found)
    yield from cases.check_corrections(checked.session)
