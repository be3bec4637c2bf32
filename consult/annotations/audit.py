"""Every reader's current sheet checked: it is the one that the journal told of last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import and_
from sqlalchemy.orm import Session

from consult.annotations.content import hash_of
from consult.annotations.tables import RevisionRow, SheetRow
from consult.db.stored import stored_rows
from consult.journal.model import Line
from consult.kernel.faults import Fault

_SAVED: Final = "marks.saved"
Key = tuple[str, str]


@dataclass(slots=True)
class MarksTold:
    """The newest line about each sheet, by case and reader."""

    saved: dict[Key, Line] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of a sheet."""
        if line.kind == _SAVED:
            self.saved[str(line.case_id), str(line.practitioner_id)] = line


def check_sheets(session: Session, told: MarksTold) -> Iterator[Key | Fault]:
    """Every sheet, and every fault; one that the journal knows must be there."""
    missing = set(told.saved)
    for row in stored_rows(session, SheetRow, by="case_id"):
        key = str(row.values["case_id"]), str(row.values["reader_id"])
        missing.discard(key)
        line = told.saved.get(key)
        if row.unreadable or line is None or not _agrees(session, row.values, line):
            yield Fault("marks-changed", " ".join(key))
        yield key
    yield from (Fault("marks-missing", " ".join(key)) for key in sorted(missing))


def _agrees(session: Session, head: Mapping[str, Any], line: Line) -> bool:
    """Head, revision and line say one number, one time and one hash, which is that of the bytes."""
    same = and_(
        RevisionRow.case_id == head["case_id"],
        RevisionRow.reader_id == head["reader_id"],
        RevisionRow.revision == head["revision"],
    )
    rows = list(stored_rows(session, RevisionRow, by="revision", where=same))
    if not rows or rows[0].unreadable:
        return False
    saved_at, content = rows[0].values["saved_at"], rows[0].values["content"]
    told = (line.codes.get("revision"), line.at, line.codes.get("sha256"))
    have = (head["revision"], head["saved_at"], head["sha256"])
    return told == have and (saved_at, hash_of(content)) == have[1:]
