"""The one metadata, its naming convention, and the column types that every table uses."""

import enum
import json
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import CursorResult, Dialect, MetaData, Result, String, Table, Text, types
from sqlalchemy.orm import DeclarativeBase

E = TypeVar("E", bound=enum.StrEnum)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class NaiveTimeError(ValueError):
    """A time without a zone reached the database."""


class UtcTime(types.TypeDecorator[datetime]):
    """An instant, stored as ISO 8601 text in UTC with microseconds; a naive value is refused."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To sortable text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTimeError("a time without a zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Back to an aware instant."""
        return None if value is None else datetime.fromisoformat(value)


class Json(types.TypeDecorator[Any]):
    """A JSON value kept as canonical text (sorted keys, UTF-8), the same on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To text."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002 - SQLAlchemy's signature
        """Back to a value."""
        return None if value is None else json.loads(value)


class Code(types.TypeDecorator[E], Generic[E]):
    """An enumeration kept as its code in plain text (no native enums: one migration line)."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the code."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Back to the member."""
        return None if value is None else self.kind(value)


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcTime()}  # noqa: RUF012 - SQLAlchemy's own declaration


def table_of(kind: type[Base]) -> Table:
    """The table of these rows, for questions that are asked too often to be built anew each time.

    Such a question stands at the head of its module, over plain columns and bound parameters; what
    it finds are values and not rows of the ORM (decision 0106).
    """
    return cast("Table", kind.__table__)


def written(result: Result[*tuple[Any, ...]]) -> CursorResult[*tuple[Any, ...]]:
    """What a statement that writes says of itself: how many rows it hit, which key it made."""
    return cast("CursorResult[*tuple[Any, ...]]", result)
