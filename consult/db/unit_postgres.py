"""PostgreSQL: the same units on pooled connections in a bounded pool, one sequencer numbers."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from consult.db.engine import POSTGRES_CONNECTIONS, make_postgres
from consult.db.errors import DatabaseAwayError, DatabaseUnsureError
from consult.db.lease import Lease
from consult.db.reading import ReadingSession, UnknownError
from consult.kernel.keys import Vault

T = TypeVar("T")
_NUMBER_EVERY_S: Final = 0.03
_ASK_EVERY_S: Final = 0.5
_SILENT_S: Final = 1.8
_AGAIN_S: Final = 0.1
# a lost line, a server that stops or starts, a deadlock: the transaction was undone as a whole
_UNDONE: Final = (OperationalError, InterfaceError)


class PostgresUnits:
    """One transaction a unit; one process of all gives the entries their place in the chain."""

    def __init__(
        self,
        url: URL,
        *,
        vault: Vault,
        number: Callable[[Session], int],
        on_commit: Callable[[], None],
    ) -> None:
        self._url = url
        self._engine = make_postgres(url)
        self._info = {"vault": vault}
        self._number, self._on_commit = number, on_commit
        self._pool = ThreadPoolExecutor(POSTGRES_CONNECTIONS, thread_name_prefix="db")
        self._wake, self._stop = threading.Event(), threading.Event()
        self._leases: dict[str, Lease] = {}
        self._seat = Lease(url, "journal sequencer")
        self._ready, self._heard_s = True, time.monotonic()
        self._sequencer = threading.Thread(target=self._sequence, name="db-sequence", daemon=True)
        self._sequencer.start()

    def write(self, unit: Callable[[Session], T], *, only_files: bool = False) -> "Future[T]":  # noqa: ARG002 - nothing is kept here
        """Run in a transaction of its own; raises DatabaseAwayError or DatabaseUnsureError."""
        return self._pool.submit(self._twice, self._write, unit)

    def read(self, unit: Callable[[Session], T]) -> "Future[T]":
        """Run in a transaction that is rolled back; raises DatabaseAwayError."""
        return self._pool.submit(self._twice, self._read, unit)

    def recall(self, unit: Callable[[Session], T]) -> T:  # noqa: ARG002 - nothing is kept here
        """Other processes write too, unheard: the database is asked each time."""
        raise UnknownError

    def glance(self, unit: Callable[[Session], T]) -> T:  # noqa: ARG002 - it is another process
        """Another process answers, and it is waited for in a thread."""
        raise UnknownError

    def hold(self, name: str) -> bool:
        """Take or keep the lease of this name; blocks, and one thread asks at a time."""
        lease = self._leases.setdefault(name, Lease(self._url, name))
        try:
            return lease.hold() is not None
        except SQLAlchemyError:
            return False

    def is_ready(self) -> bool:
        """Whether the database answered a moment ago."""
        is_heard = time.monotonic() - self._heard_s < _SILENT_S
        return self._ready and is_heard and self._sequencer.is_alive()

    def has_failed(self) -> bool:
        """Its disk is the database's own affair."""
        return False

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._pool.shutdown(wait=True)
        self._stop.set()
        self._wake.set()
        self._sequencer.join(timeout=10)
        for lease in self._leases.values():
            lease.release()
        self._engine.dispose()

    def _twice(self, run: Callable[[Callable[[Session], T]], T], unit: Callable[[Session], T]) -> T:
        """Once more after a transaction that was undone: a unit has no effect outside of it."""
        try:
            return run(unit)
        except IntegrityError:
            pass  # somebody was first between its look and its step: now it sees that one
        except _UNDONE:
            time.sleep(_AGAIN_S)
        try:
            return run(unit)
        except _UNDONE:
            self._ready = False
            raise DatabaseAwayError from None

    def _write(self, unit: Callable[[Session], T]) -> T:
        with Session(self._engine, info=self._info) as session:
            value = unit(session)
            session.flush()
            try:
                session.commit()
            except _UNDONE:
                self._ready = False
                raise DatabaseUnsureError from None
        self._wake.set()
        return value

    def _read(self, unit: Callable[[Session], T]) -> T:
        with ReadingSession(self._engine, info=self._info) as session:
            return unit(session)

    def _sequence(self) -> None:
        """Number what was committed, here or elsewhere, as long as this process has the seat."""
        while not self._stop.is_set():
            try:
                self._take_turn()
                self._ready, self._heard_s = True, time.monotonic()
            except SQLAlchemyError:
                self._ready = False
            if self._seat.connection is not None:
                self._wake.wait(_NUMBER_EVERY_S)
                self._wake.clear()
            else:
                self._stop.wait(_ASK_EVERY_S)
        self._number_last()

    def _take_turn(self) -> None:
        connection = self._seat.connection or self._seat.hold()
        if connection is None:
            return
        try:
            with Session(connection, info=self._info) as session:
                numbered = self._number(session)
                session.commit()
        except SQLAlchemyError:
            self._seat.release()
            raise
        if numbered:
            self._wake.set()  # there may be more
            self._on_commit()

    def _number_last(self) -> None:
        """Give up the seat with nothing left behind, so that the next one begins at once."""
        try:
            self._take_turn()
        except SQLAlchemyError:
            return
        finally:
            self._seat.release()
