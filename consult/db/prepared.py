"""Statements that are passed all the time: on SQLite they go straight to the driver (0191, 0193).

SQLite answers such a statement in a few microseconds; what stands between it and us took ten to
twenty times as long. Its text, the order of its values and how these are converted are found out
once. On PostgreSQL, where a statement is a journey anyway, it goes the usual way.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from consult.db.base import written
from consult.db.reading import ReadingSession
from consult.db.writing import WritingSession

Values = Mapping[str, Any]
Question = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Made:
    """The text for SQLite, its values in their order, and what a row becomes."""

    text: str
    values: Sequence[tuple[str, Any, _Convert]]
    columns: Sequence[tuple[int, Callable[[Any], Any]]]
    row: Callable[[Any], Any]

    def bound(self, values: Values) -> list[Any]:
        """The values as the driver takes them; what the statement has itself needs no naming."""
        return [
            value if convert is None else convert(value)
            for name, fixed, convert in self.values
            for value in (values.get(name, fixed),)
        ]

    def ask(self, driver: sqlite3.Connection, values: Values) -> list[Any]:
        """The rows, under the names of their columns."""
        found = driver.execute(self.text, self.bound(values)).fetchall()
        return [self.row(self._converted(row)) for row in found]

    def write(self, driver: sqlite3.Connection, rows: Sequence[Values]) -> int:
        """How many rows were hit."""
        if len(rows) == 1:
            return driver.execute(self.text, self.bound(rows[0])).rowcount
        return driver.executemany(self.text, map(self.bound, rows)).rowcount

    def failed(self, error: sqlite3.Error) -> BaseException:
        """The failure as every other statement tells it, without its values."""
        return DBAPIError.instance(self.text, None, error, sqlite3.Error, hide_parameters=True)

    def _converted(self, row: tuple[Any, ...]) -> Sequence[Any]:
        if not self.columns:
            return row
        converted = list(row)
        for place, convert in self.columns:
            converted[place] = convert(converted[place])
        return converted


class Prepared:
    """One statement over plain columns with named values, without lists among them.

    It sees what the unit has flushed, and fails as every other statement does.
    """

    def __init__(self, statement: Question | Insert | Update) -> None:
        self._statement = statement
        self._made: _Made | None = None

    def ask(self, session: Session, values: Values) -> Sequence[Any]:
        """The rows of a question."""
        driver = _driver_of(session)
        if driver is None:
            return session.connection().execute(self._statement, dict(values)).all()
        made = self._make(session)
        try:
            return made.ask(driver, values)
        except sqlite3.Error as error:
            raise made.failed(error) from error

    def write(self, session: Session, *rows: Values) -> int:
        """Write the rows in one step, in their order; how many were hit.

        An INSERT names its columns by the keys of the first row that it ever writes. Raises
        IntegrityError, after which nothing of the unit may stay.
        """
        if not rows:
            return 0
        driver = _driver_of(session)
        if driver is None:
            values = list(rows) if len(rows) > 1 else rows[0]
            return written(session.execute(self._statement, values)).rowcount
        made = self._make(session, rows[0])
        try:
            return made.write(driver, rows)
        except sqlite3.Error as error:
            raise made.failed(error) from None

    def _make(self, session: Session, first: Values | None = None) -> _Made:
        if self._made is None:
            self._made = _make(self._statement, session.get_bind().dialect, first)
        return self._made


def _driver_of(session: Session) -> sqlite3.Connection | None:
    """SQLite's own connection of the unit's transaction; None elsewhere."""
    return session.driver if isinstance(session, ReadingSession | WritingSession) else None


def _make(statement: Question | Insert | Update, dialect: Dialect, first: Values | None) -> _Made:
    keys = list(first) if isinstance(statement, Insert) and first is not None else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
    types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    values = [
        (name, compiled.params[name], types[name].bind_processor(dialect))
        for name in compiled.positiontup
    ]
    columns = [] if isinstance(statement, Insert | Update) else list(statement.selected_columns)
    converted = [
        (place, convert)
        for place, column in enumerate(columns)
        if (convert := _conversion(column, dialect)) is not None
    ]
    names = [str(column.key) for column in columns]
    make_kind: Any = namedtuple  # noqa: PYI024 - its fields are the statement's
    row = make_kind("row", names, rename=True)
    return _Made(str(compiled), values, converted, row._make)


def _conversion(column: ColumnElement[Any], dialect: Dialect) -> _Convert:
    """What makes a value of the column out of what the driver gives."""
    return column.type.dialect_impl(dialect).result_processor(dialect, None)
