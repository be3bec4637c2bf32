"""Rows whose likeness the journal keeps: an entry tells how each row stood after what it tells of.

A row's likeness is a keyed hash of every column that its table had when it was told of, so that it
says nothing to whoever has not the keys, and no change of the row goes unseen, however small.
"""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Table, select

from consult.db.base import Base
from consult.journal.row_columns import COLUMNS, FIRST
from consult.kernel.keys import Vault
from consult.kernel.work import Work

CODE: Final = "rows"
"""Under which code an entry names rows, as `table@version/id=likeness`, parted by blanks.

Lines of the first releases say `table/id=likeness`: that is the first version.
"""
_PURPOSE: Final = "row-likeness"
_LENGTH: Final = 32


def table_of(row_type: type[Base]) -> Table:
    """The table of a row class of ours."""
    table = row_type.__table__
    assert isinstance(table, Table)  # noqa: S101 - what every row class of ours has
    return table


def kept(work: Work, row_type: type[Base], *ids: str) -> dict[str, str]:
    """The code for an entry's `codes`: how these rows stand now, written after they were changed.

    A row has one key, `id`.
    """
    table = table_of(row_type)
    version = newest_version(table.name)
    statement = select(table).where(table.c.id.in_(sorted(ids))).order_by(table.c.id)
    words = []
    for row in work.session.execute(statement):
        hashed = likeness(table.name, row._asdict(), version=version, vault=work.vault)
        words.append(f"{table.name}@{version}/{row.id}={hashed}")
    return {CODE: " ".join(words)}


def newest_version(table: str) -> str:
    """Which of a table's versions rows are told of by now."""
    return list(COLUMNS[table])[-1]


def likeness(table: str, values: Mapping[str, object], *, version: str, vault: Vault) -> str:
    """A keyed hash over the name of the table and the columns of this version.

    A version that this release does not know, or a column that is gone, is like nothing.
    """
    names = COLUMNS[table].get(version)
    if names is None or not values.keys() >= set(names):
        return ""
    columns = {name: _plain(values[name]) for name in names}
    text = json.dumps([table, columns], ensure_ascii=False, sort_keys=True)
    return vault.blind(text, purpose=_PURPOSE)[:_LENGTH]


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry tells of one row, and of which version of its table's columns."""

    version: str
    hashed: str


def parse_rows(code: object) -> dict[tuple[str, str], Told]:
    """What an entry tells, by table and id."""
    told = {}
    for word in str(code or "").split():
        name, _, hashed = word.partition("=")
        where, _, row_id = name.partition("/")
        table, _, version = where.partition("@")
        told[(table, row_id)] = Told(version or FIRST, hashed)
    return told


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
