"""Brings a database to the newest schema: one alembic line for SQLite and PostgreSQL."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from consult.db.engine import is_sqlite, parse_database_url

_MIGRATIONS = Path(__file__).parent / "migrations"


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    url = parse_database_url(database_url).render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade_to_head(database_url: str) -> None:
    """Apply every migration that the database has not seen."""
    url = parse_database_url(database_url)
    if is_sqlite(url) and url.database is not None:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(_config(database_url), "head")


def is_empty(database_url: str) -> bool:
    """Whether the database has no schema yet; a SQLite file that is not there is not made."""
    url = parse_database_url(database_url)
    if is_sqlite(url) and not Path(url.database or "").exists():
        return True
    engine = create_engine(url)
    try:
        return not inspect(engine).has_table("alembic_version")
    finally:
        engine.dispose()


def is_at_head(database_url: str) -> bool:
    """Whether the schema is the one that this program was built for."""
    head = ScriptDirectory.from_config(_config(database_url)).get_current_head()
    engine = create_engine(parse_database_url(database_url))
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head
    finally:
        engine.dispose()
