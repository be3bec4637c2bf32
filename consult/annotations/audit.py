"""Every reader's sheet checked: each revision that is kept is the one that the journal told of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_
from sqlalchemy.orm import Session

from consult.annotations.content import hash_of
from consult.annotations.model import NO_REVISION
from consult.annotations.store import MOST_REVISIONS
from consult.annotations.tables import RevisionRow, SheetRow
from consult.db.stored import stored_rows
from consult.journal.model import Line
from consult.kernel.errors import Fact
from consult.kernel.faults import Fault

_SAVED: Final = "marks.saved"
Key = tuple[str, str]
Said = tuple[datetime, Fact]
"""When a revision was saved, and the hash of its bytes."""


@dataclass(slots=True)
class MarksTold:
    """What the journal says of the revisions that are kept, by case and reader."""

    saved: dict[Key, dict[int, Said]] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of a sheet; what it has made too old to be kept is forgotten."""
        if line.kind != _SAVED:
            return
        known = self.saved.setdefault((str(line.case_id), str(line.practitioner_id)), {})
        revision = int(line.codes.get("revision") or NO_REVISION)
        known[revision] = line.at, line.codes.get("sha256")
        known.pop(revision - MOST_REVISIONS, None)


def check_sheets(session: Session, told: MarksTold) -> Iterator[Key | Fault]:
    """Every sheet, and every fault; each revision that the journal knows of must be there."""
    missing = set(told.saved)
    for row in stored_rows(session, SheetRow, by="case_id"):
        key = str(row.values["case_id"]), str(row.values["reader_id"])
        missing.discard(key)
        known = told.saved.get(key, {})
        found = _revisions(session, key)
        if row.unreadable or not _agrees(row.values, found, known):
            yield Fault("marks-changed", " ".join(key))
        earlier = (found.keys() | known.keys()) - {row.values["revision"]}
        for revision in sorted(earlier):
            if found.get(revision) != known.get(revision):
                yield Fault("marks-earlier", f"{' '.join(key)} {revision}")
        yield key
    yield from (Fault("marks-missing", " ".join(key)) for key in sorted(missing))


def _revisions(session: Session, key: Key) -> dict[int, Said | None]:
    """What stands in each revision that is kept; None for one that cannot be read."""
    case_id, reader_id = key
    same = and_(RevisionRow.case_id == case_id, RevisionRow.reader_id == reader_id)
    return {
        row.values["revision"] or NO_REVISION: None
        if row.unreadable
        else (row.values["saved_at"], hash_of(row.values["content"]))
        for row in stored_rows(session, RevisionRow, by="revision", where=same)
    }


def _agrees(
    head: Mapping[str, Any], found: Mapping[int, Said | None], known: Mapping[int, Said]
) -> bool:
    """Head, revision and journal say one number, one time and one hash; nothing newer was told."""
    revision = head["revision"]
    have = (head["saved_at"], head["sha256"])
    newest = max(known, default=NO_REVISION)
    return revision == newest and found.get(revision) == have == known.get(revision)
