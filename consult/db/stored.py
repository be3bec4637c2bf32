"""Rows as they truly lie in the database, read so that a damaged value is told and not raised.

A typed read forgives: a JSON text with another blank, or a time with another separator, gives the
same value. Whoever looks for a changed byte must see the bytes themselves.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    cast,
    select,
    type_coerce,
)
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from consult.db.base import Base
from consult.db.engine import is_sqlite, make_postgres, make_sqlite_reader
from consult.kernel.keys import Vault

_ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class StoredRow:
    """The values of one row by column; `unreadable` names those that no release has written."""

    values: Mapping[str, Any]
    unreadable: tuple[str, ...]


@contextmanager
def open_reading(url: URL, *, vault: Vault) -> Iterator[Session]:
    """One snapshot of the whole database that cannot write, beside a server that may be running."""
    engine = make_sqlite_reader(url) if is_sqlite(url) else make_postgres(url)
    if not is_sqlite(url):
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    try:
        with Session(engine, info={"vault": vault}) as session:
            yield session
    finally:
        engine.dispose()


def stored_rows(
    session: Session, row_type: type[Base], *, by: str, where: ColumnElement[bool] | None = None
) -> Iterator[StoredRow]:
    """Every row of a table in the order of this column."""
    table = row_type.__table__
    assert isinstance(table, Table)  # noqa: S101 - what every row class of ours has
    raw = _as_bytes if session.get_bind().dialect.name == "sqlite" else _as_text
    statement = select(*(raw(column) for column in table.columns)).order_by(table.columns[by])
    if where is not None:
        statement = statement.where(where)
    found = session.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE))
    for natives in found:
        yield _read(table, natives, session)


def _as_bytes(column: "Column[Any]") -> ColumnElement[Any]:
    """SQLite forgives what is not UTF-8 only in bytes."""
    return type_coerce(cast(column, LargeBinary), LargeBinary).label(f"raw_{column.name}")


def _as_text(column: "Column[Any]") -> ColumnElement[Any]:
    native = String() if isinstance(column.type, TypeDecorator) else column.type
    return type_coerce(column, native).label(f"raw_{column.name}")


def _read(table: Table, natives: Any, session: Session) -> StoredRow:
    values: dict[str, Any] = {}
    unreadable: list[str] = []
    for column, native in zip(table.columns, natives, strict=True):
        try:
            values[column.name] = _value(column, native, session)
        except (ValueError, LookupError, TypeError, RecursionError):
            values[column.name] = None
            unreadable.append(column.name)
    return StoredRow(values, tuple(unreadable))


def _value(column: "Column[Any]", native: Any, session: Session) -> Any:
    """The typed value; ValueError where writing it again would not give the same bytes."""
    if native is None:
        return _nothing(column)
    if isinstance(column.type, LargeBinary):
        return bytes(native)
    text = bytes(native).decode() if isinstance(native, bytes | memoryview) else native
    if isinstance(column.type, Integer):
        return _whole(str(text))
    if not isinstance(column.type, TypeDecorator):
        return text
    dialect = session.get_bind().dialect
    value = column.type.process_result_value(text, dialect)
    if column.type.process_bind_param(value, dialect) != text:
        raise ValueError(column.name)
    return value


def _nothing(column: "Column[Any]") -> None:
    if not column.nullable:
        raise ValueError(column.name)


def _whole(text: str) -> int:
    if str(int(text)) != text:
        raise ValueError(text)
    return int(text)
