"""Questions that are asked all the time: on SQLite they go straight to the driver (decision 0193).

SQLite answers such a question in a few microseconds; what stands between it and us took twenty
times as long. The text, its values' order and how values are converted are found out once.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, CompoundSelect, Dialect, Select, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from consult.db.reading import ReadingSession

_MOST_NAMED: Final = 256
Question = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Made:
    """The text for SQLite, its values in their order, and what a row becomes."""

    text: str
    values: Sequence[tuple[str, Any, _Convert]]
    columns: Sequence[tuple[int, Callable[[Any], Any]]]
    row: Callable[[Any], Any]

    def ask(self, driver: sqlite3.Connection, values: Mapping[str, Any]) -> list[Any]:
        """The rows, under the names of their columns; fails as every other question does."""
        told = [
            value if convert is None else convert(value)
            for name, fixed, convert in self.values
            for value in (values.get(name, fixed),)
        ]
        try:
            found = driver.execute(self.text, told).fetchall()
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                self.text, None, error, sqlite3.Error, hide_parameters=True
            ) from error
        return [self.row(self._converted(row)) for row in found]

    def _converted(self, row: tuple[Any, ...]) -> Sequence[Any]:
        if not self.columns:
            return row
        converted = list(row)
        for place, convert in self.columns:
            converted[place] = convert(converted[place])
        return converted


class Prepared:
    """A question with named values, without lists among them."""

    def __init__(self, statement: Question) -> None:
        self._statement = statement
        self._made: _Made | None = None

    def ask(self, session: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows: by the driver in a unit that reads SQLite, else as every other question."""
        if isinstance(session, ReadingSession) and (driver := session.driver) is not None:
            if self._made is None:
                self._made = _make(self._statement, session.get_bind().dialect)
            return self._made.ask(driver, values)
        return session.connection().execute(self._statement, dict(values)).all()


def _make(statement: Question, dialect: Dialect) -> _Made:
    compiled: Any = statement.compile(dialect=dialect)
    types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    values = [
        (name, compiled.params[name], types[name].bind_processor(dialect))
        for name in compiled.positiontup
    ]
    columns = list(statement.selected_columns)
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


def batched(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many at a time as one question names."""
    for start in range(0, len(values), _MOST_NAMED):
        yield values[start : start + _MOST_NAMED]


def padded(values: Sequence[str]) -> Sequence[str]:
    """The same values, the last of them again and again, up to a power of two.

    A question with a list among its values is another one for each length: so there are few.
    """
    wanted = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (wanted - len(values))]


def named(word: str, values: Sequence[Any]) -> dict[str, Any]:
    """Each value under the word and its place."""
    return {f"{word}{place}": value for place, value in enumerate(values)}


def parameters(word: str, how_many: int) -> list[BindParameter[Any]]:
    """What `named` gives values to."""
    return [bindparam(f"{word}{place}") for place in range(how_many)]
