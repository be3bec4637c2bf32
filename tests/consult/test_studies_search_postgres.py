"""On PostgreSQL with many studies a search still goes by an index, whatever its statistics say."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from consult.kernel.work import Actor, Work
from consult.studies.index.model import Level
from consult.studies.index.search import Search, search
from consult.studies.index.service import STUDY_PURPOSE
from tests.makers.clinic import Clinic, open_clinic
from tests.makers.databases import Cluster

pytestmark = pytest.mark.postgres

STUDIES = 20_000
ACTOR = Actor(None, "here", session_id="machine:m", machine_id="m")
WHOLE = re.compile(r"Seq Scan on (studies|series|instances|study_index|custody)")
TABLES = ("studies", "custody", "series", "instances", "study_index", "grants")
FILL = (
    (
        "INSERT INTO studies (id, institution_id, patient_id, study_instance_uid, created_at)"
        " SELECT 's' || n, 'here', '', '2.25.' || n, '' FROM generate_series(1, :most) n"
    ),
    (
        "INSERT INTO custody (object_type, object_id, custodian_type, custodian_id)"
        " SELECT 'study', 's' || n, 'institution', 'here' FROM generate_series(1, :most) n"
    ),
    (
        "INSERT INTO series (id, study_id, series_instance_uid, modality)"
        " SELECT 'e' || n, 's' || n, '2.25.' || n || '.1', 'CT' FROM generate_series(1, :most) n"
    ),
    (
        "INSERT INTO instances (id, institution_id, series_id, sop_instance_uid, copy_number,"
        " sop_class_uid, transfer_syntax_uid, origin, source_sha256, frames, captured_source,"
        " captured_zone, likeness, received_at) SELECT 'i' || n, 'here', 'e' || n, '2.25.' || n ||"
        " '.1.1', 0, '1.2', '1.2', 'dicom', '', 1, 'unknown', '', 'uncertain', ''"
        " FROM generate_series(1, :most) n"
    ),
    (
        "INSERT INTO study_index (study_id, institution_id, study_date, study_time, accession,"
        " study_number, description, referring, person, name_keys, patient_number, patient_hash,"
        " birth_date, sex, told_sealed, told_hash) SELECT 's' || n, 'here',"
        " (20200101 + n % 1000)::text, '', 'A' || n, '', '', '==', '=small=', ' small ',"
        " 'N' || n, md5(n::text), '', 'F', :told, ''"
        " FROM generate_series(1, :most) n"
    ),
)
ASKED = {
    "number": ((("PatientID", "N1"),), "ix_study_index_number"),
    "accession": ((("AccessionNumber", "A17"),), "ix_study_index_accession"),
    "study": ((("StudyInstanceUID", "2.25.17"),), "ix_studies_uid"),
    "day": ((("StudyDate", "20200117"),), "ix_study_index_date"),
    "days": ((("StudyDate", "20200117-20200118"),), "ix_study_index_date"),
    "newest": ((), "ix_study_index_date"),
}


@pytest.fixture(scope="module")
def archive(cluster: Cluster, postgres_url: str) -> Iterator[Clinic]:
    """A clinic that holds many studies, and knows how many."""
    with open_clinic(postgres_url) as opened:
        opened.system(fill)
        yield opened
    cluster.empty_database(postgres_url)


def fill(work: Work) -> None:
    """Twenty thousand studies of one object."""
    told = work.vault.seal("{}", purpose=STUDY_PURPOSE)
    for statement in FILL:
        asked = {"most": STUDIES} | ({"told": told} if ":told" in statement else {})
        work.session.execute(text(statement), asked)
    for table in TABLES:
        work.session.execute(text(f"ANALYZE {table}"))


def plan_of(work: Work, keys: tuple[tuple[str, str], ...]) -> str:
    """How PostgreSQL goes about a search."""
    connection = work.session.connection()
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", keep)
    search(work, Search(Level.STUDY, "here", keys, limit=25))
    event.remove(connection, "before_cursor_execute", keep)
    statement, values = asked[0]
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
    return "\n".join(str(row[0]) for row in rows)


def test_a_search_among_many_goes_by_its_index_and_never_through_all(archive: Clinic) -> None:
    wrong = {}
    for word, (keys, wanted) in ASKED.items():
        plan = archive.do(ACTOR, plan_of, keys=keys)
        if wanted not in plan or WHOLE.search(plan):
            wrong[word] = plan
    assert wrong == {}


class UndoneError(Exception):
    """What a step found before it was undone."""


def test_without_its_index_the_same_look_finds_a_plan_that_is_none(archive: Clinic) -> None:
    def look(work: Work) -> None:
        work.session.execute(text("DROP INDEX ix_study_index_number"))
        raise UndoneError(plan_of(work, ASKED["number"][0]))

    with pytest.raises(UndoneError) as undone:
        archive.do(ACTOR, look)
    assert "ix_study_index_number" not in str(undone.value)
