"""The whole journal walked line by line: every place where it is not what was written.

A line that does not follow is named, and the walk goes on from the hash that it claims, so that one
change hides no other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.db.stored import StoredRow, stored_rows
from consult.journal.anchor import Anchor
from consult.journal.model import FIRST_HASH, Line, hash_of_line, hash_of_words
from consult.journal.tables import DetailRow, EntryRow
from consult.kernel.faults import Fault

_OF_A_LINE: Final = tuple(name for name in Line.__slots__ if name != "words")


@dataclass(slots=True)
class Walk:
    """What the walk has seen so far: the head, and the hash at every anchored position."""

    wanted: frozenset[int] = frozenset()
    position: int = 0
    hash: str = FIRST_HASH
    lines: int = 0
    erased: int = 0
    hashes: dict[int, str] = field(default_factory=dict)


def count_lines(session: Session) -> int:
    """How many entries there are, for whoever waits."""
    return session.scalar(select(func.count()).select_from(EntryRow)) or 0


def walk_chain(session: Session, walk: Walk) -> Iterator[Line | Fault]:
    """Every line in order, and every fault where it is met."""
    placed = EntryRow.position.is_not(None)
    for row in stored_rows(session, EntryRow, by="position", where=placed):
        walk.lines += 1
        position = row.values["position"] or walk.position + 1
        if row.unreadable:
            yield Fault("journal-unreadable", str(position))
            _move_on(walk, row.values, position)
            continue
        if position != walk.position + 1:
            yield Fault("journal-missing", str(walk.position + 1))
        line = _line(row)
        if hash_of_line(walk.hash, line) != line.hash:
            yield Fault("journal-changed", str(position))
        _move_on(walk, row.values, position)
        yield line


def unplaced(session: Session) -> Iterator[Fault]:
    """Entries that no COMMIT of ours can leave behind where it numbers its own."""
    waiting = EntryRow.position.is_(None)
    for row in stored_rows(session, EntryRow, by="serial", where=waiting):
        yield Fault("journal-unplaced", str(row.values["serial"]))


def check_words(session: Session, walk: Walk) -> Iterator[Fault]:
    """Every entry's words against the salted hash in the chain; erased words are only counted."""
    details = stored_rows(session, DetailRow, by="serial")
    detail = next(details, None)
    for entry in stored_rows(session, EntryRow, by="serial"):
        serial = entry.values["serial"]
        while detail is not None and (detail.values["serial"] or 0) < serial:
            yield Fault("words-of-nobody", str(detail.values["serial"]))
            detail = next(details, None)
        own = detail if detail is not None and detail.values["serial"] == serial else None
        if own is not None:
            detail = next(details, None)
        if not entry.unreadable:
            place = str(entry.values["position"])
            yield from _check_detail(own, entry.values["words_hash"], place=place, walk=walk)
    if detail is not None:
        yield Fault("words-of-nobody", str(detail.values["serial"]))


def words_of_kind(session: Session, kind: str) -> dict[int, Mapping[str, str]]:
    """The words of every entry of a kind by its position, but for those that were erased."""
    of_kind = EntryRow.kind == kind
    entries = stored_rows(session, EntryRow, by="serial", where=of_kind)
    positions = {row.values["serial"]: row.values["position"] for row in entries}
    serials = select(EntryRow.serial).where(of_kind)
    details = stored_rows(session, DetailRow, by="serial", where=DetailRow.serial.in_(serials))
    return {
        positions[row.values["serial"]]: row.values["words"]
        for row in details
        if row.values["words"] is not None and not row.unreadable
    }


def check_anchors(anchors: Iterable[Anchor], walk: Walk) -> Iterator[Fault]:
    """Every anchor against the chain: a journal that was set back, cut or rewritten shows here.

    A head that was typed from a paper has the beginning of the hash.
    """
    for anchor in anchors:
        place = str(anchor.position)
        if anchor.position > walk.position:
            yield Fault("journal-set-back", str(walk.position + 1))
        elif not walk.hashes.get(anchor.position, "").startswith(anchor.hash):
            yield Fault("journal-not-anchored", place)


def _check_detail(
    own: StoredRow | None, words_hash: str | None, *, place: str, walk: Walk
) -> Iterator[Fault]:
    if own is None:
        if words_hash is not None:
            yield Fault("words-missing", place)
    elif own.unreadable:
        yield Fault("words-changed", place)
    elif own.values["words"] is None:
        walk.erased += 1
    elif hash_of_words(own.values["words"], own.values["salt"]) != words_hash:
        yield Fault("words-changed", place)


def _move_on(walk: Walk, values: Mapping[str, Any], position: int) -> None:
    walk.position, walk.hash = position, str(values["hash"])
    if position in walk.wanted:
        walk.hashes[position] = walk.hash


def _line(row: StoredRow) -> Line:
    return Line(**{name: row.values[name] for name in _OF_A_LINE})
