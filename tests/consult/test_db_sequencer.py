"""PostgreSQL: one sequencer numbers what any process commits, and no reader misses a line."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from consult.db.engine import make_postgres, parse_database_url
from consult.db.errors import DatabaseAwayError, DatabaseUnsureError
from consult.db.lease import Lease
from consult.jobs.tables import JobRow
from consult.journal import service as journal
from consult.journal import store as journal_store
from consult.journal.model import FIRST_HASH
from consult.kernel.errors import UnavailableError
from consult.kernel.work import SYSTEM, Entry, Work
from tests.consult.test_db_units import add_job, count_jobs
from tests.makers.clinic import MORNING, Clinic, open_clinic
from tests.makers.databases import Cluster

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(180)]
_LINES = 150


@pytest.fixture
def url(postgres_url: str, cluster: Cluster) -> Iterator[str]:
    yield postgres_url
    cluster.empty_database(postgres_url)


@pytest.fixture
def pair(url: str) -> Iterator[tuple[Clinic, Clinic]]:
    """Two processes' worth of one clinic; the first has the seat."""
    with ExitStack() as stack:
        first = stack.enter_context(open_clinic(url))
        until_numbered(first, 1)
        yield first, stack.enter_context(open_clinic(url))


def write_line(work: Work, number: int) -> None:
    work.journal(Entry("case.opened", "case", f"{number:032x}"))


def head(clinic: Clinic) -> int:
    return clinic.units.read(lambda session: journal.head(session)[0]).result(timeout=10)


def until_numbered(clinic: Clinic, position: int, *, within_s: float = 10) -> float:
    """Write a line, and wait for its number; how long that took."""
    begun_s = time.monotonic()
    clinic.system(write_line, number=position)
    while head(clinic) < position:
        assert time.monotonic() - begun_s < within_s, "the line was not numbered"
        time.sleep(0.002)
    return time.monotonic() - begun_s


def soon(is_so: Callable[[], bool]) -> None:
    """The database hears of a farewell a moment later."""
    end_s = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.05)


_OTHERS = (
    " FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    " AND datname = current_database() AND application_name LIKE %s"
)


def count_sessions(url: str, like: str) -> int:
    """How many lines to the database there are."""
    with psycopg.connect(url, autocommit=True) as connection:
        return len(connection.execute(f"SELECT pid{_OTHERS}", [like]).fetchall())


