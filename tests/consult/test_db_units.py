"""Units: durable before they answer, isolated from their neighbours in the group."""

from concurrent.futures import wait
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from consult.jobs.tables import JobRow
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
