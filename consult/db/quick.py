"""Statements of the hottest units, without what SQLAlchemy does around each of them (0190).

A statement over plain columns is compiled once. On SQLite its text goes straight to the driver, in
the unit's own transaction: what stands around it costs ten times the statement. On PostgreSQL,
where a statement is a journey anyway, it goes the usual way.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Insert, Select, Update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.db.base import written

Values = Mapping[str, Any]
_Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text for the driver, the values in its order, and how each goes in and comes out."""

    text: str
    names: Sequence[tuple[str, Any, _Process | None]]
    columns: Sequence[_Process | None]

    def bound(self, values: Values) -> list[Any]:
        """The values as the driver takes them; what the statement has itself needs no naming."""
        found = []
        for name, own, process in self.names:
            value = values.get(name, own)
            found.append(value if process is None else process(value))
        return found

    def told(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row as its types have it."""
        return tuple(
            value if process is None else process(value)
            for value, process in zip(row, self.columns, strict=True)
        )


class Quick:
    """One statement with bound parameters; an INSERT names its columns by the first row's keys."""

    def __init__(self, statement: Insert | Update | Select[Any]) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    def write(self, session: Session, *rows: Values) -> int:
        """Write the rows in one step, in their order; how many were hit.

        Raises IntegrityError, after which nothing of the unit may stay.
        """
        if not rows:
            return 0
        connection = _driver_of(session)
        if connection is None:
            values = list(rows) if len(rows) > 1 else rows[0]
            return written(session.execute(self._statement, values)).rowcount
        compiled = self._prepare(session, rows[0])
        try:
            if len(rows) == 1:
                return connection.execute(compiled.text, compiled.bound(rows[0])).rowcount
            return connection.executemany(compiled.text, map(compiled.bound, rows)).rowcount
        except sqlite3.IntegrityError as error:
            raise IntegrityError(None, None, error, hide_parameters=True) from None

    def rows(self, session: Session, values: Values) -> list[tuple[Any, ...]]:
        """What a question finds."""
        connection = _driver_of(session)
        if connection is None:
            return [tuple(row) for row in session.execute(self._statement, values)]
        compiled = self._prepare(session, values)
        found = connection.execute(compiled.text, compiled.bound(values))
        return [compiled.told(row) for row in found.fetchall()]

    def _prepare(self, session: Session, first: Values) -> _Compiled:
        if self._compiled is None:
            self._compiled = _compile(self._statement, session.get_bind().dialect, first)
        return self._compiled


def _driver_of(session: Session) -> sqlite3.Connection | None:
    """The driver's connection of the session's transaction, which begins here; None elsewhere."""
    found = session.connection().connection.driver_connection
    return found if isinstance(found, sqlite3.Connection) else None


def _compile(
    statement: Insert | Update | Select[Any], dialect: Dialect, first: Values
) -> _Compiled:
    keys = list(first) if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    names = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        names.append((name, bind.value, process))
    columns: list[_Process | None] = []
    if isinstance(statement, Select):
        columns = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in statement.selected_columns
        ]
    return _Compiled(str(compiled), names, columns)
