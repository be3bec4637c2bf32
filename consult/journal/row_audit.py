"""Rows held against the journal: each stands as it was last told, none is missing, none was added.

A row that no release before this one has told of by its likeness is held by its presence alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from consult.db.base import Base
from consult.db.stored import StoredRow, stored_rows
from consult.journal.model import Line
from consult.journal.rows import CODE, Told, likeness, parse_rows, table_of
from consult.kernel.faults import Fault
from consult.kernel.keys import Vault

_PUBLISHED: Final = "slots.published"


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of rows that are held: the word of its faults, and which entries told of it before.

    `kinds` are the beginnings of the kinds of entries that name such a row by its id.
    """

    word: str
    row_type: type[Base]
    kinds: tuple[str, ...]


@dataclass(slots=True)
class RowsTold:
    """What the journal says of rows, gathered while it is walked."""

    held: tuple[Kept, ...]
    likenesses: dict[tuple[str, str], Told] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    published: list[Line] = field(default_factory=list)

    def note(self, line: Line) -> None:
        """Keep the newest likeness of every row, and of older lines whom they name."""
        if CODE in line.codes:
            self.likenesses |= parse_rows(line.codes[CODE])
        elif line.kind == _PUBLISHED:
            self.published.append(line)
        elif any(line.kind.startswith(each.kinds) for each in self.held):
            self.named.add(line.object_id)
            self.named.update(str(value) for value in line.codes.values())

    def knows(self, values: Mapping[str, object]) -> bool:
        """Whether an older line has told of this row, or of times among which it lies."""
        if values["id"] in self.named:
            return True
        clinic, at = values.get("clinic_id"), values.get("starts_at")
        return any(
            line.object_id == clinic
            and str(line.codes.get("first")) <= str(at).replace(" ", "T")
            and str(at).replace(" ", "T") <= str(line.codes.get("last"))
            for line in self.published
        )


def check_rows(session: Session, told: RowsTold, *, vault: Vault) -> Iterator[StoredRow | Fault]:
    """Every held row, and every fault."""
    for kept in told.held:
        table = table_of(kept.row_type)
        missing = {row_id for name, row_id in told.likenesses if name == table.name}
        for row in stored_rows(session, kept.row_type, by="id"):
            row_id = str(row.values["id"])
            missing.discard(row_id)
            last = told.likenesses.get((table.name, row_id))
            if last is None and not told.knows(row.values):
                yield Fault(f"{kept.word}-added", row_id)
            elif row.unreadable or not _is_as_told(table.name, row, last, vault=vault):
                yield Fault(f"{kept.word}-changed", row_id)
            yield row
        yield from (Fault(f"{kept.word}-missing", row_id) for row_id in sorted(missing))


def _is_as_told(table: str, row: StoredRow, last: Told | None, *, vault: Vault) -> bool:
    if last is None:
        return True
    return likeness(table, row.values, version=last.version, vault=vault) == last.hashed
