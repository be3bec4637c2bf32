"""An installation that somebody tampers with behind the server's back, and what verify says."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consult.journal import service as journal
from consult.journal.anchor import Anchor, format_anchor
from consult.kernel.work import Work
from consult.reports.seal import load_seal
from server.anchors import FILE, append_line
from server.settings import Settings
from server.transactions import utc_now
from server.verification.findings import Findings
from server.verification.opened import opened
from server.verification.walk import verify
from tests.makers.clinic import Clinic
from tests.makers.tampered_columns import TABLES

_TRIES = 1000


@dataclass(frozen=True)
class Tampered:
    """A data folder, and a hand in it."""

    folder: Path

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / "lianzhen.db"

    def copy_to(self, other: Path) -> "Tampered":
        """The same folder elsewhere; the database was closed, so its file is whole."""
        shutil.copytree(self.folder, other)
        return Tampered(other)

    def execute(self, *statements: str) -> None:
        """Change rows as an engineer with the file could."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            _take_guards_away(connection)
            for statement in statements:
                connection.execute(statement)

    def query(self, statement: str) -> list[Any]:
        """Look at rows."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def findings(self, *, is_quick: bool = False, copies: tuple[Path, ...] = ()) -> Findings:
        """What verify finds."""
        settings = Settings(data_dir=self.folder)
        with opened(settings, is_quick=is_quick, copies=copies) as checked:
            return verify(checked, progress=lambda *_: None)

    def anchor(self, clinic: Clinic) -> Anchor:
        """Anchor the present head, as the server does each minute."""
        position, line_hash = clinic.system(_head)
        seal = load_seal(self.folder / "keys")
        anchor = Anchor(utc_now(), position, line_hash)
        line = format_anchor(anchor, sign=seal.sign, seal_id=seal.id)
        append_line(self.folder / FILE, line)
        return anchor

    def blobs(self) -> list[Path]:
        """Every stored file."""
        return sorted((self.folder / "blobs").glob("[!.]*/*/*"))


def _take_guards_away(connection: sqlite3.Connection) -> None:
    """Whoever may write to the database may also drop what refuses it."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in found:
        text = name.decode() if isinstance(name, bytes) else name
        connection.execute(f"DROP TRIGGER {text}")


@contextmanager
def flipped_row(place: Tampered, seed: random.Random, table: str) -> Iterator[str]:
    """One byte of one value of one row is another one for the time of a block."""
    with closing(sqlite3.connect(place.database, isolation_level=None)) as connection:
        connection.text_factory = bytes
        _take_guards_away(connection)
        for _ in range(_TRIES):
            column = seed.choice(TABLES[table])
            rows = connection.execute(
                f"SELECT rowid, {column} FROM {table} WHERE length({column}) > 0"  # noqa: S608 - our names
            ).fetchall()
            if not rows:
                continue
            rowid, value = seed.choice(rows)
            is_text = connection.execute(
                f"SELECT typeof({column}) FROM {table} WHERE rowid = ?",  # noqa: S608 - our names
                (rowid,),
            ).fetchone() == (b"text",)
            holder = "CAST(? AS TEXT)" if is_text else "?"
            change = f"UPDATE {table} SET {column} = {holder} WHERE rowid = {{}}"  # noqa: S608
            try:
                other = _flip(value, seed)
                connection.execute(change.format("?"), (other, rowid))
            except sqlite3.IntegrityError:
                continue
            break
        else:
            raise AssertionError(f"{table} has nothing that could be changed")
        now = other if column == "serial" else rowid  # a whole-number key is the row's own number
        try:
            yield f"{table}.{column} of row {rowid}: {value!r} became {other!r}"
        finally:
            connection.execute(change.format("?"), (value, now))


@contextmanager
def flipped_file(path: Path, seed: random.Random) -> Iterator[str]:
    """One byte of a file is another one for the time of a block."""
    offset = seed.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(offset)
        before = file.read(1)
        file.seek(offset)
        file.write(_flip(before, seed))
    try:
        yield f"{path.name} at {offset}"
    finally:
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(before)


def _flip(value: bytes | int, seed: random.Random) -> bytes | int:
    if isinstance(value, int):
        return value ^ (1 << seed.randrange(16))
    place = seed.randrange(len(value))
    changed = bytearray(value)
    changed[place] ^= seed.randrange(1, 256)
    return bytes(changed)


def _head(work: Work) -> tuple[int, str]:
    return journal.head(work.session)
