"""Rows whose likeness the journal keeps: an entry tells how each row stood after what it tells of.

A row's likeness is a keyed hash of every column, so that it says nothing to whoever has not the
keys, and no change of the row goes unseen, however small.
"""

import enum
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy import Table, select

from consult.db.base import Base
from consult.kernel.keys import Vault
from consult.kernel.work import Work

CODE: Final = "rows"
"""Under which code an entry names rows, as `table/id=likeness`, parted by blanks."""
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
    statement = select(table).where(table.c.id.in_(sorted(ids))).order_by(table.c.id)
    found = [row._asdict() for row in work.session.execute(statement)]
    told = (f"{table.name}/{row['id']}={likeness(table, row, vault=work.vault)}" for row in found)
    return {CODE: " ".join(told)}


def likeness(table: Table, values: Mapping[str, object], *, vault: Vault) -> str:
    """A keyed hash over the name of the table and every column."""
    columns = {column.name: _plain(values[column.name]) for column in table.columns}
    text = json.dumps([table.name, columns], ensure_ascii=False, sort_keys=True)
    return vault.blind(text, purpose=_PURPOSE)[:_LENGTH]


def parse_rows(code: object) -> dict[tuple[str, str], str]:
    """What an entry tells, by table and id."""
    told = {}
    for word in str(code or "").split():
        name, _, hashed = word.partition("=")
        table, _, row_id = name.partition("/")
        told[(table, row_id)] = hashed
    return told


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
