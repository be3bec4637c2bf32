"""Real databases for tests: a migrated SQLite file, and a PostgreSQL cluster of our own."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

from consult.db.migrate import upgrade_to_head

PG_BIN = Path("/usr/lib/postgresql/15/bin")
_START_S = 60


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL, with a migrated template."""

    port: int
    control: tuple[str, ...]
    options: tuple[str, ...]

    def start(self) -> None:
        """Until it takes connections."""
        _as_postgres([*self.control, *self.options, "-w", "-t", str(_START_S), "start"])

    def stop(self) -> None:
        """As if the power were cut: no checkpoint, no farewell."""
        _as_postgres([*self.control, "-m", "immediate", "-w", "stop"])

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://clinic@127.0.0.1:{self.port}/{name}"

    def make_database(self, template: str = "migrated") -> str:
        """A fresh copy of the template; of `template0` it is empty."""
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def empty_database(self, url: str) -> None:
        """Take every row out again: far quicker than another copy of the template."""
        with psycopg.connect(url, autocommit=True) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'alembic_version'"
            ).fetchall()
            statements = [f'DELETE FROM "{table[0]}"' for table in tables]  # noqa: S608 - names of our own tables
            sequences = connection.execute("SELECT sequencename FROM pg_sequences").fetchall()
            statements += [f'ALTER SEQUENCE "{sequence[0]}" RESTART' for sequence in sequences]
            connection.execute(
                "SET session_replication_role = replica; " + "; ".join(statements)  # type: ignore[arg-type] # names of our own tables
            )


@contextlib.contextmanager
def run_cluster(*, waits_for_disk: bool = False) -> Iterator[Cluster]:
    """A PostgreSQL of our own, as its own user, on its own port; gone afterwards."""
    data = Path(tempfile.mkdtemp(prefix="lianzhen-pg-"))
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    port = free_port()
    initdb = [str(PG_BIN / "initdb"), "-D", str(data), "-U", "clinic", "-A", "trust"]
    _as_postgres([*initdb, "-E", "UTF8", *([] if waits_for_disk else ["--no-sync"])])
    options = f"-p {port} -h 127.0.0.1 -c unix_socket_directories="
    if not waits_for_disk:
        options += " -c fsync=off -c full_page_writes=off"
    control = (str(PG_BIN / "pg_ctl"), "-D", str(data))
    cluster = Cluster(port, control, ("-o", options, "-l", str(data / "log")))
    cluster.start()
    try:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE migrated")
        upgrade_to_head(cluster.url("migrated"))
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(data, ignore_errors=True)


def make_sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file to be copied."""
    path = folder / "migrated.db"
    upgrade_to_head(f"sqlite:///{path}")
    return path


def _as_postgres(command: list[str]) -> None:
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=_START_S * 2, cwd="/")
