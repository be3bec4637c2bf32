"""Units: durable before they answer, isolated from their neighbours in the group."""

from concurrent.futures import wait
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from consult.jobs.tables import JobRow
from consult.kernel.disk import StorageFullError
from consult.kernel.work import SYSTEM, Work
from tests.makers.clinic import MORNING, Clinic


def add_job(work: Work, job_id: str) -> str:
    work.session.add(JobRow(id=job_id, kind="test", payload={}, run_at=work.now))
    work.session.flush()
    return job_id


def count_jobs(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(JobRow)) or 0


def test_a_unit_that_fails_does_not_take_its_neighbours_with_it(clinic: Clinic) -> None:
    ids = ["a", "b", "a", "c", "b", "d"]
    futures = [clinic.start(SYSTEM, add_job, job_id=job_id) for job_id in ids]
    wait(futures, timeout=20)
    failures = [future.exception() for future in futures]
    assert sum(isinstance(failure, IntegrityError) for failure in failures) == 2
    assert clinic.units.read(count_jobs).result(timeout=10) == 4


def test_a_hundred_units_at_once_are_all_there(clinic: Clinic) -> None:
    futures = [clinic.start(SYSTEM, add_job, job_id=str(number)) for number in range(100)]
    assert {future.result(timeout=20) for future in futures} == {str(n) for n in range(100)}
    assert clinic.units.read(count_jobs).result(timeout=10) == 100


def test_a_time_without_a_zone_is_refused(clinic: Clinic) -> None:
    def naive(work: Work) -> None:
        naive_time = MORNING.replace(tzinfo=None)
        assert isinstance(naive_time, datetime)
        work.session.add(JobRow(id="x", kind="test", payload={}, run_at=naive_time))
        work.session.flush()

    with pytest.raises(StatementError):
        clinic.do(SYSTEM, naive)


def test_a_reader_cannot_write_on_sqlite(sqlite_url: str) -> None:
    from tests.makers.clinic import open_clinic  # noqa: PLC0415 - only this test opens its own

    with open_clinic(sqlite_url) as opened:

        def write(session: Session) -> None:
            session.add(JobRow(id="x", kind="test", payload={}, run_at=MORNING))
            session.flush()

        with pytest.raises(Exception, match="readonly"):
            opened.units.read(write).result(timeout=10)


def test_a_group_that_sqlite_gives_up_is_told_to_everybody_in_it(sqlite_url: str) -> None:
    """A full disk makes SQLite roll back all of a transaction, whosever statement it was."""
    from tests.makers.clinic import open_clinic  # noqa: PLC0415 - only this test opens its own

    let_go = Event()

    def give_up(work: Work) -> None:
        work.session.add(JobRow(id="lost", kind="test", payload={}, run_at=work.now))
        work.session.flush()
        work.session.connection().connection.driver_connection.execute("ROLLBACK")
        raise StorageFullError

    with open_clinic(sqlite_url) as opened:
        opened.start(SYSTEM, lambda _work: let_go.wait(60))
        before = opened.start(SYSTEM, add_job, job_id="before")
        lost = opened.start(SYSTEM, give_up)
        let_go.set()
        wait([before, lost], timeout=60)
        assert isinstance(lost.exception(), StorageFullError)
        stored = int(before.exception() is None)  # on a slow machine it was a group of its own
        assert opened.units.read(count_jobs).result(timeout=10) == stored
        assert opened.do(SYSTEM, add_job, job_id="after") == "after"
        assert opened.units.read(count_jobs).result(timeout=10) == stored + 1


SORTED = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
    "SELECT hex(randomblob(200)) AS h FROM n ORDER BY h"
)


def _temporary_files(session: Session) -> list[str]:
    """What SQLite has put into files of its own while it sorts more than its cache holds."""
    found = session.connection().execution_options(yield_per=1).execute(SORTED)
    next(found)
    opened = [_target(each) for each in Path("/proc/self/fd").iterdir()]
    found.close()
    return [name for name in opened if "etilqs" in name]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def test_no_row_lies_in_a_file_beside_the_data_folder(sqlite_url: str) -> None:
    from tests.makers.clinic import open_clinic  # noqa: PLC0415 - only this test opens its own

    with open_clinic(sqlite_url) as opened:
        assert opened.units.read(_temporary_files).result(timeout=60) == []
        assert opened.units.write(_temporary_files).result(timeout=60) == []
    plain = create_engine("sqlite://")
    with Session(plain) as session:
        assert _temporary_files(session)
    plain.dispose()
