"""Engines for both columns: one SQLite file, or PostgreSQL by psycopg."""

import sqlite3
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import QueuePool, StaticPool

from consult.db.steps import Steps

SQLITE_READERS = 4
POSTGRES_CONNECTIONS = 8
_POOL_WAIT_S = 10
# a database that stopped answering is noticed within seconds (libpq 34.1.2)
POSTGRES_ARGUMENTS: Mapping[str, int] = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# our questions are short: compiling one (30 ms of a list's 60) costs more than it ever saves
_NO_JIT = "-c jit=off"


def parse_database_url(text: str) -> URL:
    """The URL with its driver named: `postgresql://` means psycopg 3."""
    url = make_url(text)
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def is_sqlite(url: URL) -> bool:
    """Whether the URL names a SQLite file."""
    return url.get_backend_name() == "sqlite"


def make_sqlite_writer(url: URL) -> Engine:
    """The one writing connection: WAL, full durability, every transaction taken at its start."""
    engine = create_engine(
        url,
        poolclass=StaticPool,
        hide_parameters=True,  # an error must not show whose data it was about
        connect_args={"check_same_thread": False},
    )
    _prepare_sqlite(engine, begin="BEGIN IMMEDIATE", query_only=False)
    return engine


def make_sqlite_reader(url: URL) -> Engine:
    """A few connections that can only read."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=SQLITE_READERS,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_S,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    _prepare_sqlite(engine, begin="BEGIN", query_only=True)
    return engine


def make_sqlite_glancer(url: URL, steps: Steps) -> tuple[Engine, sqlite3.Connection]:
    """One connection for short questions: it waits for no lock, and stops after so many steps."""
    engine = create_engine(
        url,
        poolclass=StaticPool,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    _prepare_sqlite(engine, begin="BEGIN", query_only=True)

    @event.listens_for(engine, "connect")
    def _bound(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=0")
        connection.set_progress_handler(steps.count, Steps.A_TIME)

    with engine.connect() as opened:
        driver = cast("sqlite3.Connection", opened.connection.dbapi_connection)
    return engine, driver


class SqliteVersion:
    """Whether anybody has committed anything: a connection of its own that asks nothing else."""

    def __init__(self, url: URL) -> None:
        self._connection = sqlite3.connect(
            str(url.database), check_same_thread=False, isolation_level=None
        )

    def read(self) -> int:
        """A number that a COMMIT of any other connection changes (PRAGMA data_version)."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def close(self) -> None:
        """Ask no more."""
        self._connection.close()


def make_postgres(url: URL) -> Engine:
    """A bounded pool of PostgreSQL connections, checked before use."""
    return create_engine(
        url,
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_S,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={**POSTGRES_ARGUMENTS, "options": _NO_JIT},
    )


def _prepare_sqlite(engine: Engine, *, begin: str, query_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would break savepoints
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("PRAGMA temp_store=MEMORY")  # rows of patients lie in no file of /var/tmp
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        """By the driver: nobody need hear of it, and it is a third of a short question."""
        driver = connection.connection.dbapi_connection
        if not driver.in_transaction:
            driver.execute(begin)
