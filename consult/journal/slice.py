"""One case's lines with what proves each of them: the hash before it, and the salt of its words."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from consult.journal.model import FIRST_HASH, Line
from consult.journal.store import line_of
from consult.journal.tables import DetailRow, EntryRow


@dataclass(frozen=True, slots=True)
class Proof:
    """A line, its words where they are not erased, and what its hashes were computed with."""

    line: Line
    previous: str
    salt: bytes | None
    words: dict[str, str] | None


def proofs_of_case(session: Session, case_id: str, *, limit: int) -> list[Proof]:
    """The lines of a case, oldest first, each with its proof."""
    before = aliased(EntryRow)
    statement = (
        select(EntryRow, before.hash, DetailRow.salt, DetailRow.words)
        .outerjoin(before, before.position == EntryRow.position - 1)
        .outerjoin(DetailRow, DetailRow.serial == EntryRow.serial)
        .where(EntryRow.case_id == case_id, EntryRow.position.is_not(None))
        .order_by(EntryRow.position)
        .limit(limit)
    )
    return [
        Proof(line_of(row, position=row.position or 0), previous or FIRST_HASH, salt, words)
        for row, previous, salt, words in session.execute(statement)
    ]


def lines_about(
    session: Session, *, kind: str, object_ids: Collection[str], limit: int
) -> list[Line]:
    """Lines of one kind about these objects, the oldest first, without their words."""
    statement = (
        select(EntryRow)
        .where(
            EntryRow.kind == kind,
            EntryRow.object_id.in_(sorted(object_ids)),
            EntryRow.position.is_not(None),
        )
        .order_by(EntryRow.position)
        .limit(limit)
    )
    return [line_of(row, position=row.position or 0) for row in session.scalars(statement)]
