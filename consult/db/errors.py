"""What a caller is told when the database or its disk goes away in the middle of a unit."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from consult.kernel.disk import DiskFailedError, StorageFullError
from consult.kernel.errors import UnavailableError

_PRIMARY = 0xFF  # the rest of SQLite's number says where it happened
_NO_DISK = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_READONLY}
)


class DatabaseAwayError(UnavailableError):
    """The database cannot be reached; the unit was undone as a whole."""

    def __init__(self) -> None:
        super().__init__("database-away")


class DatabaseUnsureError(UnavailableError):
    """The line was cut during COMMIT: nobody can say whether the unit is durable."""

    def __init__(self) -> None:
        super().__init__("database-unsure")


def sqlite_fault(error: BaseException) -> UnavailableError | None:
    """What a failure says about the disk under SQLite; None where it says something else."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    number = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK)
    if number in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}:
        return StorageFullError()
    return DiskFailedError() if number & _PRIMARY in _NO_DISK else None
