"""The session of a unit that only reads: within one snapshot nothing needs to be asked twice."""

import sqlite3
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar, cast

from sqlalchemy.orm import Session

T = TypeVar("T")
MOST_KNOWN: Final = 8192

Known = dict[Hashable, object]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept: until the next COMMIT, and until one that does more than file objects."""

    brief: Known = field(default_factory=dict)
    lasting: Known = field(default_factory=dict)

    def clear_brief(self) -> "Facts":
        """The lasting ones alone, for as long as there are not too many."""
        return Facts(lasting=self.lasting) if len(self.lasting) <= MOST_KNOWN else Facts()


class UnknownError(Exception):
    """What a unit asks is not known: the database must be asked."""


class Memory:
    """What units found out, kept until anybody commits anything (decision 0170).

    `version` says a number that another COMMIT changes, whoever made it; it is asked before each
    unit, so that an answer is never older than the unit that gets it. A COMMIT of units that only
    file objects spares the lasting facts (decision 0190): the one thread that writes tells of it.
    """

    def __init__(self, version: Callable[[], int]) -> None:
        self._version, self._lock = version, threading.Lock()
        self._seen: int | None = None
        self._facts = Facts()
        self._is_filing = False

    def now(self) -> Facts:
        """What is known at this moment; a unit may add what it finds."""
        with self._lock:
            return self._looked()

    def at_once(self) -> Facts:
        """The same without waiting for anybody else who looks; raises UnknownError."""
        if not self._lock.acquire(blocking=False):
            raise UnknownError
        try:
            return self._looked()
        finally:
            self._lock.release()

    def mark(self) -> int | None:
        """The number within a transaction that writes: what others committed is forgotten by now.

        The thread that writes asks, while it keeps everybody else from committing.
        """
        with self._lock:
            self._looked()
            return self._seen

    def expect_filing(self, *, is_filing: bool) -> None:
        """Whether the next COMMIT of ours only files objects, as `spare` will say."""
        with self._lock:
            self._is_filing = is_filing

    def spare(self, mark: int | None, *, is_ours_alone: Callable[[], bool]) -> None:
        """Behind a COMMIT that only filed objects: the lasting facts stand.

        `is_ours_alone` is asked last, whether nobody else has committed up to then.
        """
        with self._lock:
            self._is_filing = False
            if self._seen != mark:
                return
            version = self._version()
            if is_ours_alone():
                self._facts, self._seen = self._facts.clear_brief(), version

    def _looked(self) -> Facts:
        version = self._version()
        if version != self._seen and self._is_filing:
            return Facts()  # whose COMMIT it was is not known yet: this unit asks for itself
        if version != self._seen:
            self._facts, self._seen = Facts(), version
        elif len(self._facts.brief) > MOST_KNOWN or len(self._facts.lasting) > MOST_KNOWN:
            self._facts = Facts()
        return self._facts


class Recalling(Session):
    """The session of a unit that is answered from memory alone; it reaches no database."""

    def __init__(self, facts: Facts, info: dict[Any, Any]) -> None:
        self.facts = facts
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

    def __init__(self, *args: Any, facts: Facts | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._found: Known = {}
        self.facts = Facts(self._found, self._found) if facts is None else facts
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


def require_thread(session: Session) -> None:
    """Raises UnknownError where the unit is answered on the loop: a thread runs it again."""
    if isinstance(session, (BriefSession, Recalling)):
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
        return _asked(session.facts.brief, question, find)
    return find()


def lasting(session: Session, question: Hashable, find: Callable[[], T]) -> T:
    """The same, and kept also while objects are filed, until anybody commits anything else.

    The answer must not rest on a table that a unit writes which only files objects: a test tells.
    """
    if isinstance(session, (ReadingSession, Recalling)):
        return _asked(session.facts.lasting, question, find)
    return find()


def _asked(found: Known, question: Hashable, find: Callable[[], T]) -> T:
    if question not in found:
        found[question] = find()
    return cast("T", found[question])
