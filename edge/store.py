"""The agent's memory: one SQLite file, in which no name of a file can be read without the key."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from edge.cipher import Keys, open_text, seal_text
from edge.model import Depth, Item, NewItem, Sighting, State

_NAME: Final = "state.db"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS seen (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS contents (content TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS items (
  id TEXT PRIMARY KEY, content TEXT NOT NULL, name BLOB NOT NULL, size INTEGER NOT NULL,
  modified_ms INTEGER, seen_at REAL NOT NULL, written_at REAL, state TEXT NOT NULL,
  url TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '', tries INTEGER NOT NULL DEFAULT 0,
  next_at REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS ix_items_state ON items (state, next_at, seen_at);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_ITEM: Final = (
    "id, name, size, modified_ms, seen_at, written_at, state, url, tries, next_at FROM items"
)


class BusyError(Exception):
    """Another agent works in this folder."""


class Store:
    """Every step is one transaction on the disk (`synchronous=FULL`); threads take turns."""

    def __init__(self, folder: Path, keys: Keys, *, is_onlooker: bool = False) -> None:
        self._keys = keys
        self._turn = threading.Lock()
        self._lock = None if is_onlooker else _lock(folder)
        self._base = sqlite3.connect(folder / _NAME, isolation_level=None, check_same_thread=False)
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.executescript(_TABLES)

    def close(self) -> None:
        """Let the folder go."""
        with self._turn:
            self._base.close()
            if self._lock is not None:
                self._lock.close()

    def is_known(self, sighting: Sighting) -> bool:
        """Whether exactly this writing of the file was dealt with."""
        rows = self._run(
            "SELECT 1 FROM seen WHERE path = ? AND size = ? AND mtime_ns = ?",
            (self._keys.blind(sighting.path), sighting.size, sighting.mtime_ns),
        )
        return bool(rows)

    def take(self, sighting: Sighting | None, item: NewItem | None, *, now: float) -> bool:
        """Count a file as taken, in one transaction; False for bytes that were taken before."""
        with self._turn:
            self._base.execute("BEGIN IMMEDIATE")
            try:
                is_new = item is not None and self._note_content(item.content, now)
                if item is not None and is_new:
                    self._insert(item)
                if sighting is not None:
                    self._base.execute(
                        "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)",
                        (
                            self._keys.blind(sighting.path),
                            sighting.size,
                            sighting.mtime_ns,
                            now,
                        ),
                    )
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")
        return is_new

    def next_due(self, now: float) -> Item | None:
        """The oldest file whose turn it is."""
        sql = f"SELECT {_ITEM} WHERE state = ? AND next_at <= ? ORDER BY seen_at, id LIMIT 1"
        rows = self._run(sql, (State.WAITING, now))
        return self._as_item(rows[0]) if rows else None

    def list_sent(self, limit: int) -> Sequence[Item]:
        """What the server has whole, and of which it has not said what became of it."""
        sql = f"SELECT {_ITEM} WHERE state = ? ORDER BY next_at, seen_at, id LIMIT ?"
        return [self._as_item(row) for row in self._run(sql, (State.SENT, limit))]

    def set_url(self, item_id: str, url: str) -> None:
        """Where the upload goes on, before a byte is sent."""
        self._run("UPDATE items SET url = ?, tries = 0 WHERE id = ?", (url, item_id))

    def put_off(self, item_id: str, *, until: float) -> None:
        """Try again later."""
        sql = "UPDATE items SET tries = tries + 1, next_at = ? WHERE id = ?"
        self._run(sql, (until, item_id))

    def put_off_all(self, until: float) -> None:
        """Nothing can be sent before; what is due later stays."""
        sql = "UPDATE items SET next_at = ? WHERE state = ? AND next_at < ?"
        self._run(sql, (until, State.WAITING, until))

    def try_all(self, now: float) -> None:
        """The way is open again: everything is due."""
        self._run("UPDATE items SET next_at = ? WHERE state = ?", (now, State.WAITING))

    def set_state(self, item_id: str, state: State, *, code: str = "", now: float = 0) -> None:
        """The server has all of it, or has refused it."""
        sql = "UPDATE items SET state = ?, code = ?, next_at = ? WHERE id = ?"
        self._run(sql, (state, code, now, item_id))

    def forget(self, item_id: str) -> None:
        """The server keeps it."""
        self._run("DELETE FROM items WHERE id = ?", (item_id,))

    def list_ids(self) -> set[str]:
        """The files of the spool that count."""
        return {row[0] for row in self._run("SELECT id FROM items", ())}

    def list_refused(self, *, before: float) -> list[str]:
        """What was refused and last tried before then."""
        sql = "SELECT id FROM items WHERE state = ? AND next_at < ?"
        return [row[0] for row in self._run(sql, (State.REFUSED, before))]

    def depth(self) -> Depth:
        """What lies in the spool."""
        counts = "COUNT(*), COALESCE(SUM(size), 0), MIN(seen_at)"
        by_state = {
            row[0]: row[1:]
            for row in self._run(f"SELECT state, {counts} FROM items GROUP BY state", ())  # noqa: S608 - our own words
        }
        empty = (0, 0, None)
        waiting, sent = by_state.get(State.WAITING, empty), by_state.get(State.SENT, empty)
        refused = by_state.get(State.REFUSED, empty)
        oldest = [each[2] for each in (waiting, sent) if each[2] is not None]
        return Depth(
            waiting=waiting[0] + sent[0],
            waiting_bytes=waiting[1] + sent[1],
            oldest_at=min(oldest, default=None),
            refused=refused[0],
            held_bytes=waiting[1] + sent[1] + refused[1],
        )

    def keep_secret(self, name: str, text: str) -> None:
        """Keep a short text sealed."""
        sealed = seal_text(self._keys, text)
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, sealed))

    def find_secret(self, name: str) -> str | None:
        """A text that was kept."""
        rows = self._run("SELECT value FROM meta WHERE name = ?", (name,))
        return open_text(self._keys, rows[0][0]) if rows else None

    def _note_content(self, content: str, now: float) -> bool:
        sql = "INSERT OR IGNORE INTO contents VALUES (?, ?)"
        return self._base.execute(sql, (content, now)).rowcount == 1

    def _insert(self, item: NewItem) -> None:
        self._base.execute(
            "INSERT INTO items (id, content, name, size, modified_ms, seen_at, written_at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                item.id,
                item.content,
                seal_text(self._keys, item.name),
                item.size,
                item.modified_ms,
                item.seen_at,
                item.written_at,
                State.WAITING,
            ),
        )

    def _run(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        with self._turn:
            return self._base.execute(sql, values).fetchall()

    def _as_item(self, row: tuple[Any, ...]) -> Item:
        item_id, name, size, modified_ms, seen_at, written_at, state, url, tries, next_at = row
        return Item(
            id=item_id,
            name=open_text(self._keys, name),
            size=size,
            modified_ms=modified_ms,
            seen_at=seen_at,
            written_at=written_at,
            state=State(state),
            url=url,
            tries=tries,
            next_at=next_at,
        )


def _lock(folder: Path) -> sqlite3.Connection:
    """A transaction that is held as long as this process lives; raises BusyError."""
    base = sqlite3.connect(
        folder / "lock.db", isolation_level=None, check_same_thread=False, timeout=1.0
    )
    try:
        base.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        base.close()
        raise BusyError from None
    return base
