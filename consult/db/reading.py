"""The session of a unit that only reads: within one snapshot nothing needs to be asked twice."""

import sqlite3
import threading
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Final, TypeVar, cast

from sqlalchemy.orm import Session

T = TypeVar("T")
MOST_KNOWN: Final = 8192

Known = dict[Hashable, object]


class UnknownError(Exception):
    """What a unit asks is not known: the database must be asked."""


class Memory:
    """What units found out, kept until anybody commits anything (decision 0170).

    `version` says a number that another COMMIT changes, whoever made it; it is asked before each
    unit, so that an answer is never older than the unit that gets it.
    """

    def __init__(self, version: Callable[[], int]) -> None:
        self._version, self._lock = version, threading.Lock()
        self._seen: int | None = None
        self._known: Known = {}

    def now(self) -> Known:
        """What is known at this moment; a unit may add what it finds."""
        with self._lock:
            return self._looked()

    def at_once(self) -> Known:
        """The same without waiting for anybody else who looks; raises UnknownError."""
        if not self._lock.acquire(blocking=False):
            raise UnknownError
        try:
            return self._looked()
        finally:
            self._lock.release()

    def _looked(self) -> Known:
        version = self._version()
        if version != self._seen or len(self._known) > MOST_KNOWN:
            self._known, self._seen = {}, version
        return self._known


class Recalling(Session):
    """The session of a unit that is answered from memory alone; it reaches no database."""

    def __init__(self, known: Known, info: dict[Any, Any]) -> None:
        self.known = known
        self.info = info

    def connection(self, *_args: Any, **_options: Any) -> Any:
        """There is none: raises UnknownError."""
        raise UnknownError

    def execute(self, *_args: Any, **_options: Any) -> Any:
        """Nothing is asked here: raises UnknownError, as every other question does."""
        raise UnknownError

    def get(self, *_args: Any, **_options: Any) -> Any:
        """The same."""
        raise UnknownError

    def scalar(self, *_args: Any, **_options: Any) -> Any:
        """The same."""
        raise UnknownError

    def scalars(self, *_args: Any, **_options: Any) -> Any:
        """The same."""
        raise UnknownError


class ReadingSession(Session):
    """Keeps what was found until the unit ends, for whoever asks again (decision 0106)."""

    def __init__(self, *args: Any, known: Known | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._found: Known = {}
        self.known: Known = self._found if known is None else known
        self._driver: sqlite3.Connection | None = None
        self._has_looked = False

    @property
    def driver(self) -> sqlite3.Connection | None:
        """SQLite's own connection of this unit; None with another database."""
        if not self._has_looked:
            found: object = self.connection().connection.dbapi_connection
            self._driver = found if isinstance(found, sqlite3.Connection) else None
            self._has_looked = True
        return self._driver

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """The row with this key; the identity map alone would forget it with its last reader."""
        return self.once((entity, ident), partial(super().get, entity, ident, **options))

    def once(self, question: Hashable, find: Callable[[], T]) -> T:
        """What `find` says the first time that this is asked."""
        return _asked(self._found, question, find)


class BriefSession(ReadingSession):
    """The session of a unit that is answered on the loop, and so must be short (decision 0193)."""

    def __init__(self, *args: Any, driver: sqlite3.Connection, **options: Any) -> None:
        super().__init__(*args, **options)
        self._driver, self._has_looked = driver, True


def require_short(session: Session, size: int, *, most: int) -> None:
    """Raises UnknownError where more than this is not to be worked on here: a thread does it."""
    if size > most and isinstance(session, BriefSession):
        raise UnknownError


def once(session: Session, question: Hashable, find: Callable[[], T]) -> T:
    """What `find` says: asked once where nothing can change, and each time in a unit that writes.

    The answer is shared by all who ask, so it must be one that nobody changes.
    """
    return session.once(question, find) if isinstance(session, ReadingSession) else find()


def known(session: Session, question: Hashable, find: Callable[[], T]) -> T:
    """The same, and kept for the units that come after it until anybody commits.

    The answer must be frozen, hold no row of the ORM, and depend on nothing but what is stored:
    not on the time, and not on who asks.
    """
    if isinstance(session, (ReadingSession, Recalling)):
        return _asked(session.known, question, find)
    return find()


def _asked(found: Known, question: Hashable, find: Callable[[], T]) -> T:
    if question not in found:
        found[question] = find()
    return cast("T", found[question])
