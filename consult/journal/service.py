"""Writing and reading the journal: the one history of everything that happened."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from consult.journal import store
from consult.journal.errors import ChainBrokenError
from consult.journal.model import FIRST_HASH, Line, hash_of_line
from consult.kernel.work import Actor, Entry

NUMBERED_AT_ONCE = 1000
LONGEST_LIST = 500
HEAD_CHARACTERS = 16


def record(session: Session, actor: Actor, now: datetime, *entries: Entry) -> None:
    """Write entries in the unit of the change that they tell of, in their order."""
    if not any(entry.words for entry in entries):
        store.save_wordless(session, entries, actor, at=now)
        return
    for entry in entries:
        store.save_entry(session, entry, actor, at=now)


def number_entries(session: Session) -> int:
    """Give every new entry its position and hash, and say how many there were.

    SQLite calls it just before the group's COMMIT, PostgreSQL in its one sequencer.
    """
    numbered, is_full = 0, True
    while is_full and (rows := store.list_unnumbered(session, NUMBERED_AT_ONCE)):
        position, previous = store.find_head(session) or (0, FIRST_HASH)
        store.save_places(session, rows, position, previous)
        numbered += len(rows)
        is_full = len(rows) == NUMBERED_AT_ONCE
    return numbered


def head(session: Session) -> tuple[int, str]:
    """Position and hash of the newest line; (0, zeros) for an empty journal."""
    return store.find_head(session) or (0, FIRST_HASH)


def head_on_paper(session: Session) -> str:
    """The newest line's place and the beginning of its hash, for papers that leave the house.

    Whoever holds the paper holds the journal to it: `lianzhen verify --head`.
    """
    position, line_hash = head(session)
    return f"{position}-{line_hash[:HEAD_CHARACTERS]}"


def newest_kind(session: Session, *, object_type: str, object_id: str) -> str | None:
    """What was written last about an object, numbered or not; None where nothing was."""
    return store.find_newest_kind(session, object_type, object_id)


def lines_after(session: Session, position: int, *, limit: int = LONGEST_LIST) -> list[Line]:
    """What was written after this position, oldest first."""
    return store.list_after(session, position, limit)


def lines_of_kinds(
    session: Session,
    case_id: str,
    *,
    kinds: Collection[str],
    limit: int = LONGEST_LIST,
    before: int | None = None,
) -> list[Line]:
    """What of these kinds happened to a case, newest first, before a position where one is given.

    The kinds are asked for, since a draft that is saved each second would fill any list.
    """
    return store.list_of_kinds(session, case_id, kinds, limit, before)


def check_chain(session: Session) -> int:
    """Recompute every hash and count the lines; ChainBrokenError names the first that differs."""
    position, previous = 0, FIRST_HASH
    while lines := store.list_after(session, position, NUMBERED_AT_ONCE):
        for line in lines:
            if line.position != position + 1:
                raise ChainBrokenError(position + 1, "missing")
            if hash_of_line(previous, line) != line.hash:
                raise ChainBrokenError(line.position, "changed")
            position, previous = line.position, line.hash
    return position
