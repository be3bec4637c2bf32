"""One moment of a database as a SQLite file, whichever database it is, and back into either.

The rows travel as they lie: every column that is text on both databases stays the same text, so
that hashes over them hold. A snapshot of one column of the house is therefore also the way to the
other.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import NullPool

from consult.db.engine import POSTGRES_ARGUMENTS, is_sqlite
from consult.db.errors import DatabaseAwayError
from consult.db.migrate import upgrade_to_head
from consult.db.schema import is_empty

_ROWS_AT_ONCE: Final = 500
_VERSION: Final = "alembic_version"


def take_snapshot(url: URL, target: Path) -> None:
    """Write one moment of the database into a new SQLite file, while others write to it.

    Raises DatabaseAwayError.
    """
    target.unlink(missing_ok=True)
    if is_sqlite(url):
        _copy_file(url, target)
        return
    upgrade_to_head(f"sqlite:///{target}")
    with answering(), _connected(url, is_reading=True) as source:
        with _connected(_file(target)) as copy:
            _copy_rows(source, copy)
    _settle(target)


def lay_snapshot(source: Path, url: URL) -> None:
    """Fill a vacant database with the rows of a SQLite file of the newest schema, or leave it so.

    Raises DatabaseAwayError.
    """
    with answering():
        upgrade_to_head(url.render_as_string(hide_password=False))
        with _connected(_file(source), is_reading=True) as kept, _connected(url) as target:
            _copy_rows(kept, target)
            _set_sequences(target)


def is_vacant(url: URL) -> bool:
    """Whether nothing would be lost: no schema at all, or not a single row in it."""
    with answering():
        if is_empty(url.render_as_string(hide_password=False)):
            return True
        with _connected(url, is_reading=True) as connection:
            return all(
                connection.execute(select(table).limit(1)).first() is None
                for table in _tables(connection)
            )


def _copy_file(url: URL, target: Path) -> None:
    """By SQLite's own way: in WAL mode it holds up nobody."""
    with closing(sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)) as source:
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


def _copy_rows(source: Connection, target: Connection) -> None:
    """Every row of every table of ours, parents first; the target's migrations made them all."""
    for table in _tables(target):
        found = source.execute(select(table), execution_options={"yield_per": _ROWS_AT_ONCE})
        with found as rows:
            for some in rows.partitions():
                target.execute(table.insert(), [dict(row._mapping) for row in some])  # noqa: SLF001 - its public name


def _tables(connection: Connection) -> list[Table]:
    """As they are in this database, so that a value passes no type of ours on its way."""
    found = MetaData()
    event.listen(found, "column_reflect", _as_generic)
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION]


def _as_generic(_inspector: object, _table: Table, column: dict[str, Any]) -> None:
    """A type that both databases have."""
    column["type"] = column["type"].as_generic()
    column["default"] = None


def _set_sequences(target: Connection) -> None:
    """PostgreSQL counts on from the highest number that was laid down."""
    if target.dialect.name == "sqlite":
        return
    for table in _tables(target):
        for column in table.primary_key.columns:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            if target.scalar(select(sequence)) is not None:
                highest = select(func.max(column)).scalar_subquery()
                target.execute(select(func.setval(sequence, func.coalesce(highest, 1))))


@contextmanager
def _connected(url: URL, *, is_reading: bool = False) -> Iterator[Connection]:
    """One transaction on a connection of its own; reading ends without a trace."""
    engine = _engine(url, is_reading=is_reading)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            yield connection
            if is_reading:
                transaction.rollback()
    finally:
        engine.dispose()


def _engine(url: URL, *, is_reading: bool) -> Engine:
    if is_sqlite(url):
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args=dict(POSTGRES_ARGUMENTS)
    )
    if not is_reading:
        return engine
    # PostgreSQL 13.2.2: every statement sees the moment of the first one
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def answering() -> Iterator[None]:
    """A database that does not answer has one name in this house."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise DatabaseAwayError from None


def _file(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _settle(target: Path) -> None:
    """One file without a log beside it."""
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
