"""A search goes by an index that begins with the institution, never through a whole table."""

import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest

from consult.kernel.work import SYSTEM, Work
from consult.studies import retrieval
from consult.studies.errors import InstanceNotFoundError
from consult.studies.index.search import Level, Search, search
from tests.makers.clinic import Clinic, open_clinic

ASKED = {
    "date": (Level.STUDY, "StudyDate", "20260101-20260131", "ix_study_index_date"),
    "accession": (Level.STUDY, "AccessionNumber", "A1", "ix_study_index_accession"),
    "number": (Level.STUDY, "PatientID", "N1", "ix_study_index_number"),
    "study": (Level.SERIES, "StudyInstanceUID", "1.2", "ix_studies_uid"),
    "objects": (Level.INSTANCE, "StudyInstanceUID", "1.2", "ix_studies_uid"),
    "object": (Level.INSTANCE, "SOPInstanceUID", "1.2", "sqlite_autoindex_instances"),
}

WHOLE = re.compile(r"SCAN (studies|series|instances|\w+_index)")


@pytest.fixture
def files(sqlite_url: str) -> Iterator[Clinic]:
    """A clinic on SQLite, whose plans can be read."""
    with open_clinic(sqlite_url) as opened:
        yield opened


def plan_of(work: Work, step: Callable[[], object]) -> str:
    """How SQLite goes about the first question of a step; asked of the driver, which sees all."""
    connection = work.session.connection()
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    statements: list[str] = []
    driver.set_trace_callback(statements.append)
    step()
    driver.set_trace_callback(None)
    asked = next(each for each in statements if each.startswith("SELECT"))
    return "\n".join(str(row[3]) for row in driver.execute(f"EXPLAIN QUERY PLAN {asked}"))


@pytest.mark.parametrize("word", ASKED)
def test_a_key_that_has_an_index_is_found_by_it(files: Clinic, word: str) -> None:
    level, keyword, value, wanted = ASKED[word]

    def look(work: Work) -> str:
        question = Search(level, "here", ((keyword, value),))
        return plan_of(work, lambda: search(work, question))

    plan = files.do(SYSTEM, look)
    assert wanted in plan, plan
    assert WHOLE.search(plan) is None, plan


def test_what_lies_under_a_study_is_found_by_its_number(files: Clinic) -> None:
    def look(work: Work) -> str:
        def step() -> None:
            with pytest.raises(InstanceNotFoundError):
                retrieval.list_instances_of(work, institution_id="here", study_uid="1.2")

        return plan_of(work, step)

    plan = files.do(SYSTEM, look)
    assert "ix_studies_uid" in plan, plan
    assert WHOLE.search(plan) is None, plan
