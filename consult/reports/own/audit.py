"""Every own reading checked: it says what the journal keeps the hash of, whose and since when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from consult.db.stored import stored_rows
from consult.journal.model import Line
from consult.kernel.faults import Fault
from consult.reports.canonical import NotCanonicalError
from consult.reports.own.content import hash_of
from consult.reports.own.tables import OwnReadingRow

_LOCKED: Final = "own_reading.locked"
_BLIND: Final[Mapping[object, int]] = {False: 0, True: 1, "0": 0, "1": 1}
"""How the two databases give a truth value as it lies there."""


@dataclass(slots=True)
class OwnTold:
    """The line about each own reading, by its case."""

    locked: dict[str, Line] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of an own reading."""
        if line.kind == _LOCKED:
            self.locked[str(line.case_id)] = line


def check_own(session: Session, told: OwnTold) -> Iterator[str | Fault]:
    """Every own reading, and every fault; one that the journal knows must be there."""
    missing = set(told.locked)
    for row in stored_rows(session, OwnReadingRow, by="case_id"):
        case_id = str(row.values["case_id"])
        missing.discard(case_id)
        line = told.locked.get(case_id)
        if row.unreadable or line is None or not _agrees(row.values, line):
            yield Fault("own-reading-changed", case_id)
        yield case_id
    yield from (Fault("own-reading-missing", case_id) for case_id in sorted(missing))


def _agrees(values: Mapping[str, Any], line: Line) -> bool:
    """Columns and line say the same, and the words are those that were hashed."""
    try:
        digest = hash_of(values["eyes"], values["words"])
    except (NotCanonicalError, TypeError, ValueError):
        return False
    have = (
        *(values["author_id"], values["institution_id"], values["locked_at"]),
        *(_BLIND.get(values["was_blind"]), digest),
    )
    told = (
        *(line.practitioner_id, line.institution_id, line.at),
        *(line.codes.get("blind"), line.codes.get("sha256")),
    )
    return have == told
