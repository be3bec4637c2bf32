"""Whether what the house knows is whole: after a kill nothing may be half.

Constraints, the journal's chain, one accountable person a case, no change without its entry, no
bytes that nobody names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.access.tables import CustodyRow
from consult.calendar.model import SlotStatus
from consult.calendar.tables import SlotRow
from consult.cases.answering import is_answered_for
from consult.cases.model import CaseStatus, is_open
from consult.cases.store import case_of
from consult.cases.tables import CaseRow
from consult.journal import service as journal
from consult.journal.tables import EntryRow
from consult.kernel.work import Work
from consult.people.patients.tables import PatientRow
from consult.referrals.tables import AppointmentRow
from consult.reports.papers.tables import PaperRow
from consult.reports.seal import Seal
from consult.reports.tables import DecisionRow, ReceiptRow, ReportRow
from consult.studies.deliveries.tables import DeliveryBlobRow
from consult.studies.tables import InstanceBlobRow, InstanceRow
from consult.studies.uploads.model import UploadState
from consult.studies.uploads.tables import UploadRow


def halves(work: Work, seal: Seal) -> Iterator[str]:
    """Everything in the database that is not whole."""
    session = work.session
    if (found := session.scalar(text("PRAGMA integrity_check"))) != "ok":
        yield f"integrity: {found}"
    if rows := session.execute(text("PRAGMA foreign_key_check")).all():
        yield f"foreign keys: {rows[:3]}"
    journal.check_chain(session)
    unnumbered = select(func.count()).where(EntryRow.position.is_(None))
    if session.scalar(unnumbered):
        yield "entries without a position"
    yield from _ownerless(work)
    yield from _unjournalled(session)
    yield from _broken_reports(session, seal)
    yield from _wrong_slots(session)


def unnamed_files(work: Work, data_dir: Path) -> Iterator[str]:
    """Bytes that nobody needs, once the house has swept.

    A ledger of keys (`.keys`) is the running house's own for what it stores next.
    """
    named = set(work.session.scalars(select(InstanceBlobRow.key)))
    named |= set(work.session.scalars(select(DeliveryBlobRow.key)))
    named |= set(work.session.scalars(select(PaperRow.key).where(PaperRow.key.is_not(None))))
    blobs = data_dir / "blobs"
    stored = {f"{path.parts[-3]}/{path.name}" for path in blobs.glob("[!.]*/*/*")}
    yield from (f"blob {key} is not named" for key in sorted(stored - named))
    yield from (f"blob {key} is gone" for key in sorted(named - stored))
    yield from (f"left over: {path.name}" for path in (blobs / ".incoming").glob("*"))
    waiting = {UploadState.RECEIVING, UploadState.RECEIVED, UploadState.WORKING}
    needed = set(work.session.scalars(select(UploadRow.id).where(UploadRow.state.in_(waiting))))
    spool = data_dir / "spool"
    spooled = {path.name for path in spool.glob("[!.]*") if path.suffix != ".keys"}
    yield from (f"{name} lies in the spool" for name in sorted(spooled - needed))


@dataclass(frozen=True)
class _Journalled:
    """Rows that must never be there without their entry."""

    row: type[Any]
    key: Any
    object_type: str
    kind: str


_ENTRIES = (
    _Journalled(PatientRow, PatientRow.id, "patient", "patient.registered"),
    _Journalled(CaseRow, CaseRow.id, "case", "case.drafted"),
    _Journalled(ReportRow, ReportRow.id, "report", "report.signed"),
    _Journalled(ReceiptRow, ReceiptRow.report_id, "report", "report.received"),
    _Journalled(DecisionRow, DecisionRow.case_id, "case", "case.decided"),
    _Journalled(AppointmentRow, AppointmentRow.id, "appointment", "appointment.booked"),
    _Journalled(InstanceRow, InstanceRow.id, "instance", "image.stored"),
)


def _ownerless(work: Work) -> Iterator[str]:
    """An open case has an owner who works today where, and as what, its state asks."""
    for row in work.session.scalars(select(CaseRow)):
        if is_open(row.status) != (row.owner_id is not None):
            yield f"case {row.id} is {row.status} with owner {row.owner_id}"
        elif not is_answered_for(work, case_of(row)):
            yield f"case {row.id} is {row.status}, and owner {row.owner_id} is not there for it"


def _unjournalled(session: Session) -> Iterator[str]:
    for each in _ENTRIES:
        told = select(EntryRow.object_id).where(EntryRow.kind == each.kind)
        silent = session.scalars(select(each.key).where(each.key.not_in(told)))
        yield from (f"{each.kind} was not written for {found}" for found in silent)
    kept = select(CustodyRow.object_id)
    for row in (PatientRow, CaseRow, ReportRow, AppointmentRow, UploadRow):
        nobodys = session.scalars(select(row.id).where(row.id.not_in(kept)))
        yield from (f"{row.__tablename__} {found} has no custodian" for found in nobodys)


def _broken_reports(session: Session, seal: Seal) -> Iterator[str]:
    for report in session.scalars(select(ReportRow)):
        if not seal.is_valid(report.signature, report.canonical):
            yield f"report {report.id} does not verify"
    answered = {CaseStatus.REPORTED, CaseStatus.ACKNOWLEDGED}
    silent = select(CaseRow.id).where(
        CaseRow.status.in_(answered), CaseRow.id.not_in(select(ReportRow.case_id))
    )
    yield from (f"case {found} is answered without a report" for found in session.scalars(silent))


def _wrong_slots(session: Session) -> Iterator[str]:
    live = select(AppointmentRow.live_slot_id).where(AppointmentRow.live_slot_id.is_not(None))
    booked = select(SlotRow.id).where(SlotRow.status == SlotStatus.BOOKED)
    for found in session.scalars(booked.where(SlotRow.id.not_in(live))):
        yield f"slot {found} is booked by nobody"
    appointments = session.scalars(live)
    taken = set(session.scalars(booked))
    yield from (f"slot {found} is not booked" for found in appointments if found not in taken)
