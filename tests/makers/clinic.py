"""Runs service steps in a test as a chosen person at a chosen time, on a real database."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from consult.db.engine import parse_database_url
from consult.db.unit import Units, make_units
from consult.journal import service as journal
from consult.journal.model import Line
from consult.journal.tables import EntryRow
from consult.kernel.keys import Vault
from consult.kernel.work import SYSTEM, Actor, Work

T = TypeVar("T")
_PATIENCE_S = 60
MORNING = datetime(2026, 1, 5, 0, 20, tzinfo=UTC)  # 08:20 in Shanghai


@dataclass(frozen=True)
class Clinic:
    """A database and a clock that stands still until it is moved."""

    units: Units
    vault: Vault
    now: datetime = MORNING

    def at(self, now: datetime) -> "Clinic":
        """The same clinic at another time."""
        return replace(self, now=now)

    def later(self, **delta: float) -> "Clinic":
        """The same clinic some time later."""
        return self.at(self.now + timedelta(**delta))

    def do(self, actor: Actor, step: Callable[..., T], **kwargs: Any) -> T:
        """Run a step in a unit of its own; its failure is raised here."""
        return self.start(actor, step, **kwargs).result(timeout=_PATIENCE_S)

    def start(self, actor: Actor, step: Callable[..., T], **kwargs: Any) -> "Future[T]":
        """Run a step without waiting for it (races)."""

        def unit(session: Session) -> T:
            record = partial(journal.record, session, actor, self.now)
            return step(Work(session, actor, self.now, record), **kwargs)

        return self.units.write(unit)

    def system(self, step: Callable[..., T], **kwargs: Any) -> T:
        """Run a step with no person behind it."""
        return self.do(SYSTEM, step, **kwargs)

    def settle(self) -> None:
        """Wait until every line that was written has its number."""
        until = time.monotonic() + _PATIENCE_S
        while not self.units.read(_is_numbered).result(timeout=_PATIENCE_S):
            assert time.monotonic() < until, "a line never got its number"
            time.sleep(0.01)

    def lines(self) -> list[Line]:
        """The numbered journal, oldest first, once everything that was written is numbered."""
        self.settle()
        return self.units.read(_read_all).result(timeout=_PATIENCE_S)

    def kinds(self) -> list[str]:
        """What happened, in order."""
        return [line.kind for line in self.lines()]


def _is_numbered(session: Session) -> bool:
    waiting = select(EntryRow.serial).where(EntryRow.position.is_(None)).limit(1)
    return session.scalar(waiting) is None


def _read_all(session: Session) -> list[Line]:
    lines: list[Line] = []
    while more := journal.lines_after(session, lines[-1].position if lines else 0):
        lines += more
    return lines


@contextmanager
def open_clinic(database_url: str) -> Iterator[Clinic]:
    """A clinic on this database, with keys of its own."""
    vault = Vault(b"k" * 32)
    units = make_units(
        parse_database_url(database_url),
        vault=vault,
        number=journal.number_entries,
        on_commit=lambda: None,
    )
    _compile_once(units, database_url)
    try:
        yield Clinic(units, vault)
    finally:
        units.close()


_ENGINES = ("_writer", "_reader", "_engine")
_STATEMENTS = 5000
_KEPT: dict[str, Engine] = {}


def _compile_once(units: Units, database_url: str) -> None:
    """A statement that an earlier test asked is compiled already: a fifth of a test's time."""
    url = parse_database_url(database_url)
    kept = _KEPT.get(url.drivername) or _keep(url)
    for engine in (getattr(units, name, None) for name in _ENGINES):
        if engine is not None:
            engine.dialect, engine._compiled_cache = kept.dialect, kept._compiled_cache  # noqa: SLF001 - SQLAlchemy keeps it an engine, we keep it a process


def _keep(url: URL) -> Engine:
    """An engine that has met its database once, as a dialect asks who it talks to."""
    engine = create_engine(url, poolclass=NullPool, query_cache_size=_STATEMENTS)
    engine.connect().close()
    return _KEPT.setdefault(url.drivername, engine)
