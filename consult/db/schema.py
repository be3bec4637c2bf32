"""Which schema a database has, asked at every start: without alembic, which takes 0.1 s to load."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, inspect, text

from consult.db.engine import is_sqlite, parse_database_url

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
_REVISION: Final = re.compile(r'^(revision|down_revision)\b[^=\n]*= "(\w+)"$', re.MULTILINE)


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
    engine = create_engine(parse_database_url(database_url))
    try:
        with engine.connect() as connection:
            found = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    finally:
        engine.dispose()
    return set(found) == find_heads()


def find_heads() -> set[str]:
    """The migrations that no other one follows: as alembic's rule, one in a released program."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in _VERSIONS.glob("[0-9]*.py"):
        for role, revision in _REVISION.findall(path.read_text("utf-8")):
            named[role].add(revision)
    return named["revision"] - named["down_revision"]
