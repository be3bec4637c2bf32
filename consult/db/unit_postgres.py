"""PostgreSQL: the same units on pooled connections in a bounded pool, one sequencer numbers."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from consult.db.engine import POSTGRES_CONNECTIONS, make_postgres
from consult.kernel.keys import Vault

T = TypeVar("T")
_SEQUENCE_EVERY_S = 1.0


class PostgresUnits:
    """One transaction a unit; entries get their place in the chain from the sequencer thread."""

    def __init__(
        self,
        url: URL,
        *,
        vault: Vault,
        number: Callable[[Session], int],
        on_commit: Callable[[], None],
    ) -> None:
        self._engine = make_postgres(url)
        self._info = {"vault": vault}
        self._number, self._on_commit = number, on_commit
        # one connection stays free for the sequencer
        self._pool = ThreadPoolExecutor(POSTGRES_CONNECTIONS - 1, thread_name_prefix="db")
        self._wake, self._stop = threading.Event(), threading.Event()
        self._ready = True
        self._sequencer = threading.Thread(target=self._sequence, name="db-sequence", daemon=True)
        self._sequencer.start()

    def write(self, unit: Callable[[Session], T]) -> "Future[T]":
        """Run in a transaction of its own."""
        return self._pool.submit(self._write, unit)

    def read(self, unit: Callable[[Session], T]) -> "Future[T]":
        """Run in a transaction that is rolled back."""
        return self._pool.submit(self._read, unit)

    def is_ready(self) -> bool:
        """Whether the last COMMIT succeeded."""
        return self._ready and self._sequencer.is_alive()

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._pool.shutdown(wait=True)
        self._stop.set()
        self._wake.set()
        self._sequencer.join(timeout=10)
        self._engine.dispose()

    def _write(self, unit: Callable[[Session], T]) -> T:
        with Session(self._engine, info=self._info) as session:
            value = unit(session)
            try:
                session.commit()
            except SQLAlchemyError:
                self._ready = False
                raise
        self._ready = True
        self._wake.set()
        return value

    def _read(self, unit: Callable[[Session], T]) -> T:
        with Session(self._engine, info=self._info) as session:
            return unit(session)

    def _sequence(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(_SEQUENCE_EVERY_S)
            self._wake.clear()
            if self._number_new():
                self._on_commit()

    def _number_new(self) -> int:
        try:
            with Session(self._engine, info=self._info) as session, session.begin():
                return self._number(session)
        except SQLAlchemyError:
            self._ready = False
            return 0
