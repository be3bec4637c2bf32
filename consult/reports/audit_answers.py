"""Receipts and decisions checked: each has its journal entry, and each entry its row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from consult.db.stored import StoredRow, stored_rows
from consult.journal.audit import words_of_kind
from consult.journal.model import Line
from consult.kernel.faults import Fault
from consult.reports.tables import DecisionRow, ReceiptRow

Agrees = Callable[[Mapping[str, Any], Line], bool]
_RECEIVED: Final = "report.received"
_DECIDED: Final = "case.decided"


@dataclass(slots=True)
class Answers:
    """What the journal says of receipts and decisions, by the report that they are about."""

    received: dict[str, Line] = field(default_factory=dict)
    decided: dict[str, Line] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of a receipt or a decision."""
        if line.kind == _RECEIVED:
            self.received[line.object_id] = line
        elif line.kind == _DECIDED:
            self.decided[str(line.codes.get("report"))] = line


def check_answers(session: Session, told: Answers) -> Iterator[StoredRow | Fault]:
    """Every receipt and every decision, and every fault."""
    receipts = stored_rows(session, ReceiptRow, by="report_id")
    yield from _check(receipts, told.received, name="receipt", agrees=_receipt_agrees)
    words = words_of_kind(session, _DECIDED)

    def agrees(row: Mapping[str, Any], line: Line) -> bool:
        return _decision_agrees(row, line, words.get(line.position))

    decisions = stored_rows(session, DecisionRow, by="id")
    yield from _check(decisions, told.decided, name="decision", agrees=agrees)


def _check(
    rows: Iterator[StoredRow], told: Mapping[str, Line], *, name: str, agrees: Agrees
) -> Iterator[StoredRow | Fault]:
    missing = set(told)
    for row in rows:
        report_id = str(row.values["report_id"])
        missing.discard(report_id)
        line = told.get(report_id)
        if row.unreadable or line is None or not agrees(row.values, line):
            yield Fault(f"{name}-journal", report_id)
        yield row
    yield from (Fault(f"{name}-missing", report_id) for report_id in sorted(missing))


def _receipt_agrees(row: Mapping[str, Any], line: Line) -> bool:
    have = (row["case_id"], row["practitioner_id"], row["at"])
    return have == (line.case_id, line.practitioner_id, line.at)


def _decision_agrees(row: Mapping[str, Any], line: Line, words: Mapping[str, str] | None) -> bool:
    """The words are compared as long as they are not erased."""
    have = (row["case_id"], row["practitioner_id"], row["decided_at"])
    codes = (row["choice"].value, row["next_step"].value)
    is_same = have == (line.case_id, line.practitioner_id, line.at)
    is_same = is_same and codes == (line.codes.get("choice"), line.codes.get("next_step"))
    return is_same and (
        words is None or all(words.get(key, "") == row[key] for key in ("reason", "note"))
    )
