"""Alembic's entry: the same line of migrations for both databases, each run in one transaction."""

import importlib
import pkgutil

from alembic import context

import consult
from consult.db.base import Base
from consult.db.engine import is_sqlite, make_postgres, make_sqlite_writer, parse_database_url

# every stage's tables, found by their file name, so that this floor imports no stage above it
for found in pkgutil.walk_packages(consult.__path__, "consult."):
    if found.name.endswith(".tables"):
        importlib.import_module(found.name)

url = parse_database_url(context.config.get_main_option("sqlalchemy.url") or "")
# the writer's engine begins its transactions itself, so a kill in mid-migration leaves nothing half
engine = make_sqlite_writer(url) if is_sqlite(url) else make_postgres(url)
with engine.begin() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    context.run_migrations()
engine.dispose()
