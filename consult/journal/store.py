"""The only SQL of the journal."""

import os
from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from consult.db.base import table_of, written
from consult.db.prepared import Prepared
from consult.journal.model import Line, hash_of_line, hash_of_words
from consult.journal.tables import DetailRow, EntryRow
from consult.kernel.work import Actor, Entry

_SALT_BYTES = 16

# Each step writes an entry and each group numbers some: these are built once, not each time
_ENTRY, _DETAIL = table_of(EntryRow), table_of(DetailRow)
_TOLD = tuple(
    _ENTRY.c[field.name]
    for field in fields(Line)
    if field.name not in {"position", "hash", "words"}
)
_FIELDS_OF = attrgetter(*(column.name for column in _TOLD))
_WRITE, _WRITE_WORDS = insert(_ENTRY), insert(_DETAIL)
_WRITE_MANY = Prepared(_WRITE)
_UNNUMBERED = Prepared(
    select(_ENTRY.c.serial, *_TOLD)
    .where(_ENTRY.c.position.is_(None))
    .order_by(_ENTRY.c.serial)
    .limit(bindparam("most"))
)
_HEAD = Prepared(
    select(_ENTRY.c.position, _ENTRY.c.hash)
    .where(_ENTRY.c.position.is_not(None))
    .order_by(_ENTRY.c.position.desc())
    .limit(1)
)
_PLACE = Prepared(
    update(_ENTRY)
    .where(_ENTRY.c.serial == bindparam("of_serial"))
    .values(position=bindparam("place"), hash=bindparam("its_hash"))
)
_LINES = select(_ENTRY.c.position, _ENTRY.c.hash, *_TOLD, _DETAIL.c.words).outerjoin(
    _DETAIL, _DETAIL.c.serial == _ENTRY.c.serial
)
_AFTER = (
    _LINES.where(_ENTRY.c.position > bindparam("known"))
    .order_by(_ENTRY.c.position)
    .limit(bindparam("most"))
)


def save_entry(session: Session, entry: Entry, actor: Actor, *, at: datetime) -> None:
    """Write the entry, unnumbered, and its words beside it."""
    salt, words = os.urandom(_SALT_BYTES), dict(entry.words)
    values = _values(entry, actor, at)
    values["words_hash"] = hash_of_words(words, salt) if words else None
    key = written(session.execute(_WRITE, values)).inserted_primary_key
    if words and key is not None:
        serial = key[0]
        session.execute(_WRITE_WORDS, {"serial": serial, "salt": salt, "words": words})


def save_wordless(
    session: Session, entries: Sequence[Entry], actor: Actor, *, at: datetime
) -> None:
    """Write entries that have no words, in one statement and in their order."""
    _WRITE_MANY.write(session, *(_values(entry, actor, at) for entry in entries))


def _values(entry: Entry, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "case_id": entry.case_id,
        "patient_id": entry.patient_id,
        "practitioner_id": actor.practitioner_id,
        "institution_id": actor.institution_id,
        "session_id": actor.session_id,
        "at": at,
        "reason": entry.reason,
        "codes": dict(entry.codes),
        "words_hash": None,
    }


def list_unnumbered(session: Session, limit: int) -> list[tuple[int, Line]]:
    """Entries that have no place in the chain yet, each with its serial, in order of writing."""
    found = _UNNUMBERED.ask(session, {"most": limit})
    return [(row[0], Line(0, "", *row[1:])) for row in found]


def find_head(session: Session) -> tuple[int, str] | None:
    """Position and hash of the last numbered entry."""
    found = _HEAD.ask(session, {})
    return (found[0][0] or 0, found[0][1] or "") if found else None


def save_places(
    session: Session, entries: Sequence[tuple[int, Line]], position: int, previous: str
) -> None:
    """Give the entries their positions and hashes, following this one, in one statement."""
    places = []
    for place, (serial, line) in enumerate(entries, position + 1):
        previous = hash_of_line(previous, replace(line, position=place))
        places.append({"of_serial": serial, "place": place, "its_hash": previous})
    _PLACE.write(session, *places)


def list_after(session: Session, position: int, limit: int) -> list[Line]:
    """Numbered lines after this position."""
    found = session.execute(_AFTER, {"known": position, "most": limit})
    return [_line(*row) for row in found]


def list_of_kinds(
    session: Session, case_id: str, kinds: Collection[str], limit: int, before: int | None
) -> list[Line]:
    """The newest lines of these kinds of one case before a position, newest first."""
    statement = _LINES.where(
        _ENTRY.c.case_id == case_id,
        _ENTRY.c.kind.in_(sorted(kinds)),
        _ENTRY.c.position.is_not(None) if before is None else _ENTRY.c.position < before,
    )
    statement = statement.order_by(_ENTRY.c.position.desc()).limit(limit)
    return [_line(*row) for row in session.execute(statement)]


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
    return Line(position, row.hash or "", *_FIELDS_OF(row))


def _line(*values: Any) -> Line:
    *told, words = values
    return Line(*[*told, words or {}])
