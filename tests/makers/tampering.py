"""What hands do to a copied installation, and what `verify` says first."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from consult.journal import service as journal
from consult.journal.model import FIRST_HASH, hash_of_line
from consult.kernel.work import Entry, Work
from server.settings import Settings
from tests.makers.clinic import Clinic
from tests.makers.tampered import Tampered
from tests.makers.world import open_installation


def first(place: Tampered) -> dict[str, str]:
    """The first finding of each fault."""
    return place.findings().first


def rechain(place: Tampered) -> None:
    """What a clever hand does: number every line anew and compute every hash anew."""
    with open_engineer(place) as clinic:
        lines = clinic.units.read(lambda session: journal.lines_after(session, 0, limit=10_000))
        told, previous = [], FIRST_HASH
        for position, line in enumerate(lines.result(), 1):
            previous = hash_of_line(previous, replace(line, position=position))
            told.append((position, previous, line.position))
    with closing(sqlite3.connect(place.database)) as connection, connection:
        connection.executemany(
            "UPDATE journal_entries SET position = ?, hash = ? WHERE position = ?", told
        )


@contextmanager
def open_engineer(place: Tampered) -> Iterator[Clinic]:
    """Services on a copied folder for the time of a block."""
    clinic = open_installation(Settings(data_dir=place.folder))
    try:
        yield clinic
    finally:
        clinic.units.close()


def note(work: Work) -> None:
    """Write a line about nothing."""
    work.journal(Entry("clinic.noted", "clinic", "0" * 32, words={"text": "王秀英"}))
