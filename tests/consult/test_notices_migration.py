"""Migration 0050: whoever chose to hear of an answer hears of its change, and of a case's end."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import consult.db
from consult.db.engine import parse_database_url
from tests.makers.clinic import open_clinic
from tests.makers.consortium import make_consortium
from tests.makers.databases import Cluster
from tests.makers.notices import wish

_MIGRATIONS = Path(consult.db.__file__).parent / "migrations"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of either kind and of its own, at its newest schema."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.make_database()


def test_a_way_keeps_what_was_chosen_and_gains_what_belongs_to_it(database_url: str) -> None:
    with open_clinic(database_url) as clinic:
        world = make_consortium(clinic)
        both, one = wish(world, world.physician), wish(world, world.expert)
    config = _config(database_url)
    command.downgrade(config, "0047")
    _say(database_url, both, events="answered returned waiting", digest_at="12:00")
    _say(database_url, one, events="waiting", digest_at="")
    command.upgrade(config, "head")
    gained = {"answered", "amended", "returned", "ended", "not_submitted", "waiting"}
    assert _ways(database_url) == {both: (gained, "12:00"), one: ({"waiting"}, "")}
    command.downgrade(config, "0047")
    kept = {"answered", "returned", "waiting"}
    assert _ways(database_url) == {both: (kept, "12:00"), one: ({"waiting"}, "")}


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    url = parse_database_url(database_url).render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _say(database_url: str, way_id: str, **values: str) -> None:
    """The way as it was kept before."""
    engine = create_engine(parse_database_url(database_url))
    with engine.begin() as connection:
        statement = text(
            "UPDATE notice_ways SET events = :events, digest_at = :digest_at WHERE id = :id"
        )
        connection.execute(statement, {**values, "id": way_id})
    engine.dispose()


def _ways(database_url: str) -> dict[str, tuple[set[str], str]]:
    """What each way is told of, and when together."""
    engine = create_engine(parse_database_url(database_url))
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT id, events, digest_at FROM notice_ways")).all()
    engine.dispose()
    return {row.id: (set(row.events.split()), row.digest_at) for row in rows}
