"""The walk over the journal on either database: what was changed is named, and nothing else."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.journal import audit
from consult.kernel.faults import Fault
from consult.kernel.work import Entry, Work
from tests.makers.clinic import Clinic


def walk(clinic: Clinic) -> tuple[int, list[tuple[str, str]]]:
    clinic.lines()

    def look(session: Session) -> tuple[int, list[tuple[str, str]]]:
        seen = audit.Walk()
        met = [*audit.walk_chain(session, seen), *audit.check_words(session, seen)]
        met += audit.unplaced(session)
        return seen.lines, [(each.kind, each.place) for each in met if isinstance(each, Fault)]

    return clinic.units.read(look).result(timeout=20)


def write(work: Work, number: int) -> None:
    work.journal(Entry("case.opened", "case", f"{number:032x}", words={"name": "王秀英"}))


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT 1", []),
        (
            "UPDATE journal_entries SET reason='x' WHERE position=3",
            [("journal-changed", "3")],
        ),
        (
            "UPDATE journal_entries SET at='2026-01-05 00:20:00.000000Z' WHERE position=3",
            [("journal-unreadable", "3")],
        ),
        (
            "UPDATE journal_entries SET codes='{ }' WHERE position=3",
            [("journal-unreadable", "3")],
        ),
        (
            (
                'UPDATE journal_detail SET words=\'{"name":"王秀兰"}\' WHERE serial='
                "(SELECT serial FROM journal_entries WHERE position=3)"
            ),
            [("words-changed", "3")],
        ),
    ],
)
def test_a_change_is_named_with_its_position(
    clinic: Clinic, statement: str, found: list[tuple[str, str]]
) -> None:
    for number in range(5):
        clinic.system(write, number=number)
    clinic.lines()
    clinic.units.write(lambda session: session.execute(text(statement)) and None).result(timeout=10)
    assert walk(clinic) == (5, found)
