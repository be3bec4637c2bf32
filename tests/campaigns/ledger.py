"""What was acknowledged, fsynced line by line, and whether the house still knows all of it."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.calendar.model import SlotStatus
from consult.calendar.tables import SlotRow
from consult.cases.consents.tables import ConsentRow
from consult.cases.images.tables import CaseImageRow
from consult.cases.tables import CaseRow
from consult.journal.tables import EntryRow
from consult.kernel.work import Work
from consult.people.patients import service as patients
from consult.people.patients.tables import PatientRow
from consult.referrals.tables import AppointmentRow
from consult.reports.tables import DecisionRow, DraftRow, ReceiptRow, ReportRow
from consult.studies.tables import InstanceRow
from consult.studies.uploads.tables import UploadRow

Check = Callable[[Session, Mapping[str, Any], Work], str | None]


class Ledger:
    """A file of the clients' own: a line is on the disk before the client goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self.path = path

    def write(self, step: str, **told: Any) -> None:
        """One acknowledged answer."""
        line = json.dumps({"step": step, **told}, ensure_ascii=False)
        self._file.write(line.encode() + b"\n")
        os.fdatasync(self._file.fileno())

    def read(self) -> list[dict[str, Any]]:
        """Everything that was acknowledged."""
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]

    def close(self) -> None:
        """No more lines."""
        self._file.close()


def lost(work: Work, told: Mapping[str, Any]) -> str | None:
    """How the house differs from one acknowledged answer; None where it knows it."""
    problem = _KNOWN[told["step"]](work.session, told, work)
    return None if problem is None else f"{told['step']} {told['id']}: {problem}"


def _row(kind: type[Any], key: str = "id", **fields: str) -> Check:
    """A check that the row is there and has these columns as they were told."""

    def check(session: Session, told: Mapping[str, Any], _work: Work) -> str | None:
        row = session.scalar(select(kind).where(getattr(kind, key) == told["id"]))
        if row is None:
            return "not there"
        for column, name in fields.items():
            if getattr(row, column) != told[name]:
                return f"{column} is {getattr(row, column)!r}, was told {told[name]!r}"
        return None

    return check


def _patient(session: Session, told: Mapping[str, Any], work: Work) -> str | None:
    if session.get(PatientRow, told["id"]) is None:
        return "not there"
    facts = patients.get_patient(work, told["id"]).facts
    is_same = (facts.name, facts.document_number) == (told["name"], told["number"])
    return None if is_same else "name or number differ"


def _offset(session: Session, told: Mapping[str, Any], _work: Work) -> str | None:
    row = session.get(UploadRow, told["id"])
    if row is None:
        return "not there"
    is_less = row.offset_bytes < told["offset"]
    return f"{row.offset_bytes} bytes of {told['offset']}" if is_less else None


def _entry(kind: str) -> Check:
    """A check that the journal tells of it."""

    def check(session: Session, told: Mapping[str, Any], _work: Work) -> str | None:
        found = session.scalar(
            select(EntryRow.serial)
            .where(EntryRow.kind == kind, EntryRow.object_id == told["id"])
            .limit(1)
        )
        return f"no {kind}" if found is None else None

    return check


def _draft(session: Session, told: Mapping[str, Any], _work: Work) -> str | None:
    row = session.get(DraftRow, (told["id"], told["by"]))
    if row is not None:
        return None if row.revision >= told["version"] else f"version {row.revision}"
    signed = session.scalar(select(ReportRow.id).where(ReportRow.case_id == told["id"]))
    return "neither draft nor report" if signed is None else None


def _slot(session: Session, told: Mapping[str, Any], _work: Work) -> str | None:
    row = session.get(SlotRow, told["id"])
    if row is None or row.status is SlotStatus.FREE:
        return "free"
    if row.status is SlotStatus.HELD and row.held_case_id != told["case_id"]:
        return f"held for {row.held_case_id}"
    return None


_KNOWN: Mapping[str, Check] = {
    "registered": _patient,
    "consented": _row(ConsentRow, patient_id="patient_id"),
    "opened": _row(CaseRow, patient_id="patient_id"),
    "placed": _row(UploadRow, size_bytes="size"),
    "offset": _offset,
    "stored": _row(CaseImageRow),
    "kept": _row(InstanceRow),
    "confirmed": _row(CaseImageRow, eye="eye"),
    "submitted": _entry("case.submitted"),
    "claimed": _entry("case.claimed"),
    "drafted": _draft,
    "signed": _row(ReportRow, sha256="sha256"),
    "received": _row(ReceiptRow, key="report_id"),
    "decided": _row(DecisionRow, case_id="case_id"),
    "held": _slot,
    "booked": _row(AppointmentRow, slot_id="slot_id"),
}
