"""Migration 0037: recordings that were kept before it count among what their institution keeps."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import consult.db
from consult.db.engine import parse_database_url
from consult.rooms.recordings import kept, service
from tests.makers.clinic import Clinic, open_clinic
from tests.makers.consortium import make_consortium
from tests.makers.databases import Cluster
from tests.makers.kept_recordings import SIZE_BYTES, make_part
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, come_in, talks

_MIGRATIONS = Path(consult.db.__file__).parent / "migrations"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of either kind and of its own, at its newest schema."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.make_database()


def test_what_was_recorded_before_is_counted_once_on_the_way_up(database_url: str) -> None:
    with open_clinic(database_url) as clinic:
        institution_id = keep_a_recording(clinic)
    counted = used(database_url, institution_id)
    command.downgrade(_config(database_url), "0036")
    assert used(database_url, institution_id) == counted - SIZE_BYTES
    forget(database_url, institution_id)
    command.upgrade(_config(database_url), "head")
    assert used(database_url, institution_id) == SIZE_BYTES


def keep_a_recording(clinic: Clinic) -> str:
    """A call that its physician recorded alone; the institution of its case."""
    world = make_consortium(clinic)
    case = make_read_case(world)
    call(world, case, world.physician)
    come_in(world, case, world.physician)
    clinic.do(world.physician, service.ask_recording, case_id=case.id, talks=talks())
    view = clinic.do(world.physician, service.show, case_id=case.id, talks=talks())
    part = make_part(case, view.last.id, 1)
    assert clinic.system(kept.keep_part, part=part) is True
    return case.institution_id


def used(database_url: str, institution_id: str) -> int:
    return int(_run(database_url, "SELECT size_bytes FROM storage_usage", institution_id) or 0)


def forget(database_url: str, institution_id: str) -> None:
    """As an institution that has never kept an image."""
    _run(database_url, "DELETE FROM storage_usage", institution_id)


def _run(database_url: str, statement: str, institution_id: str) -> object:
    engine = create_engine(parse_database_url(database_url))
    try:
        with engine.begin() as connection:
            whose = {"who": institution_id}
            found = connection.execute(text(f"{statement} WHERE institution_id = :who"), whose)
            return found.scalar() if found.returns_rows else None
    finally:
        engine.dispose()


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    url = parse_database_url(database_url).render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
