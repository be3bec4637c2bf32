"""The journal: an entry and its change commit together, and no line can be changed unseen."""

import time

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.journal import service as journal
from consult.journal.errors import ChainBrokenError
from consult.kernel.work import SYSTEM, Entry, Work
from tests.makers.clinic import Clinic


def write_lines(clinic: Clinic, count: int) -> None:
    for number in range(count):
        entry = Entry("case.opened", "case", f"{number:032x}", words={"name": "王秀英"})
        clinic.system(lambda work, entry: work.journal(entry), entry=entry)
    wait_for_lines(clinic, count)


def wait_for_lines(clinic: Clinic, count: int) -> None:
    for _ in range(200):
        if len(clinic.lines()) >= count:
            return
        time.sleep(0.02)
    pytest.fail("the lines were not numbered")


def test_lines_are_numbered_without_gaps_and_the_chain_holds(clinic: Clinic) -> None:
    write_lines(clinic, 5)
    assert [line.position for line in clinic.lines()] == [1, 2, 3, 4, 5]
    assert clinic.units.read(journal.check_chain).result(timeout=10) == 5


def test_a_step_that_fails_leaves_no_line(clinic: Clinic) -> None:
    def step(work: Work) -> None:
        work.journal(Entry("case.opened", "case", "0" * 32))
        raise LookupError

    with pytest.raises(LookupError):
        clinic.do(SYSTEM, step)
    write_lines(clinic, 1)
    assert len(clinic.lines()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entries SET kind='case.closed' WHERE position=2",
        "UPDATE journal_entries SET at='2020-01-01T00:00:00.000000Z' WHERE position=2",
        "UPDATE journal_entries SET hash='00' WHERE position=3",
        "UPDATE journal_entries SET position=99 WHERE position=2",
    ],
)
def test_a_changed_line_is_found(clinic: Clinic, statement: str) -> None:
    write_lines(clinic, 4)

    def tamper(session: Session) -> None:
        session.execute(text(statement))

    clinic.units.write(tamper).result(timeout=10)
    with pytest.raises(ChainBrokenError):
        clinic.units.read(journal.check_chain).result(timeout=10)


def test_the_words_can_be_erased_and_the_chain_still_holds(clinic: Clinic) -> None:
    write_lines(clinic, 2)

    def erase(session: Session) -> None:
        session.execute(text("UPDATE journal_detail SET words=NULL"))

    clinic.units.write(erase).result(timeout=10)
    assert clinic.units.read(journal.check_chain).result(timeout=10) == 2
    assert clinic.lines()[0].words == {}
