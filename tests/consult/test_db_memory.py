"""What was found is kept until anybody commits, and never a moment longer."""

import contextlib
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.db.reading import UnknownError, known, lasting
from consult.jobs.tables import JobRow
from consult.kernel.work import SYSTEM, Work
from consult.studies.quotas import store as quotas
from tests.makers.clinic import Clinic, open_clinic


def count(session: Session) -> int:
    """How many jobs there are, as something that every request asks."""
    return known(
        session, "jobs", lambda: session.scalar(select(func.count()).select_from(JobRow)) or 0
    )


def count_lasting(session: Session) -> int:
    """The same, as something that no filed object changes."""
    return lasting(
        session, "jobs", lambda: session.scalar(select(func.count()).select_from(JobRow)) or 0
    )


def file(clinic: Clinic) -> None:
    """A unit that only files objects commits."""

    def unit(session: Session) -> None:
        quotas.add(session, "place", size_bytes=1, instances=1, is_bound=False)

    clinic.units.write(unit, only_files=True).result(timeout=10)


def add(work: Work, job_id: str) -> None:
    """One more."""
    work.session.add(JobRow(id=job_id, kind="test", payload={}, run_at=work.now))


@pytest.fixture
def files(sqlite_url: str) -> Iterator[Clinic]:
    """A clinic on SQLite."""
    with open_clinic(sqlite_url) as opened:
        yield opened


def test_nothing_is_told_from_memory_that_was_not_asked_before(files: Clinic) -> None:
    with pytest.raises(UnknownError):
        files.units.recall(count)
    assert files.units.read(count).result(timeout=10) == 0
    assert files.units.recall(count) == 0


def test_a_commit_of_our_own_is_seen_by_the_next_unit(files: Clinic) -> None:
    for number in range(5):
        assert files.units.read(count).result(timeout=10) == number
        files.start(SYSTEM, add, job_id=str(number)).result(timeout=10)
        with pytest.raises(UnknownError):
            files.units.recall(count)


def test_a_commit_of_another_process_is_seen_as_well(files: Clinic, sqlite_url: str) -> None:
    assert files.units.read(count).result(timeout=10) == 0
    with open_clinic(sqlite_url) as other:
        other.start(SYSTEM, add, job_id="theirs").result(timeout=10)
        with pytest.raises(UnknownError):
            files.units.recall(count)
        assert files.units.read(count).result(timeout=10) == 1


def test_a_unit_that_writes_asks_each_time(files: Clinic) -> None:
    def add_and_count(work: Work) -> tuple[int, int]:
        before = count(work.session)
        add(work, "one")
        work.session.flush()
        return before, count(work.session)

    assert files.start(SYSTEM, add_and_count).result(timeout=10) == (0, 1)


def test_what_a_unit_that_failed_found_harms_nobody(files: Clinic) -> None:
    def fail(session: Session) -> int:
        count(session)
        raise LookupError

    with contextlib.suppress(LookupError):
        files.units.read(fail).result(timeout=10)
    assert files.units.recall(count) == 0


def test_what_lasts_is_kept_while_objects_are_filed_and_no_longer(files: Clinic) -> None:
    for number in range(3):
        for ask in (count, count_lasting):
            assert files.units.read(ask).result(timeout=10) == number
        file(files)
        assert files.units.recall(count_lasting) == number
        with pytest.raises(UnknownError):
            files.units.recall(count)
        files.start(SYSTEM, add, job_id=str(number)).result(timeout=10)
        with pytest.raises(UnknownError):
            files.units.recall(count_lasting)


def test_a_commit_of_another_process_between_two_filings_is_seen(
    files: Clinic, sqlite_url: str
) -> None:
    with open_clinic(sqlite_url) as other:
        for number in range(3):
            file(files)
            assert files.units.read(count_lasting).result(timeout=10) == number
            file(files)
            assert files.units.recall(count_lasting) == number
            other.start(SYSTEM, add, job_id=str(number)).result(timeout=10)
            file(files)
            with pytest.raises(UnknownError):
                files.units.recall(count_lasting)


def test_a_group_of_which_one_unit_does_more_than_file_forgets(files: Clinic) -> None:
    assert files.units.read(count_lasting).result(timeout=10) == 0
    started, go_on = threading.Event(), threading.Event()

    def hold(_session: Session) -> None:
        started.set()
        go_on.wait(60)

    first = files.units.write(hold, only_files=True)
    started.wait(60)
    second = files.start(SYSTEM, add, job_id="one")
    go_on.set()
    first.result(timeout=60)
    second.result(timeout=60)
    with pytest.raises(UnknownError):
        files.units.recall(count_lasting)
