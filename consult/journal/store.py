"""The only SQL of the journal."""

import os
from collections.abc import Collection, Sequence

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from consult.journal.model import Line, hash_of_line, hash_of_words
from consult.journal.tables import DetailRow, EntryRow
from consult.kernel.work import Actor, Entry

_SALT_BYTES = 16


def save_entry(session: Session, row: EntryRow, entry: Entry) -> None:
    """Write the entry, unnumbered, and its words beside it."""
    salt = os.urandom(_SALT_BYTES)
    if entry.words:
        row.words_hash = hash_of_words(dict(entry.words), salt)
    session.add(row)
    session.flush()
    if entry.words:
        session.add(DetailRow(serial=row.serial, salt=salt, words=dict(entry.words)))


def make_row(entry: Entry, actor: Actor) -> EntryRow:
    """The row of an entry by this actor; the caller sets the time."""
    return EntryRow(
        kind=entry.kind,
        object_type=entry.object_type,
        object_id=entry.object_id,
        case_id=entry.case_id,
        patient_id=entry.patient_id,
        practitioner_id=actor.practitioner_id,
        institution_id=actor.institution_id,
        session_id=actor.session_id,
        reason=entry.reason,
        codes=dict(entry.codes),
    )


def list_unnumbered(session: Session, limit: int) -> Sequence[EntryRow]:
    """Entries that have no place in the chain yet, in the order in which they were written."""
    statement = (
        select(EntryRow).where(EntryRow.position.is_(None)).order_by(EntryRow.serial).limit(limit)
    )
    return session.scalars(statement).all()


def find_head(session: Session) -> tuple[int, str] | None:
    """Position and hash of the last numbered entry."""
    statement = (
        select(EntryRow.position, EntryRow.hash)
        .where(EntryRow.position.is_not(None))
        .order_by(EntryRow.position.desc())
        .limit(1)
    )
    row = session.execute(statement).first()
    return None if row is None else (row[0] or 0, row[1] or "")


def save_places(session: Session, rows: Sequence[EntryRow], position: int, previous: str) -> None:
    """Give the entries their positions and hashes, following this one, in one statement."""
    places = []
    for place, row in enumerate(rows, position + 1):
        previous = hash_of_line(previous, line_of(row, position=place))
        places.append({"serial": row.serial, "position": place, "hash": previous})
    session.execute(update(EntryRow), places)  # by primary key, all at once


def list_after(session: Session, position: int, limit: int) -> list[Line]:
    """Numbered lines after this position."""
    statement = _lines().where(EntryRow.position > position).order_by(EntryRow.position)
    return [_with_words(row) for row in session.execute(statement.limit(limit))]


def list_of_kinds(
    session: Session, case_id: str, kinds: Collection[str], limit: int, before: int | None
) -> list[Line]:
    """The newest lines of these kinds of one case before a position, newest first."""
    statement = _lines().where(
        EntryRow.case_id == case_id,
        EntryRow.kind.in_(sorted(kinds)),
        EntryRow.position.is_not(None) if before is None else EntryRow.position < before,
    )
    statement = statement.order_by(EntryRow.position.desc()).limit(limit)
    return [_with_words(row) for row in session.execute(statement)]


def find_newest_kind(session: Session, object_type: str, object_id: str) -> str | None:
    """The kind of the entry that was written last about an object."""
    statement = (
        select(EntryRow.kind)
        .where(EntryRow.object_type == object_type, EntryRow.object_id == object_id)
        .order_by(EntryRow.serial.desc())
        .limit(1)
    )
    return session.scalar(statement)


def line_of(row: EntryRow, *, position: int) -> Line:
    """The row as a line at this position."""
    return Line(
        position=position,
        hash=row.hash or "",
        kind=row.kind,
        object_type=row.object_type,
        object_id=row.object_id,
        at=row.at,
        practitioner_id=row.practitioner_id,
        institution_id=row.institution_id,
        session_id=row.session_id,
        case_id=row.case_id,
        patient_id=row.patient_id,
        reason=row.reason,
        codes=row.codes,
        words_hash=row.words_hash,
    )


def _lines() -> Select[EntryRow, dict[str, str] | None]:
    return select(EntryRow, DetailRow.words).outerjoin(
        DetailRow, DetailRow.serial == EntryRow.serial
    )


def _with_words(found: Row[EntryRow, dict[str, str] | None]) -> Line:
    row, words = found
    line = line_of(row, position=row.position or 0)
    return Line(**{name: getattr(line, name) for name in Line.__slots__} | {"words": words or {}})
