"""The connection that writes to SQLite, and the session of a unit that does (decision 0206).

What SQLAlchemy does around BEGIN, a savepoint and COMMIT takes longer than SQLite: a unit begins by
the driver, and the ORM begins nothing before a unit asks it for something.
"""

import sqlite3
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.engine import URL, RootTransaction
from sqlalchemy.orm import Session

from consult.db.engine import make_sqlite_writer


class WritingSession(Session):
    """One unit: a savepoint of the driver's, and within it one of the ORM's where it is used."""

    def __init__(
        self, connection: Connection, *, driver: sqlite3.Connection, info: dict[Any, Any]
    ) -> None:
        super().__init__(connection, join_transaction_mode="create_savepoint", info=info)
        self.driver = driver
        driver.execute("SAVEPOINT unit")

    def keep(self) -> None:
        """What was done stays with the group."""
        if self.in_transaction():
            self.commit()
        self.driver.execute("RELEASE unit")

    def undo(self) -> None:
        """Nothing of it stays; fails where SQLite has given up the whole group."""
        if self.in_transaction():
            self.rollback()
        self.driver.execute("ROLLBACK TO unit")
        self.driver.execute("RELEASE unit")


class Writer:
    """The one connection that writes: opened by its own thread, which alone asks it anything."""

    def __init__(self, url: URL) -> None:
        self._engine = make_sqlite_writer(url)
        self._opened: tuple[Connection, sqlite3.Connection] | None = None

    @property
    def driver(self) -> sqlite3.Connection:
        """SQLite's own connection."""
        return self._open()[1]

    def begin(self) -> RootTransaction:
        """A group: committed where its block ends well."""
        return self._open()[0].begin()

    def unit(self, info: dict[Any, Any]) -> WritingSession:
        """One unit of the group."""
        connection, driver = self._open()
        return WritingSession(connection, driver=driver, info=info)

    def version(self) -> int:
        """A number that a COMMIT of another connection changes, and none of its own."""
        (version,) = self.driver.execute("PRAGMA data_version").fetchone()
        return int(version)

    def close(self) -> None:
        """Write no more."""
        if self._opened is not None:
            self._opened[0].close()
        self._engine.dispose()

    def _open(self) -> tuple[Connection, sqlite3.Connection]:
        if self._opened is None:
            connection = self._engine.connect()
            driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
            self._opened = connection, driver
        return self._opened
