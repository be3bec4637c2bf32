"""SQLite: one thread writes, each unit is a savepoint, one COMMIT covers a group."""

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from consult.db.engine import (
    SQLITE_READERS,
    SqliteVersion,
    make_sqlite_glancer,
    make_sqlite_reader,
)
from consult.db.errors import sqlite_fault
from consult.db.reading import BriefSession, Memory, ReadingSession, Recalling, UnknownError
from consult.db.steps import Steps
from consult.db.writing import Writer
from consult.kernel.disk import DiskFailedError
from consult.kernel.keys import Vault

T = TypeVar("T")
GROUP_UNITS = 16
GROUP_S = 0.020


@dataclass(frozen=True, slots=True)
class _Job:
    unit: Callable[[Session], Any]
    answer: "Future[Any]"
    only_files: bool = False


@dataclass(frozen=True, slots=True)
class _Outcome:
    job: _Job
    value: Any = None
    failure: BaseException | None = None

    def tell(self, commit_failure: BaseException | None) -> None:
        """Give the caller its value, its own failure, or the failure of the group's COMMIT."""
        failure = self.failure or commit_failure
        with contextlib.suppress(Exception):  # a caller who went away has cancelled the future
            if failure is None:
                self.job.answer.set_result(self.value)
            else:
                self.job.answer.set_exception(failure)


class SqliteUnits:
    """Group commit over one connection: at most 16 units or 20 ms a COMMIT.

    After a failure of the disk nothing is written any more until somebody starts the server again:
    Linux forgets what an fsync could not write, so a second one would say yes without it.
    """

    def __init__(
        self,
        url: URL,
        *,
        vault: Vault,
        number: Callable[[Session], int],
        on_commit: Callable[[], None],
    ) -> None:
        self._writer = Writer(url)
        self._reader = make_sqlite_reader(url)
        self._steps = Steps()
        self._glancer, self._driver = make_sqlite_glancer(url, self._steps)
        self._version = SqliteVersion(url)
        self._memory = Memory(self._version.read)
        self._info = {"vault": vault}
        self._number, self._on_commit = number, on_commit
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(SQLITE_READERS, thread_name_prefix="db-read")
        self._ready, self._is_broken = True, False
        self._thread = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._thread.start()

    def write(self, unit: Callable[[Session], T], *, only_files: bool = False) -> "Future[T]":
        """Queue a unit for the writer."""
        answer: Future[T] = Future()
        self._jobs.put(_Job(unit, answer, only_files))
        return answer

    def read(self, unit: Callable[[Session], T]) -> "Future[T]":
        """Run on one of the reading connections."""
        return self._readers.submit(self._read, unit)

    def recall(self, unit: Callable[[Session], T]) -> T:
        """Answer from what is known since the last COMMIT; raises UnknownError. Never waits."""
        return unit(Recalling(self._memory.at_once(), self._info))

    def glance(self, unit: Callable[[Session], T]) -> T:
        """Answer a short question here and now; raises UnknownError where it is none."""
        facts, driver = self._memory.at_once(), self._driver
        self._steps.begin()
        try:
            driver.execute("BEGIN")
            with BriefSession(
                self._glancer, info=self._info, facts=facts, driver=driver
            ) as session:
                return unit(session)
        except (DBAPIError, sqlite3.Error):
            raise UnknownError from None
        finally:
            driver.rollback()

    def hold(self, name: str) -> bool:  # noqa: ARG002 - the folder's lock lets in one process alone
        """One process, so it holds every lease."""
        return True

    def is_ready(self) -> bool:
        """Whether the last COMMIT succeeded, and the disk never failed."""
        return self._ready and not self._is_broken and self._thread.is_alive()

    def has_failed(self) -> bool:
        """Whether the disk has failed: nothing is written until a new start."""
        return self._is_broken

    def close(self) -> None:
        """Commit what is queued, then stop."""
        self._jobs.put(None)
        self._thread.join(timeout=10)
        self._readers.shutdown(wait=True)
        self._writer.close()
        self._reader.dispose()
        self._glancer.dispose()
        self._version.close()

    def _read(self, unit: Callable[[Session], T]) -> T:
        facts = self._memory.now()
        with ReadingSession(self._reader, info=self._info, facts=facts) as session:
            return unit(session)

    def _run(self) -> None:
        self._settle()
        while (first := self._jobs.get()) is not None:
            self._commit_group(first)

    def _settle(self) -> None:
        """Bring what an earlier process left in the log into the database, and that to the disk."""
        with contextlib.suppress(SQLAlchemyError, sqlite3.Error):
            self._writer.driver.execute("PRAGMA wal_checkpoint(PASSIVE)").close()

    def _commit_group(self, first: _Job) -> None:
        if self._is_broken:
            _Outcome(first).tell(DiskFailedError())
            return
        outcomes: list[_Outcome] = []
        failure: BaseException | None = None
        try:
            with self._writer.begin():
                mark, others = self._memory.mark(), self._writer.version()
                self._attempt(first, outcomes)
                self._gather(outcomes)
                numbering = self._writer.unit(self._info)
                numbered = self._number(numbering)
                numbering.keep()
                only_files = all(outcome.job.only_files for outcome in outcomes)
                self._memory.expect_filing(is_filing=only_files)
            self._ready = True
            if only_files:
                self._memory.spare(mark, is_ours_alone=lambda: self._writer.version() == others)
        except Exception as error:  # noqa: BLE001 - the group's outermost point: every caller is told
            failure, self._ready, numbered, only_files = self._told(error), False, 0, False
            self._memory.expect_filing(is_filing=False)
        for outcome in outcomes or [_Outcome(first)]:
            outcome.tell(failure)
        if numbered and not only_files:  # whoever waits for a filed object looks each second
            self._on_commit()

    def _gather(self, outcomes: list[_Outcome]) -> None:
        deadline = time.monotonic() + GROUP_S
        while len(outcomes) < GROUP_UNITS and time.monotonic() < deadline:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is None:
                self._jobs.put(None)
                return
            self._attempt(job, outcomes)

    def _told(self, error: Exception) -> Exception:
        """What the caller is told; where the disk failed, nobody writes again."""
        fault = sqlite_fault(error)
        if isinstance(fault, DiskFailedError):
            self._is_broken = True
        return fault or error

    def _attempt(self, job: _Job, outcomes: list[_Outcome]) -> None:
        """Run one unit; raises its failure where SQLite has given up the whole group with it."""
        session = self._writer.unit(self._info)
        try:
            value = job.unit(session)
            session.keep()
        except Exception as error:  # noqa: BLE001 - one unit's failure is its caller's answer
            outcomes.append(_Outcome(job, failure=self._told(error)))
            try:
                session.undo()
            except (DBAPIError, sqlite3.Error):
                raise error from None
        else:
            outcomes.append(_Outcome(job, value=value))
        finally:
            session.close()