def end_sessions(url: str, like: str = "%") -> int:
    """Cut lines to the database, as an administrator would."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(f"SELECT pg_terminate_backend(pid){_OTHERS}", [like])
        return len(found.fetchall())


def test_what_two_processes_write_at_once_is_one_chain_without_gaps(
    pair: tuple[Clinic, Clinic],
) -> None:
    started = [
        clinic.start(SYSTEM, write_line, number=number)
        for number in range(_LINES)
        for clinic in pair
    ]
    seen: list[int] = []
    over = threading.Event()

    def read_on() -> None:
        while not over.is_set() or (seen and seen[-1] < 2 * _LINES + 1):
            last = seen[-1] if seen else 0
            lines = pair[1].units.read(lambda s, last=last: journal.lines_after(s, last))
            seen.extend(line.position for line in lines.result(timeout=10))

    reader = threading.Thread(target=read_on)
    reader.start()
    for future in started:
        future.result(timeout=30)
    over.set()
    reader.join(timeout=20)
    assert seen == list(range(1, 2 * _LINES + 2))
    assert pair[0].units.read(journal.check_chain).result(timeout=10) == 2 * _LINES + 1


def test_a_line_of_the_process_without_the_seat_is_numbered_at_once(
    pair: tuple[Clinic, Clinic],
) -> None:
    took_s = [until_numbered(pair[1], position) for position in range(2, 32)]
    print(f"numbered after {statistics.median(took_s) * 1000:.0f} ms")  # noqa: T201 - a figure
    assert statistics.median(took_s) < 0.3  # some 40 ms on an idle machine


def test_the_seat_passes_on_when_its_holder_leaves(url: str) -> None:
    with open_clinic(url) as first:
        until_numbered(first, 1)
        with open_clinic(url) as second:
            until_numbered(second, 2)
            first.units.close()
            assert until_numbered(second, 3) < 3
            assert second.units.read(journal.check_chain).result(timeout=10) == 3


def test_the_seat_comes_back_when_its_line_is_cut(pair: tuple[Clinic, Clinic], url: str) -> None:
    soon(lambda: count_sessions(url, "lianzhen journal%") == 2)
    assert end_sessions(url, "lianzhen journal%") == 2
    assert until_numbered(pair[0], 2) < 5
    assert until_numbered(pair[1], 3) < 5
    soon(lambda: all(clinic.units.is_ready() for clinic in pair))


def test_two_who_numbered_at_once_without_the_seat_would_be_noticed(url: str) -> None:
    """The position is unique in the table itself: the second sequencer cannot commit."""
    engine = make_postgres(parse_database_url(url))
    try:
        with Session(engine) as session:
            journal.record(session, SYSTEM, MORNING, Entry("case.opened", "case", "0" * 32))
            journal.record(session, SYSTEM, MORNING, Entry("case.opened", "case", "1" * 32))
            session.commit()
        with Session(engine) as first, Session(engine) as second:
            rows = [journal_store.list_unnumbered(each, 2) for each in (first, second)]
            journal_store.save_places(first, rows[0][:1], 0, FIRST_HASH)
            first.commit()
            with pytest.raises(IntegrityError):
                journal_store.save_places(second, rows[1][1:], 0, FIRST_HASH)
    finally:
        engine.dispose()


def test_a_lease_has_one_holder_and_outlives_no_silence(url: str) -> None:
    where = parse_database_url(url)
    first, second = Lease(where, "test"), Lease(where, "test")
    assert first.hold() is not None
    assert first.hold() is not None
    assert second.hold() is None
    time.sleep(3.3)  # the first is frozen; the second was silent too and has to come anew
    with pytest.raises(SQLAlchemyError):
        second.hold()
    assert second.hold() is not None
    with pytest.raises(SQLAlchemyError):
        first.hold()
    assert first.hold() is None
    second.release()
    soon(lambda: first.hold() is not None)
    first.release()


def test_a_unit_whose_line_is_cut_is_done_once_all_the_same(
    pair: tuple[Clinic, Clinic], url: str
) -> None:
    tries = []

    def cut_once(work: Work) -> str:
        tries.append(1)
        add_job(work, "only one")
        if len(tries) == 1:
            assert end_sessions(url) > 0
        add_job(work, "and its neighbour")
        return "done"

    assert pair[0].system(cut_once) == "done"
    assert len(tries) == 2
    assert pair[0].units.read(count_jobs).result(timeout=10) == 2


def test_a_unit_that_looked_before_somebody_else_stepped_looks_again(
    pair: tuple[Clinic, Clinic],
) -> None:
    def add_unless_there(work: Work) -> str:
        if work.session.get(JobRow, "the only one") is not None:
            return "was there"
        pair[1].system(add_job, job_id="the only one")
        return add_job(work, "the only one")

    assert pair[0].system(add_unless_there) == "was there"
    with pytest.raises(IntegrityError):
        pair[0].system(add_job, job_id="the only one")
    assert pair[0].units.read(count_jobs).result(timeout=10) == 1


def test_a_unit_that_never_gets_through_is_refused_and_undone(
    pair: tuple[Clinic, Clinic], url: str
) -> None:
    def cut_always(work: Work) -> None:
        add_job(work, "never")
        end_sessions(url)
        add_job(work, "nor this")

    with pytest.raises(DatabaseAwayError) as refused:
        pair[0].system(cut_always)
    assert isinstance(refused.value, UnavailableError)
    assert pair[0].units.read(count_jobs).result(timeout=10) == 0


def test_a_line_cut_during_commit_is_told_as_unsure_and_not_tried_again(
    pair: tuple[Clinic, Clinic], url: str
) -> None:
    tries = []

    def cut_at_commit(work: Work) -> None:
        tries.append(1)
        add_job(work, "perhaps")
        event.listen(work.session, "before_commit", lambda _session: end_sessions(url))

    with pytest.raises(DatabaseUnsureError):
        pair[0].system(cut_at_commit)
    assert len(tries) == 1


def test_the_holder_can_be_named(pair: tuple[Clinic, Clinic], url: str) -> None:
    assert pair[0].units.hold("clock")
    assert not pair[1].units.hold("clock")
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
            " WHERE locktype = 'advisory' AND granted"
        ).fetchall()
    assert (f"lianzhen clock {os.getpid()}",) in found
