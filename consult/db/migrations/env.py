"""Alembic's entry: the same line of migrations for both databases (batch mode for SQLite)."""

import importlib
import pkgutil

from alembic import context
from sqlalchemy import create_engine

import consult
from consult.db.base import Base

# every stage's tables, found by their file name, so that this floor imports no stage above it
for found in pkgutil.walk_packages(consult.__path__, "consult."):
    if found.name.endswith(".tables"):
        importlib.import_module(found.name)

config = context.config
engine = create_engine(config.get_main_option("sqlalchemy.url") or "")
with engine.begin() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    context.run_migrations()
engine.dispose()
