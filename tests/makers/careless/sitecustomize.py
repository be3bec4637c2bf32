"""A house that does not wait for its disk: on PYTHONPATH, SQLite is told synchronous=NORMAL.

The negative control of the campaign of power cuts: such a house must be caught losing what it
acknowledged, else the disk of the campaign forgets nothing.
"""

import functools
import sqlite3
import sqlite3.dbapi2
from typing import Any


class _Cursor(sqlite3.Cursor):
    def execute(self, statement: str, *told: Any) -> "_Cursor":
        return super().execute(statement.replace("synchronous=FULL", "synchronous=NORMAL"), *told)


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


sqlite3.connect = functools.partial(sqlite3.connect, factory=_Connection)
sqlite3.dbapi2.connect = sqlite3.connect
