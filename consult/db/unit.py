"""How units run: one writer thread with group commit on SQLite, pooled connections on PostgreSQL.

A unit is a plain function over a session. It awaits nothing outside, its answer leaves only after
its COMMIT, and a caller who goes away does not cancel it.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from consult.db.engine import is_sqlite
from consult.db.unit_postgres import PostgresUnits
from consult.db.unit_sqlite import SqliteUnits
from consult.kernel.keys import Vault

T = TypeVar("T")


class Units(Protocol):
    """Runs units of work and tells when they are durable."""

    def write(self, unit: Callable[[Session], T], *, only_files: bool = False) -> "Future[T]":
        """Run in a transaction of its own; the future is done after the COMMIT.

        `only_files`: it changes nothing that lasting facts rest on (`consult/db/reading.py`).
        """
        ...

    def read(self, unit: Callable[[Session], T]) -> "Future[T]":
        """Run in a snapshot that cannot write."""
        ...

    def recall(self, unit: Callable[[Session], T]) -> T:
        """Answer from what is known since the last COMMIT; raises UnknownError. Never waits."""
        ...

    def glance(self, unit: Callable[[Session], T]) -> T:
        """Answer a short question here and now; raises UnknownError where it is none.

        Never waits for a lock, and asks the database for so much and no more. One thread glances.
        """
        ...

    def hold(self, name: str) -> bool:
        """Take or keep a lease that one process of all holds; blocks. Kept by asking every second.

        Whoever is frozen or cut off for 3 s has lost it.
        """
        ...

    def is_ready(self) -> bool:
        """Whether the database takes work."""
        ...

    def has_failed(self) -> bool:
        """Whether the disk has failed: nothing is written until a new start."""
        ...

    def close(self) -> None:
        """Finish what is queued and stop the threads."""
        ...


def make_units(
    url: URL,
    *,
    vault: Vault,
    number: Callable[[Session], int],
    on_commit: Callable[[], None],
) -> Units:
    """The runner for this database.

    `number` gives position and hash to new journal entries and returns how many; `on_commit`
    wakes the readers.
    """
    if is_sqlite(url):
        return SqliteUnits(url, vault=vault, number=number, on_commit=on_commit)
    return PostgresUnits(url, vault=vault, number=number, on_commit=on_commit)
