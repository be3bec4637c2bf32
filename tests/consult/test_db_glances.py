"""A short question is answered on the loop; what is long, or would wait, is left to a thread."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from consult.db.base import table_of
from consult.db.lists import batched, named, padded, parameters
from consult.db.prepared import Prepared
from consult.db.reading import UnknownError, known, require_short
from consult.jobs.tables import JobRow
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations.zones import keep_zone
from tests.makers.clinic import Clinic, open_clinic

_JOB = table_of(JobRow).c
_BY_IDS = select(_JOB.id, _JOB.run_at, _JOB.payload).order_by(_JOB.id)
LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
    " SELECT count(*) FROM n"
)


@pytest.fixture
def files(sqlite_url: str) -> Iterator[Clinic]:
    """A clinic on SQLite."""
    with open_clinic(sqlite_url) as opened:
        yield opened


def add(work: Work, *, job_id: str) -> None:
    """One more job."""
    work.session.add(JobRow(id=job_id, kind="test", payload={"for": job_id}, run_at=work.now))


def count(session: Session) -> int:
    """How many jobs there are."""
    return session.scalar(select(func.count()).select_from(JobRow)) or 0


def steps(session: Session, most: int) -> int:
    """A question that takes so long."""
    return int(session.execute(LONG, {"most": most}).scalar_one())


def test_a_glance_sees_every_commit_and_writes_nothing(files: Clinic, sqlite_url: str) -> None:
    assert files.units.glance(count) == 0
    for number in range(3):
        files.do(SYSTEM, add, job_id=str(number))
        assert files.units.glance(count) == number + 1
    with open_clinic(sqlite_url) as other:
        other.do(SYSTEM, add, job_id="theirs")
    assert files.units.glance(count) == 4

    def write(session: Session) -> None:
        session.execute(text("DELETE FROM jobs"))

    with pytest.raises(UnknownError):
        files.units.glance(write)
    assert files.units.glance(count) == 4


def test_a_long_question_is_stopped_and_the_next_short_one_is_not(files: Clinic) -> None:
    assert files.units.glance(lambda session: steps(session, 500)) == 500
    with pytest.raises(UnknownError):
        files.units.glance(lambda session: steps(session, 500_000))
    assert files.units.glance(lambda session: steps(session, 500)) == 500
    patient = files.units.read(lambda session: steps(session, 500_000))
    assert patient.result(timeout=60) == 500_000


def test_a_long_answer_is_left_to_a_thread(files: Clinic) -> None:
    def tell(session: Session) -> str:
        require_short(session, 51, most=50)
        return "told"

    with pytest.raises(UnknownError):
        files.units.glance(tell)
    assert files.units.read(tell).result(timeout=60) == "told"


def test_what_a_glance_finds_is_known_until_a_commit(files: Clinic) -> None:
    def ask(session: Session) -> int:
        return known(session, "jobs", lambda: count(session))

    assert files.units.glance(ask) == files.units.recall(ask) == 0
    files.do(SYSTEM, add, job_id="one")
    with pytest.raises(UnknownError):
        files.units.recall(ask)
    assert files.units.glance(ask) == 1


def test_a_failure_leaves_no_transaction_open(files: Clinic, sqlite_url: str) -> None:
    def fail(session: Session) -> None:
        count(session)
        raise LookupError

    with pytest.raises(LookupError):
        files.units.glance(fail)
    files.do(SYSTEM, add, job_id="one")
    assert files.units.glance(count) == 1
    path = sqlite_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:  # nobody reads, so that all of the log can go
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_a_prepared_question_says_the_same_wherever_it_is_asked(clinic: Clinic) -> None:
    for number in range(5):
        clinic.do(SYSTEM, add, job_id=f"job-{number}")
    ids = padded(["job-1", "job-3", "job-4"])
    question = Prepared(_BY_IDS.where(_JOB.id.in_(parameters("id", len(ids)))))

    def ask(session: Session) -> list[tuple[str, object, object]]:
        rows = question.ask(session, named("id", ids))
        return [(row.id, row.run_at, row.payload["for"]) for row in rows]

    wanted = [(each, clinic.now, each) for each in ("job-1", "job-3", "job-4")]
    assert clinic.units.read(ask).result(timeout=60) == wanted
    assert clinic.do(SYSTEM, lambda work: ask(work.session)) == wanted


def test_a_prepared_question_binds_its_values_anew_each_time(files: Clinic) -> None:
    for number in range(3):
        files.do(SYSTEM, add, job_id=str(number))
    most = bindparam("most", type_=Integer)
    question = Prepared(_BY_IDS.where(_JOB.kind == "test").limit(most))
    for limit in (1, 3, 2):
        found = files.units.glance(
            lambda session, most=limit: question.ask(session, {"most": most})
        )
        assert [row.id for row in found] == ["0", "1", "2"][:limit]


def test_a_zone_is_read_from_the_system_in_a_thread_and_then_known_everywhere(
    files: Clinic,
) -> None:
    with pytest.raises(UnknownError):
        files.units.glance(lambda session: keep_zone(session, "Asia/Urumqi"))
    files.units.read(lambda session: keep_zone(session, "Asia/Urumqi")).result(timeout=60)
    files.units.glance(lambda session: keep_zone(session, "Asia/Urumqi"))
    files.units.recall(lambda session: keep_zone(session, "Asia/Urumqi"))


@pytest.mark.parametrize(("how_many", "wanted"), [(1, 1), (2, 2), (3, 4), (5, 8), (256, 256)])
def test_lists_have_few_lengths(how_many: int, wanted: int) -> None:
    values = [str(number) for number in range(how_many)]
    assert len(padded(values)) == wanted
    assert set(padded(values)) == set(values)
    assert [len(some) for some in batched(values * 2)] in ([how_many * 2], [256, 256])


def test_a_prepared_question_that_fails_does_so_as_every_other_and_shows_no_value(
    files: Clinic,
) -> None:
    question = Prepared(_BY_IDS.where(_JOB.id == bindparam("id")))

    def spoil(work: Work) -> None:
        work.session.execute(text("ALTER TABLE jobs RENAME TO other"))

    files.do(SYSTEM, spoil)
    with pytest.raises(OperationalError) as failed:
        files.units.read(lambda session: question.ask(session, {"id": "王小东"})).result(timeout=60)
    assert "jobs" in str(failed.value)
    assert "王小东" not in str(failed.value)
