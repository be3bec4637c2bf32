"""Brings a database to the newest schema: one alembic line for SQLite and PostgreSQL."""

from pathlib import Path

from alembic import command
from alembic.config import Config

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
